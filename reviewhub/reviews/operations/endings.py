"""How a submission leaves the process without a decision, and how a rejected one comes back."""

from datetime import timedelta

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.operations.panels import release_others
from reviewhub.reviews.operations.signing import overtake
from reviewhub.reviews.queries import latest_round, rules_for
from reviewhub.reviews.signing import deciders_of
from reviewhub.submissions import moves, progress
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations import assign_editor
from reviewhub.submissions.operations.clocks import last_call
from reviewhub.submissions.operations.owners import screening_due
from reviewhub.submissions.queries import is_told, live_decision, lock


def withdraw(submission: Submission, *, by: Actor, note: str = "") -> None:
    """The submitter takes it back; whoever is at work on it is told."""
    submission = lock(submission.id)
    moves.withdraw(submission, by=by, note=note)
    emails.take_back_decision(submission, latest_round(submission.id))
    moves.supersede_decision(submission)
    overtake(submission)
    submission.publish_at = None
    _close(submission)
    emails.withdraw(submission)
    emails.withdrawn(submission)


def lapse(submission: Submission) -> None:
    """Nobody answered in time: an unconfirmed draft, or changes that never came.

    Whoever was not reminded in time is called on once more, and has some days.
    """
    submission = lock(submission.id)
    if last_call(submission):
        return
    moves.lapse(submission, by=SYSTEM)
    _close(submission)
    emails.lapse(submission)


def _close(submission: Submission) -> None:
    current = latest_round(submission.id)
    if current is not None and current.closed_at is None:
        current.closed_at = clock.now()
        current.fill_at = None
        release_others(current, by=SYSTEM)
    submission.progress.shortage = None
    progress.wait_for(submission, owner_id=None, due_at=None)


def appeal(submission: Submission, *, by: Actor, note: str) -> None:
    """Ask once for a second look: another editor where there is one, and a fresh panel."""
    submission = lock(submission.id)
    if len(note) < 30:
        raise InvalidInput(_("Please say in a few words what was overlooked."), field="note")
    decision = live_decision(submission.id)
    if decision is not None and not is_told(decision):
        raise WrongState(_("The reasons are still on their way to you. Please wait for the mail."))
    days = timedelta(days=rules_for(submission.id).appeal_days)
    if decision is not None and clock.now() > decision.decided_at + days:
        raise WrongState(_("The time for an appeal is over. You may suggest it anew."))
    deciders = deciders_of(decision) if decision else ()
    moves.appeal(submission, by=by, note=note)
    submission.round += 1
    assign_editor(submission, but=deciders)
    submission.progress.screen_at = clock.now()
    progress.set_counts(submission, expected=0, received=0, panel_result="")
    progress.wait_for(submission, owner_id=submission.progress.editor_id, due_at=screening_due())
    emails.appeal(submission)
    emails.appealed(submission, note)
