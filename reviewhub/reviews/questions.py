"""What reviewers ask the submitter, as rows: an editor stands in between, so nobody is named.

A question is passed on in the editor's words, or answered by the editor. `reply` is what the whole
panel reads, beside the question, without who asked it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.reviews.models import Assignment
from reviewhub.submissions.messages import Question


class ReviewerQuestion(Model):
    """One question of a reviewer. `next_at` is when somebody is called on for it."""

    __tablename__ = "reviewer_questions"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "number", name="uq_reviewer_questions_number"),
        sa.CheckConstraint("length(text) >= 1", name="text_given"),
        sa.CheckConstraint("(replied_at IS NULL) = (reply = '')", name="reply_has_time"),
        sa.CheckConstraint("replied_at IS NULL OR next_at IS NULL", name="replied_waits_no_more"),
        sa.Index(
            "ix_reviewer_questions_next", "next_at", "id",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignments.id"), index=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_rounds.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    forwarded_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("submission_questions.id"), index=True
    )
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    replied_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)

    assignment: Mapped[Assignment] = relationship(lazy="raise_on_sql")
    forwarded: Mapped[Question | None] = relationship(lazy="joined")

    @property
    def waits_for_editor(self) -> bool:
        """Whether an editor has to pass it on, or to pass the answer back."""
        if self.replied_at is not None:
            return False
        return self.forwarded is None or not self.forwarded.is_waited_for

    @property
    def shown(self) -> str:
        """The question as the panel reads it: in the editor's words, once it was passed on."""
        return self.forwarded.text if self.forwarded else self.text


@dataclass(frozen=True)
class Asked:
    """The questions as one reviewer sees them: their own, and what the panel was told."""

    own: Sequence[ReviewerQuestion] = ()
    answered: Sequence[ReviewerQuestion] = ()

    @property
    def open(self) -> Sequence[ReviewerQuestion]:
        """The reviewer's own that have no answer yet."""
        return [one for one in self.own if one.replied_at is None]


def questions_of(round_id: int) -> list[ReviewerQuestion]:
    """Every question of a round, oldest first."""
    return list(
        db.session.scalars(
            sa.select(ReviewerQuestion)
            .where(ReviewerQuestion.round_id == round_id)
            .options(joinedload(ReviewerQuestion.assignment))
            .order_by(ReviewerQuestion.number, ReviewerQuestion.id)
        )
    )


def asked(assignment: Assignment) -> Asked:
    """What a reviewer reads of the panel's questions."""
    found = questions_of(assignment.round_id)
    return Asked(
        own=[one for one in found if one.assignment_id == assignment.id],
        answered=[one for one in found if one.replied_at is not None],
    )


def get(question_id: int) -> ReviewerQuestion:
    """The question with its assignment. Raises NoResultFound."""
    return db.session.execute(_QUESTION.where(ReviewerQuestion.id == question_id)).scalar_one()


def find(question_id: int) -> ReviewerQuestion | None:
    """The same, if there is one."""
    return db.session.scalar(_QUESTION.where(ReviewerQuestion.id == question_id))


_QUESTION = sa.select(ReviewerQuestion).options(
    joinedload(ReviewerQuestion.assignment).joinedload(Assignment.round)
)


def due(now: datetime, *, limit: int = 100) -> list[int]:
    """Questions for which somebody is to be called on."""
    return list(
        db.session.scalars(
            sa.select(ReviewerQuestion.id)
            .where(ReviewerQuestion.next_at <= now)
            .order_by(ReviewerQuestion.next_at, ReviewerQuestion.id)
            .limit(limit)
        )
    )


def answered_by_submitter(*, limit: int = 100) -> list[int]:
    """Questions whose answer has come from the submitter and has not been passed on."""
    return list(
        db.session.scalars(
            sa.select(ReviewerQuestion.id)
            .join(Question, Question.id == ReviewerQuestion.forwarded_id)
            .where(
                ReviewerQuestion.next_at.is_not(None),
                Question.answered_at.is_not(None),
            )
            .order_by(ReviewerQuestion.id)
            .limit(limit)
        )
    )
