"""Reading the outbox and the notices."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import among, db
from reviewhub.notifications.models import Message, MessageState, Notice


def unread_count(person_id: int, *, most: int = 99) -> int:
    """How many notices a person has not opened yet, counted up to `most`."""
    rows = (
        sa.select(Notice.id)
        .where(
            Notice.person_id == person_id,
            Notice.read_at.is_(None),
            Notice.created_at <= clock.now(),
        )
        .limit(most)
        .subquery()
    )
    return db.session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


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


def messages_about(objects: Collection[tuple[str, int]], *, limit: int = 200) -> list[Message]:
    """The mails about these (object type, id) pairs, oldest first."""
    about = among(Message.object_type, Message.object_id, objects)
    return list(
        db.session.scalars(sa.select(Message).where(about).order_by(Message.id).limit(limit))
    )


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
