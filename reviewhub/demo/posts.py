"""The mails of the demo's past: sent, but for the latest few, and a few that went wrong."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.demo.people import REVIEWER_LOGIN
from reviewhub.notifications.models import Message, MessageState, Notice

FRESH = 8  # mails that really go out when the worker starts
UNREAD_FOR = timedelta(days=4)


def send_out() -> None:
    """What the worker sends: what was told counts for the clocks from then on."""
    db.session.execute(
        sa.update(Message)
        .where(Message.state == MessageState.QUEUED, Message.due_at <= clock.now())
        .values(state=MessageState.SENT, sent_at=Message.due_at, attempts=1)
    )


def settle_mails(now: datetime) -> None:
    """Mark what was written in the past as sent and read."""
    fresh = _fresh_ids()
    db.session.execute(
        sa.update(Message)
        .where(Message.state == MessageState.QUEUED, Message.id.not_in(fresh))
        .where(Message.due_at <= now)
        .values(state=MessageState.SENT, sent_at=Message.due_at, attempts=1)
    )
    db.session.execute(
        sa.update(Message)
        .where(Message.id.in_(fresh))
        .values(created_at=now, due_at=now, state=MessageState.QUEUED, sent_at=None, attempts=0)
    )
    db.session.execute(
        sa.update(Notice)
        .where(Notice.created_at < now - UNREAD_FOR)
        .values(read_at=Notice.created_at)
    )
    _spoil()


def _fresh_ids() -> list[int]:
    """The latest mails, and the demo reviewer's invitations that are open still."""
    latest = sa.select(Message.id).order_by(Message.id.desc()).limit(FRESH)
    invitations = sa.select(Message.id).where(
        Message.address == REVIEWER_LOGIN, Message.event == "reviews/invite"
    )
    return [*db.session.scalars(latest), *db.session.scalars(invitations)]


def _spoil() -> None:
    """Three mails that did not arrive, for the outbox page."""
    troubles = (
        (MessageState.FAILED, "550 no such mailbox here"),
        (MessageState.DEAD, "connection timed out, twelve times in three days"),
        (MessageState.HELD, "held: the address is on the list of bounced ones"),
    )
    sent = db.session.scalars(
        sa.select(Message)
        .where(Message.state == MessageState.SENT, Message.event == "reviews/submit")
        .order_by(Message.id.desc())
        .limit(len(troubles))
    )
    for message, (state, error) in zip(sent.all(), troubles, strict=False):
        message.state, message.sent_at, message.last_error = state, None, error
