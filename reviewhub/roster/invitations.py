"""People whom a roster manager wants on the roster, until they say yes: invited by a list.

What the list says of somebody is theirs to confirm. Until they do, they are no member and nobody
counts them; a "no" keeps their address alone, so that no later list asks them again.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import Model, db, locked


class Invitation(Model):
    """An invitation to the roster; `answers` are what the list says, as an application has them."""

    __tablename__ = "roster_invitations"
    __table_args__ = (
        sa.UniqueConstraint("person_id", name="uq_roster_invitations_one_each"),
        sa.CheckConstraint("lapses_at > invited_at", name="time_to_answer"),
        sa.Index("ix_roster_invitations_lapses", "lapses_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
    lapses_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    declined_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")


def find(invitation_id: int) -> Invitation | None:
    """The invitation, if it still stands."""
    return db.session.get(Invitation, invitation_id)


def lock(invitation_id: int) -> Invitation:
    """The invitation, locked until the transaction ends, with its present values."""
    return locked(Invitation, invitation_id)


def of_people(person_ids: Collection[int]) -> dict[int, Invitation]:
    """The invitations of these people, by person."""
    rows = db.session.scalars(
        sa.select(Invitation)
        .where(Invitation.person_id.in_(person_ids))
        .order_by(Invitation.person_id)
    )
    return {row.person_id: row for row in rows}


def lapsing(now: datetime, *, limit: int) -> list[int]:
    """Invitations that nobody answered in time."""
    found = (
        sa.select(Invitation.id)
        .where(Invitation.lapses_at <= now, Invitation.declined_at.is_(None))
        .order_by(Invitation.lapses_at, Invitation.id)
        .limit(limit)
    )
    return list(db.session.scalars(found))


def waiting() -> int:
    """How many have been invited and have not answered."""
    found = sa.select(sa.func.count()).where(Invitation.declined_at.is_(None))
    return db.session.scalar(found) or 0
