"""Promising mails: once per cause, with a notice, and taken back while they wait."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.models import Person
from reviewhub.accounts.queries import recipient
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import WrongState
from reviewhub.core.nudges import nudger
from reviewhub.notifications import queries
from reviewhub.notifications.models import Message, MessageState, Notice
from reviewhub.notifications.outbox import DELIVER, Recipient, page, resend, tell, unsay
from tests.conftest import START, SetClock
from tests.factories import Factory

Database = scoped_session[Session]


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Whom the mails are for."""
    return make.person(email="ada@host.example", locale="fr")


def _say(person: Person, event: str = "reviews/invite", **values: Any) -> None:
    about = values.pop("about", person)
    target = values.pop("target", page("library.resource", slug="a"))
    tell(event, recipient(person), about, target=target, **values)


def _unread(db: Database, person: Person, most: int = 99) -> int | None:
    number = sa.select(queries.unread(Person.id, most=most)).where(Person.id == person.id)
    return db.scalar(number, {"moment": core_clock.now()})


def _messages(db: Database) -> list[Message]:
    return list(db.scalars(sa.select(Message).order_by(Message.id)))


def _notices(db: Database) -> list[Notice]:
    return list(db.scalars(sa.select(Notice).order_by(Notice.id)))


def test_a_promise_is_a_row_and_a_notice_with_what_they_need(db: Database, ada: Person) -> None:
    _say(ada, title="Title", target=page("library.resource", slug="a", link_id=5))
    (message,), (notice,) = _messages(db), _notices(db)
    assert (message.event, message.object_type, message.object_id) == (
        "reviews/invite",
        "people",
        ada.id,
    )
    assert (message.address, message.locale, message.state) == (
        "ada@host.example",
        "fr",
        MessageState.QUEUED,
    )
    assert message.context == {
        "title": "Title",
        "endpoint": "library.resource",
        "values": {"slug": "a"},
        "link_id": 5,
    }
    assert (message.created_at, message.due_at, message.attempts) == (START, START, 0)
    assert (notice.person_id, notice.message_id, notice.created_at) == (ada.id, message.id, START)
    assert (notice.endpoint, notice.values) == ("library.resource", {"slug": "a"})
    assert notice.context == {"title": "Title"}


def test_the_same_thing_is_told_once(db: Database, ada: Person) -> None:
    _say(ada, title="first", occurrence="1")
    _say(ada, title="second", occurrence="1")
    assert [message.context["title"] for message in _messages(db)] == ["first"]
    assert len(_notices(db)) == 1


@pytest.mark.parametrize("difference", ["event", "object", "recipient", "occurrence"])
def test_another_thing_is_told_as_well(
    db: Database, make: Factory, ada: Person, difference: str
) -> None:
    _say(ada)
    if difference == "event":
        _say(ada, "reviews/lapse")
    elif difference == "object":
        _say(ada, about=make.person())
    elif difference == "recipient":
        _say(make.person(), about=ada)
    else:
        _say(ada, occurrence="2")
    assert len(_messages(db)) == len(_notices(db)) == 2


def test_nothing_is_told_when_its_cause_is_undone(db: Database, ada: Person) -> None:
    db.commit()
    _say(ada)
    db.rollback()
    assert _messages(db) == _notices(db) == []


def test_workers_are_nudged_after_the_commit_and_only_for_something_new(
    db: Database, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(nudger, "send", sent.append)
    _say(ada)
    assert sent == []
    db.commit()
    _say(ada)
    db.commit()
    assert sent == [DELIVER]


def test_a_later_mail_waits_and_so_does_its_notice(
    db: Database, ada: Person, clock: SetClock
) -> None:
    _say(ada, at=START + timedelta(days=2))
    (message,) = _messages(db)
    assert (message.created_at, message.due_at) == (START, START + timedelta(days=2))
    assert _unread(db, ada) == 0
    assert queries.notices_of(ada.id) == []
    clock.advance(days=2)
    assert _unread(db, ada) == 1
    assert len(queries.notices_of(ada.id)) == 1


def test_what_waits_is_taken_back_with_its_notice_and_nothing_else_is(
    db: Database, make: Factory, ada: Person
) -> None:
    bob = make.person()
    for occurrence in ("1", "2"):
        _say(ada, occurrence=occurrence)
    _say(ada, "reviews/lapse")
    _say(ada, about=bob)
    gone = _messages(db)[1]
    gone.state, gone.sent_at = MessageState.SENT, core_clock.now()
    db.flush()
    assert unsay("reviews/invite", ada) == 1
    db.expire_all()
    left = [(m.event, m.object_id, m.state) for m in _messages(db)]
    assert left == [
        ("reviews/invite", ada.id, MessageState.SENT),
        ("reviews/lapse", ada.id, MessageState.QUEUED),
        ("reviews/invite", bob.id, MessageState.QUEUED),
    ]
    assert {notice.message_id for notice in _notices(db)} == {m.id for m in _messages(db)}


def test_what_was_taken_back_can_be_told_again(db: Database, ada: Person) -> None:
    _say(ada)
    assert unsay("reviews/invite", ada) == 1
    assert unsay("reviews/invite", ada) == 0
    _say(ada)
    assert len(_messages(db)) == 1


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.DEAD, MessageState.HELD])
def test_a_mail_that_did_not_arrive_is_sent_again_from_the_start(
    db: Database, ada: Person, clock: SetClock, state: MessageState
) -> None:
    _say(ada)
    (message,) = _messages(db)
    message.state, message.attempts, message.last_error = state, 12, "550 no"
    db.flush()
    now = clock.advance(days=1)
    resend(message)
    db.flush()
    assert (message.state, message.attempts, message.last_error, message.due_at) == (
        MessageState.QUEUED,
        0,
        "",
        now,
    )


def test_a_mail_that_went_out_or_waits_is_not_sent_again(db: Database, ada: Person) -> None:
    _say(ada)
    (message,) = _messages(db)
    for state in (MessageState.QUEUED, MessageState.SENDING, MessageState.SENT):
        with db.no_autoflush:
            message.state = state
            with pytest.raises(WrongState, match="sent or is on its way"):
                resend(message)
            message.state = MessageState.QUEUED


def test_mails_are_found_by_what_they_are_about(db: Database, make: Factory, ada: Person) -> None:
    bob = make.person()
    _say(ada, about=bob)
    _say(ada)
    first, second = _messages(db)
    both = queries.messages_about({"people": [ada.id, bob.id]})
    assert [(one.id, one.address) for one in both] == [(m.id, m.address) for m in (first, second)]
    found = queries.messages_about({"people": [bob.id], "other": [ada.id]})
    assert [one.id for one in found] == [first.id]
    assert queries.messages_about({}) == []
    assert queries.counts() == {MessageState.QUEUED: 2}


def test_more_notices_than_a_badge_shows_are_counted_up_to_its_most(
    db: Database, ada: Person
) -> None:
    for number in range(5):
        _say(ada, occurrence=str(number))
    assert _unread(db, ada, most=3) == 3
    assert _unread(db, ada) == 5
    assert len(queries.notices_of(ada.id, limit=2)) == 2


def test_a_recipient_is_a_value() -> None:
    assert Recipient(1, "a@b.example", "en") == Recipient(1, "a@b.example", "en")
