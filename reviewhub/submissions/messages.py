"""Questions to the submitter and their answers, as rows and as the thread that pages show.

Only the submitter and the desk read them: they say who suggested a resource, which reviewers may
not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.submissions.entered import EnteredFor, entries_about
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import may_answer, may_ask, may_read_messages


class Question(Model):
    """One question of an editor, and its answer once there is one.

    `due_before` and `due_after` say how the editor's own date was moved for it.
    """

    __tablename__ = "submission_questions"
    __table_args__ = (
        sa.UniqueConstraint("submission_id", "number", name="uq_submission_questions_number"),
        sa.CheckConstraint("length(text) >= 1", name="text_given"),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer_has_time"),
        sa.CheckConstraint("answer_by > asked_at", name="time_to_answer"),
        sa.CheckConstraint("(due_before IS NULL) = (due_after IS NULL)", name="date_moved_whole"),
        sa.Index(
            "ix_submission_questions_remind",
            "remind_at",
            "id",
            sqlite_where=sa.text("remind_at IS NOT NULL"),
            postgresql_where=sa.text("remind_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    answer_by: Mapped[datetime]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None]
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]  # when the submitter is reminded; None: no more

    @property
    def is_waited_for(self) -> bool:
        """Whether the item waits for it; after the date it goes on without."""
        return self.answered_at is None and clock.now() < self.answer_by


@dataclass(frozen=True)
class Thread:
    """The questions in their order, and what this viewer can do about them."""

    questions: Sequence[Question] = ()
    may_ask: bool = False
    open: Question | None = None  # what this viewer can answer
    asks: bool = False  # whether this viewer asks for the desk, and so enters what came by mail
    entered: Mapping[int, EnteredFor] = field(default_factory=dict)  # from mails, by question

    @property
    def waited_for(self) -> Question | None:
        """The question that the item waits for."""
        return next((one for one in self.questions if one.is_waited_for), None)

    @property
    def unanswered(self) -> Question | None:
        """The newest one without an answer: a late answer is welcome as well."""
        waiting = [one for one in self.questions if one.answered_at is None]
        return waiting[-1] if waiting else None

    @property
    def to_answer(self) -> Question | None:
        """The newest one without an answer, else the newest whose answer was entered for them."""
        entered = [one for one in self.questions if self._may_be_corrected(one)]
        return self.unanswered or (entered[-1] if entered else None)

    def _may_be_corrected(self, question: Question) -> bool:
        entry = self.entered.get(question.id)
        return entry is not None and entry.corrected_at is None


NOTHING = Thread()
_QUESTIONS = (
    sa.select(Question)
    .where(Question.submission_id == sa.bindparam("submission_id"))
    .order_by(Question.number, Question.id)
)


def thread(submission: Submission, actor: Actor) -> Thread:
    """What was asked and answered about a submission: nothing for those who may not read it."""
    if not may_read_messages(actor, submission):
        return NOTHING
    found = thread_for(submission, asks=may_ask(actor, submission))
    return replace(found, open=found.to_answer if may_answer(actor, submission) else None)


def thread_for(submission: Submission, *, asks: bool) -> Thread:
    """The same, for a page that knows that its viewer may read it, and whether they may ask."""
    questions = db.session.scalars(_QUESTIONS, {"submission_id": submission.id}).all()
    answered = [one.id for one in questions if one.answered_at is not None]
    return Thread(
        questions,
        asks and not any(one.is_waited_for for one in questions),
        asks=asks,
        entered=entries_about(Question.__tablename__, answered) if answered else {},
    )


def question(submission_id: int, number: int) -> Question:
    """One question. Raises NoResultFound."""
    return db.session.execute(
        sa.select(Question).where(
            Question.submission_id == submission_id, Question.number == number
        )
    ).scalar_one()


def last_question(submission_id: int) -> Question | None:
    """The newest question, if one was ever asked."""
    return db.session.scalar(
        sa.select(Question)
        .where(Question.submission_id == submission_id)
        .order_by(Question.number.desc(), Question.id)
        .limit(1)
    )


def to_remind(now: datetime, *, limit: int = 100) -> list[int]:
    """Questions of which their submitters are to be reminded."""
    return list(
        db.session.scalars(
            sa.select(Question.id)
            .where(Question.remind_at <= now)
            .order_by(Question.remind_at, Question.id)
            .limit(limit)
        )
    )
