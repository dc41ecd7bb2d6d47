"""A decision of one editor that waits for a second person, as a row.

The submission stays reviewed meanwhile: there is no state for it. What the first wants is kept
here, and takes effect when the second confirms it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, db, enum_type
from reviewhub.submissions.models import Decision, DecisionKind


class SignOffOutcome(StrEnum):
    """What became of it."""

    CONFIRMED = "confirmed"
    SENT_BACK = "sent_back"
    TAKEN_BACK = "taken_back"
    OVERTAKEN = "overtaken"
    ALONE = "alone"


class SignOff(Model):
    """What one editor wants decided, and whoever has to confirm it.

    A decision that nobody else could confirm has a row as well: without a second, and `alone`.
    """

    __tablename__ = "sign_offs"
    __table_args__ = (
        sa.CheckConstraint("second_id <> proposed_by_id", name="second_is_another"),
        sa.CheckConstraint(
            "(outcome IS NULL) = (answered_at IS NULL)", name="answered_has_outcome"
        ),
        sa.CheckConstraint("outcome <> 'sent_back' OR note <> ''", name="sent_back_has_reason"),
        sa.CheckConstraint(
            "(second_id IS NULL) = (COALESCE(outcome, '') = 'alone')", name="alone_has_no_second"
        ),
        sa.Index(
            "uq_sign_offs_open", "submission_id", unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
        sa.Index("ix_sign_offs_decision", "decision_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[DecisionKind] = mapped_column(enum_type(DecisionKind))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    release: Mapped[list[Any]] = mapped_column(default=list)  # assignments, by id
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    second_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    due_at: Mapped[datetime | None]
    outcome: Mapped[SignOffOutcome | None] = mapped_column(enum_type(SignOffOutcome))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))

    @property
    def wanted(self) -> "Wanted":
        """What takes effect once it is confirmed."""
        return Wanted(self.kind, self.text, self.reason, tuple(self.release))


@dataclass(frozen=True)
class Wanted:
    """What an editor decides: the words to the submitter, and whose comments go with them."""

    kind: DecisionKind
    text: str = ""
    reason: str = ""
    release: tuple[int, ...] = ()


def open_sign_off(submission_id: int) -> SignOff | None:
    """What waits for a second person on this submission, if anything does."""
    return db.session.scalar(
        sa.select(SignOff).where(
            SignOff.submission_id == submission_id, SignOff.answered_at.is_(None)
        )
    )


def deciders_of(decision: Decision) -> set[int]:
    """Whoever took a decision, and whoever confirmed it; nobody where a panel did."""
    confirmed = sa.select(SignOff.answered_by_id).where(SignOff.decision_id == decision.id)
    people = {decision.decided_by_id, *db.session.scalars(confirmed)}
    return {one for one in people if one is not None}
