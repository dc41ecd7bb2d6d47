"""What time does: reminders, few of them, and somebody else in the end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.db import db as _db
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.owners import start_screening
from reviewhub.submissions.progress import wait_for
from reviewhub.submissions.tasks import tick as task
from reviewhub.submissions.workflow import State
from tests.factories import Factory

Mails = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def waiting(db: Any, clock: Any, make: Factory, editor: Person) -> Submission:
    """Waits for the editor's first look."""
    submission = make.submission()
    start_screening(submission)
    return submission


def tick() -> int:
    """Run the task, whose session is its own: it sees what the test has written, and after it so
    does the test."""
    _db.session.commit()
    number = task()
    _db.session.expire_all()
    return int(number)


def days_long(clock: Any, days: int, *, ticks_a_day: int = 1) -> None:
    """Let days go by, with the task running on each."""
    for _day in range(days):
        clock.advance(days=1)
        for _tick in range(ticks_a_day):
            tick()


def test_nobody_is_reminded_before_the_date(waiting: Submission, clock: Any, mails: Mails) -> None:
    clock.moment = waiting.progress.due_at - timedelta(seconds=1)
    assert tick() == 0
    assert mails() == []


def test_a_late_editor_is_reminded_once_a_week_and_no_oftener(
    waiting: Submission, clock: Any, mails: Mails, editor: Person
) -> None:
    clock.moment = waiting.progress.due_at
    for _time in range(3):
        tick()
    assert mails() == [("submissions/remind_screening", editor.email)]
    days_long(clock, 7, ticks_a_day=3)
    assert mails() == [("submissions/remind_screening", editor.email)] * 2


def test_after_three_reminders_somebody_else_is_named(
    waiting: Submission, clock: Any, make: Factory, mails: Mails, editor: Person
) -> None:
    deputy = make.editor("Deputy")
    clock.moment = waiting.progress.due_at
    tick()
    days_long(clock, 21)
    assert mails()[-1] == ("submissions/escalate", deputy.email)
    assert len(mails()) == 4
    assert waiting.progress.owner_id == waiting.progress.editor_id == deputy.id
    assert waiting.progress.due_at > core_clock.now()
    event = history("submissions", waiting.id)[-1]
    assert (event.verb, event.data) == ("escalate", {"from_id": editor.id, "to_id": deputy.id})


def test_an_administrator_called_in_does_not_become_its_editor(
    waiting: Submission, clock: Any, make: Factory, db: Any, editor: Person
) -> None:
    waiting.submitter_id = editor.id  # whom nobody else on the staff can stand in for
    waiting.progress.owner_id = None
    admin = make.staff(Role.ADMIN)
    clock.moment = waiting.progress.due_at
    tick()
    assert waiting.progress.owner_id == admin.id
    assert waiting.progress.editor_id == editor.id


@pytest.mark.lasting
def test_calling_ends_where_nobody_is_left(
    waiting: Submission, clock: Any, make: Factory, mails: Mails
) -> None:
    make.editor()
    clock.moment = waiting.progress.due_at
    days_long(clock, 200)
    events = [event for event, _address in mails()]
    assert events.count("submissions/escalate") == 1
    assert events.count("submissions/remind_screening") == 6
    assert tick() == 0


@pytest.mark.lasting
def test_a_screened_one_is_called_for_no_more(
    waiting: Submission, clock: Any, mails: Mails, db: Any
) -> None:
    waiting.state = State.IN_REVIEW
    days_long(clock, 60)
    assert mails() == []


def test_a_guest_is_reminded_once_to_confirm(
    db: Any, clock: Any, make: Factory, mails: Mails
) -> None:
    submission = make.submission(state=State.DRAFT)
    wait_for(submission, submission.submitter_id, core_clock.now() + timedelta(days=14))
    days_long(clock, 2)
    assert mails() == []
    days_long(clock, 13, ticks_a_day=2)
    assert [event for event, _address in mails()] == ["submissions/remind_confirm"]


def test_a_draft_of_nobody_known_reminds_nobody(
    db: Any, clock: Any, make: Factory, mails: Mails
) -> None:
    make.submission(state=State.DRAFT, submitter_id=None, consented_at=None)
    days_long(clock, 20)
    assert mails() == []


@pytest.fixture
def returned(db: Any, clock: Any, make: Factory) -> Submission:
    """Waits thirty days for changes."""
    submission = make.submission(state=State.CHANGES_REQUESTED, changes_wanted="Say who made it.")
    wait_for(submission, submission.submitter_id, core_clock.now() + timedelta(days=30))
    return submission


@pytest.mark.lasting
def test_the_submitter_is_reminded_a_week_and_a_day_before_the_changes_are_due(
    returned: Submission, clock: Any, mails: Mails
) -> None:
    days_long(clock, 22, ticks_a_day=2)
    assert mails() == []
    days_long(clock, 1, ticks_a_day=2)
    assert len(mails()) == 1
    days_long(clock, 20, ticks_a_day=2)
    assert [event for event, _address in mails()] == ["submissions/remind_changes"] * 2


def test_after_days_without_a_tick_one_reminder_goes_out_not_two(
    returned: Submission, clock: Any, mails: Mails
) -> None:
    clock.advance(days=29, hours=1)
    tick()
    tick()
    assert len(mails()) == 1


@pytest.mark.lasting
def test_one_tick_takes_on_no_more_than_it_can_finish(
    db: Any, clock: Any, make: Factory, editor: Person, mails: Mails
) -> None:
    for _number in range(120):
        wait_for(make.submission(), editor.id, core_clock.now() - timedelta(days=1))
    assert tick() == 100
    assert tick() == 20
    assert tick() == 0
    assert len(mails()) == 120


def test_one_that_fails_holds_up_no_other(
    db: Any, clock: Any, make: Factory, editor: Person, mails: Mails
) -> None:
    nowhere = make.person()
    for owner_id in (nowhere.id, editor.id):
        wait_for(make.submission(), owner_id, core_clock.now() - timedelta(days=1))
    nowhere.email = ""  # nothing can be sent there
    tick()
    assert ("submissions/remind_screening", editor.email) in mails()
