"""What time does: reminders to whoever has to act, a few of them, then somebody else is named.

Each call looks again whether the moment has come, so a tick may come twice or be lost. After days
without a clock each person hears once; and nothing lapses for want of an answer that nobody was
reminded to give: the last call that comes late puts the end off.
"""

from datetime import timedelta

from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.notifications.queries import told_at
from reviewhub.submissions import emails
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.owners import candidates
from reviewhub.submissions.progress import is_time_to_call, note_call
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

SCREENING_REMINDERS = 3
SCREENING_EVERY = timedelta(days=7)
CONFIRM_AFTER = timedelta(days=3)
LAST_DAYS = timedelta(days=7)  # left after a reminder that came late


def screening_waits() -> list[timedelta]:
    """How long after the date each reminder goes out; the last entry is the escalation."""
    return [SCREENING_EVERY * number for number in range(SCREENING_REMINDERS + 1)]


def changes_waits() -> list[timedelta]:
    """The moments of the reminders to the submitter, counted from the date, so negative."""
    return [timedelta(days=int(days)) for days in catalogue().policy["changes_reminders"]]


def remind_screening(submission: Submission) -> bool:
    """Call on the editor who is late with screening, or name somebody else; whether it did."""
    submission = lock(submission.id)
    progress = submission.progress
    waits = screening_waits()
    if submission.state is not State.SUBMITTED or progress.due_at is None:
        return False
    if progress.reminders >= len(waits):
        return False
    if clock.now() < progress.due_at + waits[progress.reminders]:
        return False
    if not is_time_to_call(submission):
        return False
    if progress.owner_id is None or progress.reminders == SCREENING_REMINDERS:
        return _escalate(submission)
    note_call(submission)
    emails.remind_screening(submission)
    return True


def remind_confirm(submission: Submission) -> bool:
    """Remind a guest once that the mail's button still waits; whether it did."""
    submission = lock(submission.id)
    sent_at = submission.consented_at
    waiting = submission.state is State.DRAFT and submission.submitter_id is not None
    if not waiting or sent_at is None or submission.progress.reminders:
        return False
    asked_at = told_at("submissions/confirm", submission, written=sent_at)
    if asked_at is None or clock.now() < asked_at + CONFIRM_AFTER:
        return False
    submission.progress.reminders = 1
    _leave_time(submission)
    emails.remind_confirm(submission)
    return True


def remind_changes(submission: Submission) -> bool:
    """Remind the submitter of the changes asked for; after days of silence once, not per date."""
    submission = lock(submission.id)
    progress = submission.progress
    if submission.state is not State.CHANGES_REQUESTED or progress.due_at is None:
        return False
    passed = sum(progress.due_at + wait <= clock.now() for wait in changes_waits())
    if passed <= progress.reminders or clock.now() >= progress.due_at:
        return False
    progress.reminders = passed
    emails.remind_changes(submission)
    return True


def last_call(submission: Submission) -> bool:
    """The date has passed, and nobody was reminded of it: do so now, and leave some days.

    Returns whether it did; where it did not, the time for an answer is over.
    """
    progress = submission.progress
    if progress.reminders:
        return False
    if submission.state is State.DRAFT:
        return remind_confirm(submission) or _was_asked_lately(submission)
    progress.reminders = max(len(changes_waits()), 1)
    _leave_time(submission)
    emails.remind_changes(submission)
    return True


def _leave_time(submission: Submission) -> None:
    """Move the date, where it is so near that the reminder would not help."""
    progress = submission.progress
    if progress.due_at is not None:
        progress.due_at = max(progress.due_at, clock.now() + LAST_DAYS)


def _was_asked_lately(submission: Submission) -> bool:
    """Whether the mail with the button went out so late that its reminder is still to come."""
    if submission.consented_at is None:
        return False
    asked_at = told_at("submissions/confirm", submission, written=submission.consented_at)
    return asked_at is None or clock.now() < asked_at + CONFIRM_AFTER


def _escalate(submission: Submission) -> bool:
    """Name another editor or administrator as owner; where nobody is left, stop calling."""
    progress = submission.progress
    before = {
        event.data.get("from_id")
        for event in history("submissions", submission.id)
        if event.verb == "escalate"
    }
    taken = {id for id in (progress.owner_id, *before) if id is not None}
    others = candidates(submission, without=taken)
    if not others:
        progress.reminders = SCREENING_REMINDERS + 1
        return False
    role = "system"
    record(submission, "escalate", role=role, from_id=progress.owner_id, to_id=others[0].id)
    progress.owner_id = others[0].id
    if Role.EDITOR in others[0].roles:
        progress.editor_id = others[0].id
    progress.due_at = clock.now() + SCREENING_EVERY
    progress.reminders = 0
    progress.reminded_at = None
    emails.escalate(submission)
    return True
