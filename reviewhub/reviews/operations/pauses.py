"""While the submitter is asked, the clocks of those who review wait.

A review's date moves by as long as there is to answer, and is brought forward again when the answer
comes before: what counts are the days that were waited. Its reminders and the help beside a late
reviewer hang on that date, so they wait with it. An invitation goes on: whether somebody can take a
review on does not hang on the answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews.clocks import next_rung, rungs_passed
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.workflow import AT_WORK
from reviewhub.submissions.messages import Question
from reviewhub.submissions.queries import lock


def clocks_to_set(now: datetime, *, limit: int = 200) -> list[int]:
    """Reviews whose submitter was asked since their date was set, or whose wait is over."""
    asked_since = sa.and_(
        Assignment.paused_from.is_(None),
        Question.number > sa.func.coalesce(Assignment.paused_for, 0),
    )
    over = sa.and_(
        Assignment.paused_from.is_not(None),
        Question.number == Assignment.paused_for,
        sa.or_(Question.answered_at.is_not(None), Question.answer_by <= now),
    )
    return list(
        db.session.scalars(
            sa.select(Assignment.id)
            .join(Question, Question.submission_id == Assignment.submission_id)
            .where(Assignment.state.in_(AT_WORK), sa.or_(asked_since, over))
            .group_by(Assignment.id)
            .order_by(Assignment.id)
            .limit(limit)
        )
    )


def set_clock(assignment: Assignment) -> None:
    """Move the date by what the submitter is, or was, waited for; each question counts once."""
    lock(assignment.submission_id)
    reread(assignment)
    if assignment.state not in AT_WORK or assignment.due_at is None:
        return
    if assignment.paused_from is not None and not _go_on(assignment):
        return
    for question in _questions_after(assignment):
        assignment.paused_for = question.number
        since = max(question.asked_at, assignment.answered_at or question.asked_at)
        if question.is_waited_for:
            assignment.due_at += question.answer_by - since
            assignment.paused_from = since
            assignment.next_tick_at = None
            record(assignment, "wait_for_answer", role="system", question=question.number)
            return
        assignment.due_at += max(_end_of(question) - since, timedelta(0))
    rules = rules_of(assignment.round)
    is_behind = rungs_passed(rules, assignment) > assignment.reminders
    assignment.next_tick_at = clock.now() if is_behind else next_rung(rules, assignment)


def _go_on(assignment: Assignment) -> bool:
    """End the wait if it is over, and give back the days that were not needed; whether it is."""
    assert assignment.due_at is not None  # whoever is at work has a date
    question = db.session.execute(
        sa.select(Question).where(
            Question.submission_id == assignment.submission_id,
            Question.number == assignment.paused_for,
        )
    ).scalar_one()
    if question.is_waited_for:
        return False
    assignment.due_at -= question.answer_by - _end_of(question)
    assignment.paused_from = None
    record(assignment, "go_on", role="system", question=question.number)
    return True


def _end_of(question: Question) -> datetime:
    """When the wait for an answer ended; an answer after its date was not waited for."""
    return min(question.answered_at or question.answer_by, question.answer_by)


def _questions_after(assignment: Assignment) -> Sequence[Question]:
    return db.session.scalars(
        sa.select(Question)
        .where(
            Question.submission_id == assignment.submission_id,
            Question.number > (assignment.paused_for or 0),
        )
        .order_by(Question.number, Question.id)
    ).all()
