"""One mail a day for what can wait: nothing of it twice, nothing lost, nothing urgent in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.models import Person
from reviewhub.accounts.queries import recipient
from reviewhub.core.workdays import Workdays
from reviewhub.notifications import choices, digests, mornings
from reviewhub.notifications.kinds import How, Kind
from reviewhub.notifications.models import Message, MessageState, Notice
from reviewhub.notifications.mornings import is_first_morning_of_week, next_morning
from reviewhub.notifications.outbox import deliver_due, hold_waiting, page, resend, tell, unsay
from reviewhub.notifications.rendering import render
from reviewhub.notifications.tasks import collect
from tests.conftest import START, SetClock
from tests.constraints import refused_by
from tests.factories import Factory

Database = scoped_session[Session]
Say = Callable[..., None]
S = MessageState
AT_ONCE = "reviews/find_conflict"  # what an editor has to act on, and so can't wait
NEXT_MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)  # the clock is set to a Monday, nine o'clock


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Whom the mails are for, in London."""
    person = make.person(email="ada@host.example")
    person.timezone = "Europe/London"
    return person


@pytest.fixture
def say(ada: Person) -> Say:
    """Tells her, as an editor, that a reviewer can't."""

    def told(ref: str, event: str = "reviews/decline", **more: Any) -> None:
        tell(
            event, recipient(ada), ada, occurrence=ref,
            target=page("admin.item", ref=ref), ref=ref, title=f"Title of {ref}", name="Ada",
            **more,
        )  # fmt: skip

    return told


def sent(*, by: Any = None) -> list[str]:
    """What is handed to the mail server now, by subject."""
    subjects: list[str] = []
    deliver_due(by or (lambda message: subjects.append(str(render(message)["Subject"]))))
    return subjects


def states(db: Database) -> list[MessageState]:
    db.expire_all()
    return list(db.scalars(sa.select(Message.state).order_by(Message.id)))


def test_what_can_wait_comes_in_one_mail_on_the_next_morning(
    db: Database, clock: SetClock, say: Say
) -> None:
    for ref in ("RH-1", "RH-2", "RH-3"):
        say(ref)
    assert (sent(), collect(), states(db)) == ([], 0, [S.WAITING] * 3)
    clock.moment = NEXT_MORNING
    assert collect() == 1
    assert sent() == ["3 things that happened"]
    assert states(db) == [S.SENT] * 4
    clock.advance(days=3)
    assert (collect(), sent()) == (0, [])


def test_a_digest_names_each_thing_once_and_leads_to_it(
    db: Database, clock: SetClock, say: Say
) -> None:
    say("RH-1")
    say("RH-2")
    clock.moment = NEXT_MORNING
    collect()
    mails: list[Any] = []
    sent(by=lambda message: mails.append(render(message)))
    [mail] = mails
    text = mail.get_body(("plain",)).get_content()
    for ref in ("RH-1", "RH-2"):
        line = f"- {ref}: a reviewer can’t, somebody else is asked\n  http://localhost/desk/submissions/{ref}"
        assert text.count(line) == 1
    html = mail.get_body(("html",)).get_content()
    assert html.count('<a class="button" href="http://localhost/desk/submissions/') == 2
    assert html.count("<li ") == 2


def test_a_digest_of_one_reads_like_the_mail_that_it_is(
    db: Database, clock: SetClock, say: Say
) -> None:
    say("RH-1")
    clock.moment = NEXT_MORNING
    collect()
    mails: list[Any] = []
    sent(by=lambda message: mails.append(render(message)))
    [mail] = mails
    assert mail["Subject"] == "RH-1: a reviewer can’t, somebody else is asked"
    assert "The next candidate is being invited" in mail.get_body(("plain",)).get_content()


def test_what_has_to_be_done_never_waits_for_it(db: Database, clock: SetClock, say: Say) -> None:
    say("RH-1", AT_ONCE)
    say("RH-2")
    assert sent() == ["A reviewer may have a conflict now: Title of RH-1"]


def test_a_crash_before_the_commit_leaves_every_line_waiting(
    db: Database, clock: SetClock, ada: Person, say: Say
) -> None:
    say("RH-1")
    say("RH-2")
    db.commit()
    clock.moment = NEXT_MORNING
    digests.collect(ada.id)
    db.rollback()  # what a process that died leaves behind
    assert states(db) == [S.WAITING] * 2
    assert collect() == 1
    assert sent() == ["2 things that happened"]


