"""What time does: reminders to whoever has to act, a few of them, then somebody else is named.

Each call looks again whether the moment has come, so a tick may come twice or be lost.
"""

from datetime import timedelta

from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.submissions import emails
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.owners import candidates
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

SCREENING_REMINDERS = 3
SCREENING_EVERY = timedelta(days=7)
CONFIRM_AFTER = timedelta(days=3)


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
    if progress.owner_id is None or progress.reminders == SCREENING_REMINDERS:
        return _escalate(submission)
    progress.reminders += 1
    emails.remind_screening(submission)
    return True


def remind_confirm(submission: Submission) -> bool:
    """Remind a guest once that the mail's button still waits; whether it did."""
    submission = lock(submission.id)
    sent_at = submission.consented_at
    waiting = submission.state is State.DRAFT and submission.submitter_id is not None
    if not waiting or sent_at is None or submission.progress.reminders:
        return False
    if clock.now() < sent_at + CONFIRM_AFTER:
        return False
    submission.progress.reminders = 1
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
    emails.escalate(submission)
    return True
