"""Reading the outbox and the notices."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from reviewhub.audit.operations import Recorded
from reviewhub.core import clock
from reviewhub.core.db import among, db, numbers
from reviewhub.notifications.models import Message, MessageState, Notice


def unread(person_id: Any, *, most: int = 99) -> sa.ColumnElement[int]:
    """How many notices a person has not opened yet, counted up to `most`; a part of a query.

    The query is sent with the present `moment`.
    """
    some = (
        sa.select(Notice.id)
        .where(
            Notice.person_id == person_id,
            Notice.read_at.is_(None),
            Notice.created_at <= sa.bindparam("moment", type_=Notice.created_at.type),
        )
        .limit(most)
        .correlate_except(Notice)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def notices_of(person_id: int, *, limit: int = 50) -> list[Notice]:
    """A person's notices, newest first."""
    return list(
        db.session.scalars(
            sa.select(Notice)
            .where(Notice.person_id == person_id, Notice.created_at <= clock.now())
            .order_by(Notice.created_at.desc(), Notice.id.desc())
            .limit(limit)
        )
    )


_mails = Message.__table__.c
_SHOWN = (
    _mails.id, _mails.event, _mails.recipient_id, _mails.address, _mails.state, _mails.attempts,
    _mails.created_at, _mails.sent_at, _mails.bounced_at, _mails.last_error,
)  # fmt: skip


@cache
def _about(names: tuple[str, ...]) -> sa.Select[Any]:
    about = among(_mails.object_type, _mails.object_id, names)
    return sa.select(*_SHOWN).where(about).order_by(_mails.id).limit(sa.bindparam("most"))


def messages_about(objects: Mapping[str, Collection[int]], *, limit: int = 200) -> Sequence[Any]:
    """The mails about these objects, ids by type, oldest first: what is shown of each, no more."""
    values = {**numbers(objects), "most": limit}
    return db.session.execute(_about(tuple(objects)), values).all()


def told_at(event: str, about: Recorded, *, written: datetime) -> datetime | None:
    """When the newest mail of this event about an object went out; None while it is on its way.

    One that does not go out by itself (it failed, is held back, or stands in a digest) counts from
    when it was written, since nothing may wait for it for ever; and from `written` where there is
    none.
    """
    message = db.session.scalar(
        sa.select(Message)
        .where(
            Message.object_type == about.__tablename__,
            Message.object_id == about.id,
            Message.event == event,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if message is None:
        return written
    if message.state in {MessageState.QUEUED, MessageState.SENDING}:
        return None
    return message.sent_at or message.created_at


def counts() -> dict[MessageState, int]:
    """How many mails are in each state."""
    query = sa.select(Message.state, sa.func.count()).group_by(Message.state)
    return dict(db.session.execute(query).all())


def oldest_due() -> datetime | None:
    """Since when the mail that waits longest beyond its time has been due; None when none is."""
    return db.session.scalar(
        sa.select(sa.func.min(Message.due_at)).where(
            Message.state.in_([MessageState.QUEUED, MessageState.SENDING]),
            Message.due_at <= clock.now(),
        )
    )