def test_a_crash_after_the_commit_leaves_one_digest_to_be_sent(
    db: Database, clock: SetClock, say: Say
) -> None:
    class Killed(BaseException):
        """The worker is gone."""

    def die(_message: Message) -> None:
        raise Killed

    say("RH-1")
    say("RH-2")
    clock.moment = NEXT_MORNING
    collect()
    with pytest.raises(Killed):
        deliver_due(die)
    assert states(db) == [S.BUNDLED, S.BUNDLED, S.SENDING]
    clock.advance(minutes=2)
    assert collect() == 0
    assert sent() == ["2 things that happened"]
    assert states(db) == [S.SENT] * 3


def test_collecting_twice_makes_one_digest(
    db: Database, clock: SetClock, ada: Person, say: Say
) -> None:
    say("RH-1")
    say("RH-2")
    clock.moment = NEXT_MORNING
    assert [digests.collect(ada.id), digests.collect(ada.id)] == [2, 0]
    say("RH-3")  # for the morning after
    assert digests.collect(ada.id) == 0
    assert len(sent()) == 1


def test_lines_told_later_come_with_the_next_digest(
    db: Database, clock: SetClock, say: Say
) -> None:
    say("RH-1")
    clock.moment = NEXT_MORNING
    collect()
    say("RH-2")
    assert len(sent()) == 1
    clock.advance(days=1)
    assert (collect(), sent()) == (1, ["RH-2: a reviewer can’t, somebody else is asked"])


def test_what_is_taken_back_before_the_morning_is_in_no_digest(
    db: Database, clock: SetClock, ada: Person, say: Say
) -> None:
    say("RH-1")
    assert unsay("reviews/decline", ada) == 1
    clock.moment = NEXT_MORNING
    assert (collect(), sent()) == (0, [])
    assert db.scalar(sa.select(sa.func.count(Notice.id))) == 0


def test_a_digest_that_is_refused_fails_with_its_lines(
    db: Database, clock: SetClock, say: Say
) -> None:
    say("RH-1")
    say("RH-2")
    clock.moment = NEXT_MORNING
    collect()

    def broken(_message: Message) -> None:
        raise ValueError("can't be written")

    deliver_due(broken)
    assert states(db) == [S.FAILED] * 3
    first, _second, digest = db.scalars(sa.select(Message).order_by(Message.id))
    resend(first)
    resend(digest)
    assert sorted(sent()) == ["RH-1: a reviewer can’t, somebody else is asked",
                              "RH-2: a reviewer can’t, somebody else is asked"]  # fmt: skip
    assert states(db) == [S.SENT] * 3


def test_a_restore_sends_no_digest(db: Database, clock: SetClock, say: Say) -> None:
    say("RH-1")
    assert hold_waiting() == 1
    clock.moment = NEXT_MORNING
    assert (collect(), sent(), states(db)) == (0, [], [S.HELD])


