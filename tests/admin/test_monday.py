"""The mail of the week: to who has something to do, once, on their first working morning."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.roles import Role
from reviewhub.admin.tasks import monday
from reviewhub.core import clock as core_clock
from reviewhub.notifications import choices
from reviewhub.notifications.kinds import How, Kind
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.rendering import render
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions.workflow import State


@pytest.fixture
def told(db: Any) -> Callable[[], list[Message]]:
    """Runs the task; the mails of the week that there are."""

    def run() -> list[Message]:
        db.commit()
        monday()
        db.expire_all()
        found = sa.select(Message).where(Message.event == "admin/monday").order_by(Message.id)
        return list(db.scalars(found))

    return run


@pytest.fixture
def busy(make: Any, clock: Any) -> Any:
    """An editor with two suggestions to screen, one of them late."""
    editor = make.editor()
    for title in ("A late one", "Another one"):
        item = make.submission(state=State.SUBMITTED, title=title)
        item.progress.owner_id = editor.id
        item.progress.due_at = core_clock.now()
    return editor


def test_it_names_what_waits_and_leads_to_it(busy: Any, told: Any, clock: Any) -> None:
    clock.advance(minutes=1)
    [message] = told()
    mail = render(message)
    text = mail.get_body(("plain",)).get_content()
    assert mail["To"] == busy.email
    assert "2 suggestions wait for you" in text
    assert text.count("http://localhost/desk/submissions/") == 2
    assert "A late one" in text
    assert "List-Unsubscribe" in mail


def test_it_comes_once_a_week(busy: Any, told: Any, clock: Any) -> None:
    assert len(told()) == len(told()) == 1
    clock.advance(days=1)
    assert len(told()) == 1
    clock.advance(days=6)
    assert len(told()) == 2


def test_it_comes_in_the_morning_of_whoever_reads_it(busy: Any, told: Any, clock: Any) -> None:
    busy.timezone = "America/New_York"  # four o'clock there, when the clock is set
    assert told() == []
    clock.advance(hours=4)
    assert len(told()) == 1


def test_whoever_has_nothing_to_do_is_left_alone(make: Any, told: Any, clock: Any) -> None:
    make.editor()
    make.staff(Role.ROSTER_MANAGER)
    make.staff(Role.ADMIN)
    assert told() == []


def test_each_role_hears_of_what_is_its_own(make: Any, told: Any, clock: Any, db: Any) -> None:
    manager, admin = make.staff(Role.ROSTER_MANAGER), make.staff(Role.ADMIN)
    db.add(
        Application(
            ref="RA-1", state=ApplicationState.SUBMITTED, person_id=make.person().id, name="A",
            country="FRA", organisation_name="B", internal=False, years_experience=5,
            statement="C", competing_interests="", consented_at=core_clock.now(),
            due_at=core_clock.now() + timedelta(days=9),
        )
    )  # fmt: skip
    db.add(
        Message(event="reviews/invite", object_type="people", object_id=1, address="a@b.example",
                recipient_id=admin.id, locale="en", state=MessageState.DEAD)
    )  # fmt: skip
    texts = {m.address: render(m).get_body(("plain",)).get_content() for m in told()}
    assert "1 application to the roster waits for an answer." in texts[manager.email]
    assert "1 mail did not arrive, or is held" in texts[admin.email]
    assert "application" not in texts[admin.email]


def test_who_does_not_want_it_gets_a_notice_only(busy: Any, told: Any) -> None:
    choices.choose(busy.id, {Kind.WEEKLY: How.NONE})
    assert [message.state for message in told()] == [MessageState.SILENT]
