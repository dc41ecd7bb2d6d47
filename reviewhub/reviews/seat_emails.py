"""What is said around one seat of a panel, apart from the review itself: links, dates, questions,
and what an editor entered for somebody.

As in emails.py, each function is called in the transaction of its cause.
"""

from datetime import date
from typing import Any

from reviewhub.core import clock
from reviewhub.core.i18n import _l
from reviewhub.notifications.mails import mail
from reviewhub.notifications.outbox import page
from reviewhub.reviews import calendar
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.questions import ReviewerQuestion
from reviewhub.reviews.telling import editor_of, tell_of, tell_reviewer
from reviewhub.submissions.queries import get as get_submission


@mail(
    _l("A reviewer’s link"),
    after=("assignments.disown",),
    when=_l("a reviewer asks for a new link"),
)
def renew(assignment: Assignment) -> None:
    """To the reviewer: the link to their page, which they asked for."""
    tell_reviewer("renew", assignment, occurrence=f"{clock.now():%Y-%m-%dT%H:%M}")


@mail(_l("More time for a review"), after=("assignments.extend", "assignments.give_time"))
def extend(assignment: Assignment) -> None:
    """To the reviewer: the new date, with the calendar entry that replaces the old one."""
    assert assignment.due_at is not None  # who has no date can't be given more time
    tell_reviewer(
        "extend", assignment, occurrence=f"{assignment.due_at:%Y-%m-%d %H:%M}",
        **calendar.attached(assignment),
    )  # fmt: skip


@mail(_l("No more time for a review"), after=("assignments.refuse_time",))
def refuse_time(assignment: Assignment) -> None:
    """To the reviewer: the date stays."""
    tell_reviewer("refuse_time", assignment, occurrence=str(assignment.version))


@mail(_l("A reviewer asks for more time"), after=("assignments.ask_for_time",))
def ask_for_time(assignment: Assignment, days: int, note: str) -> None:
    """To the editor: a reviewer asks for more days than they can take."""
    _tell_editor(
        "ask_for_time", assignment, occurrence=f"{clock.now():%Y-%m-%d %H:%M} {days}",
        days=days, note=note,
    )  # fmt: skip


@mail(_l("Question of a reviewer"), after=("assignments.raise_question",))
def raise_question(question: ReviewerQuestion) -> None:
    """To the editor: a reviewer has a question to the submitter."""
    _tell_editor(
        "raise_question", question.assignment, occurrence=f"question {question.id}",
        question=question.text,
    )  # fmt: skip


@mail(_l("Reminder of a reviewer’s question"), when=_l("a reviewer’s question waits"))
def remind_question(question: ReviewerQuestion) -> None:
    """To the editor: a reviewer's question still waits, or its answer does."""
    _tell_editor(
        "remind_question", question.assignment,
        occurrence=f"question {question.id} {question.reminders}", question=question.text,
    )  # fmt: skip


@mail(_l("Answer to a reviewer’s question"), after=("assignments.reply_to_question",))
def reply_to_question(question: ReviewerQuestion, assignment: Assignment) -> None:
    """To a reviewer of the panel: what was asked, the answer, and the date, which had waited."""
    tell_reviewer(
        "reply_to_question", assignment, occurrence=f"question {question.id}",
        question=question.shown, reply=question.reply, **calendar.attached(assignment),
    )  # fmt: skip


@mail(_l("Entered for a reviewer"), after=("assignments.record_for",), event="record_for")
def record_answer(assignment: Assignment, verb: str, received_on: date) -> None:
    """To the reviewer: what an editor entered for them, and how to put it right."""
    tell_reviewer(
        "record_for", assignment, occurrence=f"{verb} {clock.now():%Y-%m-%d %H:%M}",
        verb=verb, received_on=received_on.isoformat(),
    )  # fmt: skip


@mail(_l("A reviewer puts right what was entered"), after=("assignments.correct",))
def correct(assignment: Assignment) -> None:
    """To the editor: the reviewer puts right what was entered for them."""
    _tell_editor("correct", assignment, occurrence=str(assignment.version))


@mail(_l("Invitation withdrawn"), after=("assignments.find_conflict",))
def take_off(assignment: Assignment) -> None:
    """To the reviewer: the invitation is withdrawn, since they are too close to the item now."""
    tell_reviewer("take_off", assignment, occurrence=str(assignment.version))


@mail(_l("A reviewer may have a conflict"), after=("assignments.find_conflict",))
def find_conflict(assignment: Assignment) -> None:
    """To the editor: a reviewer at work has a conflict now, and the editor decides."""
    _tell_editor("find_conflict", assignment, occurrence=f"{assignment.conflict_found_at}")


def _tell_editor(event: str, assignment: Assignment, **more: Any) -> None:
    submission = get_submission(assignment.submission_id)
    editor = editor_of(submission)
    if editor is not None and editor.id != submission.submitter_id:
        target = page("reviews.panel", ref=submission.ref)
        tell_of(event, editor, submission, target, about=assignment, **more)