def test_a_long_digest_is_cut_and_says_so(
    db: Database, clock: SetClock, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewhub.notifications.rendering.MOST_LINES", 2)
    for number in range(5):
        say(f"RH-{number}")
    clock.moment = NEXT_MORNING
    collect()
    texts: list[str] = []
    sent(by=lambda m: texts.append(render(m).get_body(("plain",)).get_content()))  # type: ignore[union-attr]
    assert "And 3 more, which stand among your notices." in texts[0]
    assert "RH-4" not in texts[0]


def test_one_persons_trouble_keeps_no_other_digest(
    db: Database, clock: SetClock, make: Factory, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("RH-1")
    bob = make.person()
    tell("reviews/decline", recipient(bob), bob,
         target=page("admin.item", ref="RH-9"), ref="RH-9", title="T")  # fmt: skip
    bobs = bob.id
    db.commit()
    clock.moment = NEXT_MORNING + timedelta(hours=3)
    real = digests.collect

    def trouble(person_id: int) -> int:
        if person_id != bobs:
            raise RuntimeError
        return real(person_id)

    monkeypatch.setattr(digests, "collect", trouble)
    assert collect() == 1


# -- mornings --


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("zone", "after", "morning"),
    [
        ("UTC", "2026-03-02T09:00", "2026-03-03T08:00"),
        ("UTC", "2026-03-02T07:59", "2026-03-02T08:00"),
        ("UTC", "2026-03-02T08:00", "2026-03-03T08:00"),
        ("UTC", "2026-03-06T09:00", "2026-03-09T08:00"),  # from a Friday to the Monday
        ("Asia/Tokyo", "2026-03-02T00:00", "2026-03-02T23:00"),  # nine there: the next day's eight
        ("America/New_York", "2026-03-02T09:00", "2026-03-02T13:00"),  # they still sleep
        ("America/New_York", "2026-03-06T14:00", "2026-03-09T12:00"),  # their clocks change
        ("no/such/zone", "2026-03-02T09:00", "2026-03-03T08:00"),  # the hub's
        ("", "2026-03-02T09:00", "2026-03-03T08:00"),
    ],
)
def test_the_next_morning_is_the_readers_own(zone: str, after: str, morning: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_morning(moment, zone).isoformat() == f"{morning}:00+00:00"


def test_a_holiday_of_the_hub_is_no_working_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    days = Workdays(weekdays={6, 0, 1, 2, 3}, holidays={"2026-03-03"})
    monkeypatch.setattr(mornings, "_workdays", lambda: days)
    assert next_morning(START, "UTC") == datetime(2026, 3, 4, 8, tzinfo=UTC)
    thursday = datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert next_morning(thursday, "UTC") == datetime(2026, 3, 8, 8, tzinfo=UTC)  # a Sunday


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("moment", "is_first"),
    [("2026-03-02T07:59", False), ("2026-03-02T08:00", True), ("2026-03-03T08:00", False)],
)
def test_the_week_begins_on_its_first_working_morning(moment: str, is_first: bool) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert is_first_morning_of_week(at, "UTC") is is_first


def test_after_a_holiday_on_monday_the_week_begins_on_tuesday(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mornings, "_workdays", lambda: Workdays(holidays={"2026-03-02"}))
    monday, tuesday = START, START + timedelta(days=1)
    assert not is_first_morning_of_week(monday, "UTC")
    assert is_first_morning_of_week(tuesday, "UTC")


# -- what each person wants --


@pytest.mark.parametrize(
    ("how", "state"),
    [(How.AT_ONCE, S.QUEUED), (How.DIGEST, S.WAITING), (How.NONE, S.SILENT)],
)
def test_a_kind_comes_as_its_reader_wants_it(
    db: Database, ada: Person, say: Say, how: How, state: MessageState
) -> None:
    choices.choose(ada.id, {Kind.DESK: how})
    say("RH-1")
    assert states(db) == [state]
    assert db.scalar(sa.select(sa.func.count(Notice.id))) == 1  # the notice is there in any case


def test_no_choice_touches_what_is_transactional(db: Database, ada: Person, say: Say) -> None:
    choices.choose(ada.id, dict.fromkeys(Kind, How.NONE))
    say("RH-1", AT_ONCE)
    assert states(db) == [S.QUEUED]


def test_where_mail_comes_back_only_what_matters_is_tried(
    db: Database, clock: SetClock, ada: Person, say: Say
) -> None:
    ada.bouncing_since = START
    say("RH-1")
    say("RH-2", AT_ONCE)
    assert states(db) == [S.SILENT, S.QUEUED]


def test_stopping_the_digest_stops_every_kind_that_comes_in_it(ada: Person) -> None:
    choices.choose(ada.id, {Kind.LIBRARY: How.AT_ONCE})
    choices.stop(ada.id, "digest")
    found = choices.choices_of(ada.id)
    assert found[Kind.LIBRARY] is How.AT_ONCE
    assert found[Kind.ARRIVALS] is How.AT_ONCE
    assert {found[Kind.DESK], found[Kind.OUTCOMES]} == {How.NONE}


def test_the_weekly_mail_has_no_digest_to_be_in(ada: Person) -> None:
    choices.choose(ada.id, {Kind.WEEKLY: How.DIGEST})
    assert choices.wanted(ada.id, Kind.WEEKLY) is How.AT_ONCE


def test_the_database_keeps_no_unknown_choice(db: Database, ada: Person) -> None:
    choices.choose(ada.id, {Kind.DESK: How.NONE})
    for column, name in (("how", "ck_mail_choices_how"), ("kind", "ck_mail_choices_kind")):
        with refused_by(db, name):
            db.execute(sa.text(f"UPDATE mail_choices SET {column} = 'perhaps'"))
