"""What roster managers say of an application, and what their votes add up to.

Counting is pure: `Standing` sees who may vote, who has, and how many votes have to agree.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, db, enum_type


class Vote(StrEnum):
    """What a roster manager wants to happen."""

    APPROVE = "approve"
    DECLINE = "decline"
    MORE_INFORMATION = "more_information"


class Mark(StrEnum):
    """How far an applicant meets one criterion."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"


SIDES = (Vote.APPROVE, Vote.DECLINE)  # who wants to know more has not taken one yet


class Assessment(Model):
    """One manager's marks by criterion, a note for the colleagues, and the vote."""

    __tablename__ = "roster_assessments"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id", name="uq_roster_assessments_person"),
        sa.Index("ix_roster_assessments_by", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        sa.ForeignKey("roster_applications.id", ondelete="CASCADE")
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)  # criterion code -> Mark
    note: Mapped[str] = mapped_column(sa.Text, default="")
    vote: Mapped[Vote] = mapped_column(enum_type(Vote))
    given_at: Mapped[datetime] = mapped_column(default=clock.now)


def of_application(application_id: int) -> list[Assessment]:
    """Every assessment of this application, in the order in which they were last given."""
    return list(
        db.session.scalars(
            sa.select(Assessment)
            .where(Assessment.application_id == application_id)
            .order_by(Assessment.given_at, Assessment.id)
        )
    )


def own(application_id: int, person_id: int | None) -> Assessment | None:
    """What this person said of the application, if anything."""
    return db.session.scalar(
        sa.select(Assessment).where(
            Assessment.application_id == application_id, Assessment.person_id == person_id
        )
    )


@dataclass(frozen=True)
class Standing:
    """Where the votes stand: `sides` are those that count, by person, the latest last."""

    sides: Mapping[int, Vote]
    waiting: tuple[int, ...]  # who may vote and has taken no side yet
    needed: int

    @classmethod
    def of(
        cls, assessments: Sequence[Assessment], voters: Collection[int], *, wanted: int
    ) -> "Standing":
        """Count the votes of whoever may vote now; no more can be needed than there are voters."""
        sides = {
            one.person_id: one.vote
            for one in assessments
            if one.person_id in voters and one.vote in SIDES
        }
        waiting = tuple(person_id for person_id in voters if person_id not in sides)
        return cls(sides, waiting, max(1, min(wanted, len(voters))))

    @property
    def verdict(self) -> Vote | None:
        """What so many votes agree on that it is decided; nothing while they are too few."""
        return self._agreed[0] if len(self._agreed) == 1 else None

    @property
    def differs(self) -> bool:
        """Whether the votes given so far disagree."""
        return len(set(self.sides.values())) > 1

    @property
    def is_tied(self) -> bool:
        """Whether votes were given, and none that may still come can decide it."""
        stuck = len(self._agreed) > 1 or self.missing > len(self.waiting)
        return bool(self.sides) and stuck

    @property
    def missing(self) -> int:
        """How many votes have to come at least before it can be decided."""
        return max(0, self.needed - max(self._count(side) for side in SIDES))

    @property
    def _agreed(self) -> list[Vote]:
        return [side for side in SIDES if self._count(side) >= self.needed]

    def _count(self, side: Vote) -> int:
        return sum(vote is side for vote in self.sides.values())
