"""Decisions on a reviewed submission: by the panel where it agrees, else by an editor."""

from collections.abc import Collection
from datetime import timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import decision_due_at
from reviewhub.reviews.letters import draft_for
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations import letters
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.operations.letters import check_release
from reviewhub.reviews.operations.signing import decide, refuse_waiting
from reviewhub.reviews.policy import roles_towards
from reviewhub.reviews.queries import latest_round, rules_for
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.signing import SignOff, Wanted
from reviewhub.submissions import moves, progress
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue


def approve(
    submission: Submission,
    *,
    by: Actor,
    note: str = "",
    release: Collection[int] = (),
    second_id: int | None = None,
) -> Decision | SignOff:
    """Approved. Mails and publication wait for the policy's hold, so that it can be undone.

    `release` are the assignments whose comments go to the submitter. Where the policy asks for a
    second person, an editor's decision waits for theirs.
    """
    wanted = Wanted(DecisionKind.APPROVED, note, release=tuple(release))
    return _decide(submission, wanted, by=by, second_id=second_id)


def reject(
    submission: Submission,
    *,
    by: Actor,
    reason: str,
    note: str,
    release: Collection[int] = (),
    second_id: int | None = None,
) -> Decision | SignOff:
    """Not included: a reason of the hub's list, and a sentence where the reason asks for one."""
    if Role.PANEL not in by.roles:  # a panel's reviews are its reason
        check_reason(reason, note)
    wanted = Wanted(DecisionKind.REJECTED, note, reason, tuple(release))
    return _decide(submission, wanted, by=by, second_id=second_id)


def _decide(
    submission: Submission, wanted: Wanted, *, by: Actor, second_id: int | None
) -> Decision | SignOff:
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    refuse_waiting(submission)
    _require_open(submission, wanted.kind, by)
    check_release(draft_for(submission), wanted.release)
    return decide(submission, wanted, by=by, second_id=second_id)


def _require_open(submission: Submission, kind: DecisionKind, by: Actor) -> None:
    """Raise where the step is not open, before anything waits for a second person."""
    verb = {DecisionKind.APPROVED: Workflow.approve, DecisionKind.REJECTED: Workflow.reject}[kind]
    roles = roles_towards(by, submission)
    if not any(arrow.by & roles for arrow in verb.arrows):
        raise NotAllowed(_("You may not do this here."))
    if not verb.is_open_to(submission, roles):
        raise WrongState(_("This has moved on: the step is no longer open."))


def check_reason(reason: str, note: str) -> None:
    """Raise InvalidInput for a reason that is not on the hub's list, or lacks its sentence."""
    known = {one["code"]: one for one in catalogue().reasons["rejection"]}
    if reason not in known:
        raise InvalidInput(_("Please choose a reason."), field="reason")
    if known[reason]["text_required"] and not note:
        raise InvalidInput(_("Please say why in a sentence."), field="note")


def request_changes(
    submission: Submission, *, by: Actor, wanted: str, release: Collection[int] = ()
) -> None:
    """Back to the submitter, with what to change and by when, and the comments of `release`."""
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    refuse_waiting(submission)
    if len(wanted) < 10:
        raise InvalidInput(_("Please say what has to change."), field="wanted")
    drafted = draft_for(submission)
    letter = letters.write(submission, drafted, text=wanted, release=release, by=by)
    moves.request_changes(submission, by=by, wanted=wanted)
    due_at = clock.now() + timedelta(days=rules_for(submission.id).changes_days)
    progress.wait_for(submission, owner_id=submission.submitter_id, due_at=due_at)
    emails.request_changes(submission, due_at, letter)


def reopen(submission: Submission, *, by: Actor, note: str) -> None:
    """Undo a decision before publication, with a reason; mails not yet sent are taken back."""
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    if not note:
        raise InvalidInput(_("Please say why the decision is reopened."), field="note")
    current, rules = _reviewed(submission)
    sent = emails.take_back_decision(submission, current)
    moves.reopen(submission, by=by, note=note)
    progress.wait_for(
        submission, owner_id=submission.progress.editor_id, due_at=decision_due_at(rules)
    )
    if sent:
        emails.reopen(submission, current)


def _reviewed(submission: Submission) -> tuple[ReviewRound | None, Rules]:
    """The latest round and its rules; those of the hub where there was no round."""
    return latest_round(submission.id), rules_for(submission.id)
