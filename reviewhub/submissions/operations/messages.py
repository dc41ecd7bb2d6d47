"""Asking the submitter, and answering. No state moves, but the editor's own date does.

The date is moved by as long as there is to answer, and brought forward again when the answer comes
before: what counts are the days that were waited.
"""

from datetime import date, timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean
from reviewhub.submissions import emails
from reviewhub.submissions.entered import enter_for, last_entry
from reviewhub.submissions.messages import Question, last_question
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import (
    is_submitter,
    may_answer,
    may_ask,
    may_be_asking,
    roles_towards,
)
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.queries import catalogue

QUESTION = (10, 2000)  # characters, least and most; likewise below
ANSWER = (1, 5000)
# In these states the date is the editor's or the panel's, and so waits for the submitter.
PAUSED = frozenset({State.SUBMITTED, State.IN_REVIEW, State.REVIEWED})


def ask(submission: Submission, *, by: Actor, text: str) -> Question:
    """One question to the submitter, to be answered within the policy's days.

    The same question once more changes nothing. Raises WrongState where the item is closed or
    another question waits, NotAllowed for anybody but an editor without a stake.
    """
    text = _within(text, QUESTION, "question")
    last = last_question(submission.id)
    if submission.state not in OPEN:
        raise WrongState(_("Nothing can be asked about this any more."))
    if not may_ask(by, submission) or by.acting_person_id is None:
        raise NotAllowed(_("You may not do this here."))
    if last is not None and last.is_waited_for:
        if (last.text, last.asked_by_id) == (text, by.acting_person_id):
            return last
        raise WrongState(_("A question waits for its answer already. Ask when it has come."))
    question = Question(
        submission_id=submission.id,
        number=last.number + 1 if last else 1,
        text=text,
        asked_by_id=by.acting_person_id,
        asked_at=clock.now(),
        answer_by=clock.now() + timedelta(days=int(catalogue().policy["question_days"])),
    )
    question.remind_at = question.asked_at + (question.answer_by - question.asked_at) / 2
    _pause(submission, question)
    db.session.add(question)
    db.session.flush()
    role = min(roles_towards(by, submission))
    record(submission, "ask", actor_id=by.acting_person_id, role=role, number=question.number)
    emails.ask(submission, question)
    return question


def answer(submission: Submission, question: Question, *, by: Actor, text: str) -> None:
    """The submitter's answer, which may be late. The same answer once more changes nothing.

    Raises WrongState where it was answered otherwise before or the item is closed, NotAllowed for
    anybody but the submitter.
    """
    text = _within(text, ANSWER, "answer")
    if not is_submitter(by, submission):
        raise NotAllowed(_("You may not do this here."))
    if question.answered_at is not None:
        correct_answer(submission, question, by=by, text=text)
        return
    if not may_answer(by, submission):
        raise WrongState(_("This has been closed, so no answer is needed any more."))
    _take(submission, question, text)
    record(
        submission, "answer", actor_id=by.acting_person_id, role="submitter", number=question.number
    )
    emails.answer(submission, question)


def correct_answer(submission: Submission, question: Question, *, by: Actor, text: str) -> None:
    """The submitter puts right, once, what an editor entered for them; whoever asked is told.

    Raises WrongState for an answer of their own, unless it says the same.
    """
    entry = last_entry(question)
    if entry is None:
        if question.answer == text:
            return
        raise WrongState(_("This question has been answered already."))
    if not may_answer(by, submission):
        raise WrongState(_("This has been closed, so no answer is needed any more."))
    entry.corrected_at = clock.now()
    _take(submission, question, text)
    record(
        submission, "correct_answer", actor_id=by.acting_person_id, role="submitter",
        number=question.number,
    )  # fmt: skip
    emails.answer(submission, question, is_corrected=True)


def record_answer(
    submission: Submission, question: Question, *, by: Actor, text: str, received_on: date
) -> None:
    """An editor enters the answer that came by mail; the submitter is told, and can correct it.

    Raises WrongState where it was answered already or the item is closed, NotAllowed for anybody
    but an editor without a stake.
    """
    text = _within(text, ANSWER, "answer")
    by_id = by.acting_person_id
    if not may_be_asking(by, submission) or by_id is None or submission.submitter_id is None:
        raise NotAllowed(_("You may not do this here."))
    if question.answered_at is not None:
        raise WrongState(_("This question has been answered already."))
    if submission.state not in OPEN:
        raise WrongState(_("This has been closed, so no answer is needed any more."))
    enter_for(
        question, "answer", person_id=submission.submitter_id, by_id=by_id, received_on=received_on
    )
    _take(submission, question, text)
    record(
        submission, "record_answer", actor_id=by_id, role="editor", number=question.number,
        person=submission.submitter_id, received_on=received_on.isoformat(),
    )  # fmt: skip
    emails.record_answer(submission, question, received_on)


def remind_question(question_id: int) -> bool:
    """Remind the submitter once, half way, of a question that waits; whether it did."""
    question = db.session.get_one(Question, question_id)
    submission = lock(question.submission_id)
    if question.remind_at is None or clock.now() < question.remind_at:
        return False
    question.remind_at = None
    if not question.is_waited_for or submission.state not in OPEN:
        return False
    emails.remind_answer(submission, question)
    return True


def _take(submission: Submission, question: Question, text: str) -> None:
    question.answer, question.remind_at = text, None
    if question.answered_at is None:
        question.answered_at = clock.now()
        _go_on(submission, question)


def _pause(submission: Submission, question: Question) -> None:
    due_at = submission.progress.due_at
    if submission.state in PAUSED and due_at is not None:
        question.due_before = due_at
        question.due_after = due_at + (question.answer_by - question.asked_at)
        submission.progress.due_at = question.due_after


def _go_on(submission: Submission, question: Question) -> None:
    """Give back the days that were not needed, unless the date has been set anew meanwhile."""
    if question.due_before is None or submission.progress.due_at != question.due_after:
        return
    answered_at = question.answered_at or clock.now()
    waited = min(answered_at, question.answer_by) - question.asked_at
    submission.progress.due_at = question.due_before + waited


def _within(text: str, limits: tuple[int, int], field: str) -> str:
    text = clean(text)
    if not limits[0] <= len(text) <= limits[1]:
        raise InvalidInput(
            _("This must have %(least)d to %(most)d characters.", least=limits[0], most=limits[1]),
            field=field,
        )
    return text
