"""What the database itself refuses in the outbox and among the notices."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.core import clock as core_clock
from reviewhub.notifications.models import Message, MessageState, Notice
from tests.constraints import refused_by
from tests.factories import Factory

Database = scoped_session[Session]


@pytest.fixture
def values(make: Factory) -> dict[str, Any]:
    """What a mail needs."""
    return {
        "event": "reviews/invite",
        "object_type": "people",
        "object_id": 7,
        "recipient_id": make.person().id,
        "address": "ada@host.example",
        "locale": "en",
    }


def test_the_same_mail_is_written_once(db: Database, values: dict[str, Any]) -> None:
    db.add(Message(**values))
    db.add(Message(**values, occurrence="2"))
    db.flush()
    with refused_by(db, "uq_outbox_once"):
        db.add(Message(**values))


@pytest.mark.parametrize("state", [s for s in MessageState if s != MessageState.SENDING])
def test_only_a_sent_mail_has_a_time_of_sending(
    db: Database, values: dict[str, Any], state: MessageState
) -> None:
    sent_at = None if state == MessageState.SENT else core_clock.now()
    with refused_by(db, "ck_outbox_sent_has_time"):
        digest_id = _digest(db, values, state)
        db.add(Message(**values, state=state, sent_at=sent_at, digest_id=digest_id))


def _digest(db: Database, values: dict[str, Any], state: MessageState) -> int | None:
    """What a line of a digest belongs to."""
    if state is not MessageState.BUNDLED:
        return None
    digest = Message(**{**values, "event": "notifications/digest"})
    db.add(digest)
    db.flush()
    return digest.id


def test_a_line_of_a_digest_has_its_digest(db: Database, values: dict[str, Any]) -> None:
    with refused_by(db, "ck_outbox_bundled_has_digest"):
        db.add(Message(**values, state=MessageState.BUNDLED))


@pytest.mark.parametrize("missing", ["claim", "lease_until"])
def test_a_mail_on_its_way_has_a_lease_with_an_owner(
    db: Database, values: dict[str, Any], missing: str
) -> None:
    lease = {"claim": "me", "lease_until": core_clock.now(), missing: None}
    with refused_by(db, "ck_outbox_sending_has_lease"):
        db.add(Message(**values, state=MessageState.SENDING, **lease))


def test_a_mail_that_waits_has_no_lease(db: Database, values: dict[str, Any]) -> None:
    with refused_by(db, "ck_outbox_sending_has_lease"):
        db.add(Message(**values, claim="me", lease_until=core_clock.now()))


def test_a_mail_is_in_a_known_state(db: Database, values: dict[str, Any]) -> None:
    message = Message(**values)
    db.add(message)
    db.flush()
    with refused_by(db, "ck_outbox_message_state"):
        db.execute(sa.text("UPDATE outbox SET state = 'lost'"))


def test_a_mail_is_for_somebody_who_exists(db: Database, values: dict[str, Any]) -> None:
    with refused_by(db, "fk_outbox_recipient_id_people"):
        db.add(Message(**{**values, "recipient_id": 999_999}))


def test_a_notice_has_a_person_and_a_mail_and_goes_with_it(
    db: Database, values: dict[str, Any]
) -> None:
    message = Message(**values)
    db.add(message)
    db.flush()
    notice = {"event": "reviews/invite", "person_id": values["recipient_id"]}
    with refused_by(db, "fk_notices_message_id_outbox"):
        db.add(Notice(**notice, message_id=999_999))
    with refused_by(db, "fk_notices_person_id_people"):
        db.add(Notice(event="x", person_id=999_999, message_id=message.id))
    db.add(Notice(**notice, message_id=message.id))
    db.flush()
    db.execute(sa.delete(Message).where(Message.id == message.id))
    assert db.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0
