"""One mail a day for what could wait: lines are collected in the outbox, and leave in the morning.

A line is a row of the outbox that waits for its reader's morning. When that has come, one
transaction makes the digest (a row as well) and gives it every line that is due: a crash before
its commit leaves them waiting, a crash after it leaves one digest to be sent. What becomes of the
digest becomes of its lines.
"""

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db, insert_into
from reviewhub.core.i18n import _l
from reviewhub.core.nudges import nudge
from reviewhub.notifications import choices
from reviewhub.notifications.kinds import WHOLE_DIGEST
from reviewhub.notifications.mails import mail
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import DELIVER, DIGEST

MOST_LINES = 50  # written out in one digest; the rest is counted, and stands under the bell


def due_readers(*, limit: int = 500) -> list[int]:
    """Whose morning has come, with lines that wait for it; by id."""
    query = (
        sa.select(Message.recipient_id)
        .where(Message.state == MessageState.WAITING, Message.due_at <= clock.now())
        .distinct()
        .order_by(Message.recipient_id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def collect(person_id: int) -> int:
    """Make one digest of what waits for this person and is due; returns how many lines it has."""
    lines = list(
        db.session.scalars(
            sa.select(Message)
            .where(
                Message.recipient_id == person_id,
                Message.state == MessageState.WAITING,
                Message.due_at <= clock.now(),
            )
            .order_by(Message.id)
            .with_for_update()
        )
    )
    if not lines:
        return 0
    digest_id = _write(lines)
    for line in lines:
        line.digest_id = digest_id
        line.state = MessageState.BUNDLED
    db.session.flush()
    nudge(DELIVER)
    return len(lines)


def lines_of(digest_id: int) -> list[Message]:
    """What stands in a digest, oldest first."""
    query = sa.select(Message).where(Message.digest_id == digest_id).order_by(Message.id)
    return list(db.session.scalars(query))


@mail(
    _l("What happened, in one mail"),
    when=_l("the morning comes, and something has happened"),
    event=DIGEST.rpartition("/")[2],
)
def _write(lines: list[Message]) -> int:
    """To whoever gets mails that can wait: what happened."""
    first, latest, moment = lines[0], lines[-1], clock.now()
    values = {
        "event": DIGEST,
        "object_type": "people",
        "object_id": first.recipient_id,
        "occurrence": f"from {first.id}",  # a line is the first of one digest only
        "recipient_id": first.recipient_id,
        "address": latest.address,
        "locale": latest.locale,
        "context": {
            "endpoint": "accounts.notices", "values": {}, "link_id": None,
            "choices_link_id": choices.link_of(first.recipient_id),
        },
        "state": MessageState.QUEUED,
        "created_at": moment,
        "due_at": moment,
        "attempts": 0,
        "last_error": "",
        "kind": WHOLE_DIGEST,
        "reply_to": first.reply_to if len(lines) == 1 else "",
    }  # fmt: skip
    written = insert_into(Message).values(values).returning(Message.id)
    return int(db.session.execute(written).scalar_one())
