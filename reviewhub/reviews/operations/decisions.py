"""Decisions on a reviewed submission: by the panel where it agrees, else by an editor."""

from datetime import timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import decision_due_at
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.queries import latest_round, rounds_of, rules_of
from reviewhub.reviews.results import summary
from reviewhub.reviews.rules import OnApproval, Rules
from reviewhub.submissions import moves, progress
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import lock
from reviewhub.taxonomy.queries import catalogue


def approve(submission: Submission, *, by: Actor, note: str = "") -> Decision:
    """Approved. Mails and publication wait for the policy's hold, so that it can be undone."""
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    current, rules = _reviewed(submission)
    held_until = clock.now() + timedelta(minutes=rules.mail_hold_minutes)
    decision = moves.approve(
        submission,
        by=by,
        note=note,
        panel=summary(rounds_of(submission.id)),
        publish_at=held_until if rules.on_approval is OnApproval.PUBLISH else None,
    )
    progress.wait_for(
        submission,
        owner_id=submission.progress.editor_id,
        due_at=submission.publish_at or decision_due_at(rules),
    )
    emails.approve(submission, decision, current, at=held_until)
    return decision


def reject(submission: Submission, *, by: Actor, reason: str, note: str) -> Decision:
    """Not included: a reason of the hub's list, and a sentence where the reason asks for one."""
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    current, rules = _reviewed(submission)
    if Role.PANEL not in by.roles:  # a panel's reviews are its reason
        check_reason(reason, note)
    decision = moves.reject(
        submission, by=by, reason=reason, note=note, panel=summary(rounds_of(submission.id))
    )
    progress.wait_for(submission, owner_id=None, due_at=None)
    held_until = clock.now() + timedelta(minutes=rules.mail_hold_minutes)
    emails.reject(submission, decision, current, at=held_until, appeal_days=rules.appeal_days)
    return decision


def check_reason(reason: str, note: str) -> None:
    """Raise InvalidInput for a reason that is not on the hub's list, or lacks its sentence."""
    known = {one["code"]: one for one in catalogue().reasons["rejection"]}
    if reason not in known:
        raise InvalidInput(_("Please choose a reason."), field="reason")
    if known[reason]["text_required"] and not note:
        raise InvalidInput(_("Please say why in a sentence."), field="note")


def request_changes(submission: Submission, *, by: Actor, wanted: str) -> None:
    """Back to the submitter, with what to change and by when."""
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    if len(wanted) < 10:
        raise InvalidInput(_("Please say what has to change."), field="wanted")
    moves.request_changes(submission, by=by, wanted=wanted)
    days = int(catalogue().policy["changes_days"])
    due_at = clock.now() + timedelta(days=days)
    progress.wait_for(submission, owner_id=submission.submitter_id, due_at=due_at)
    emails.request_changes(submission, due_at)


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
    current = latest_round(submission.id)
    return current, rules_of(current) if current else Rules.read(catalogue().policy)
