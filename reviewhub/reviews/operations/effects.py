"""What a decision does once it holds: the move, the letter, the mails behind their hold."""

from datetime import datetime, timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import decision_due_at
from reviewhub.reviews.letters import Draft, draft_for
from reviewhub.reviews.operations import letters
from reviewhub.reviews.queries import latest_round, rounds_of, rules_for
from reviewhub.reviews.results import summary
from reviewhub.reviews.rules import OnApproval, Rules
from reviewhub.reviews.signing import Wanted
from reviewhub.submissions import moves, progress
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.policy import runs_itself


def take_effect(submission: Submission, wanted: Wanted, *, by: Actor) -> Decision:
    """Decide. The submission is locked by the caller, who has asked whether `by` may."""
    drafted = draft_for(submission)  # before it moves on
    if wanted.kind is DecisionKind.APPROVED:
        return _approve(submission, wanted, drafted, by)
    return _reject(submission, wanted, drafted, by)


def _approve(submission: Submission, wanted: Wanted, drafted: Draft, by: Actor) -> Decision:
    current, rules = latest_round(submission.id), rules_for(submission.id)
    held_until = _held_until(rules)
    decision = moves.approve(
        submission,
        by=by,
        note=wanted.text,
        panel=summary(rounds_of(submission.id)),
        publish_at=held_until if _goes_public(submission, rules) else None,
    )
    letter = letters.write(
        submission, drafted, text=wanted.text, release=wanted.release, by=by, decision=decision
    )
    progress.wait_for(
        submission,
        owner_id=submission.progress.editor_id,
        due_at=submission.publish_at or decision_due_at(rules),
    )
    emails.approve(submission, decision, current, letter, at=held_until)
    return decision


def _reject(submission: Submission, wanted: Wanted, drafted: Draft, by: Actor) -> Decision:
    current, rules = latest_round(submission.id), rules_for(submission.id)
    decision = moves.reject(
        submission, by=by, reason=wanted.reason, note=wanted.text,
        panel=summary(rounds_of(submission.id)),
    )  # fmt: skip
    letter = letters.write(
        submission, drafted, text=wanted.text, release=wanted.release, by=by, decision=decision
    )
    progress.wait_for(submission, owner_id=None, due_at=None)
    emails.reject(
        submission, decision, current, letter, at=_held_until(rules), appeal_days=rules.appeal_days
    )
    return decision


def _held_until(rules: Rules) -> datetime:
    return clock.now() + timedelta(minutes=rules.mail_hold_minutes)


def _goes_public(submission: Submission, rules: Rules) -> bool:
    """Whether it is published by itself: the policy says so, or no editor is there to do it."""
    return rules.on_approval is OnApproval.PUBLISH or runs_itself(submission)
