"""The submission's own moves, for the packages above: each moves the state and nothing else.

A verb whose effects reach further lives in the uppermost package it touches, which calls the move
here in its own transaction. An import contract lets only reviews and library in.
"""

from datetime import datetime

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.workflow import Move, Transition
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.policy import roles_towards
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow


def start_review(submission: Submission, *, by: Actor) -> Move:
    """Screened: reviewers may be asked."""
    return _move(Workflow.start_review, submission, by)


def finish_review(submission: Submission, *, by: Actor, note: str = "") -> Move:
    """The panel has said what it can."""
    move = _move(Workflow.finish_review, submission, by, note)
    submission.reviewed_at = clock.now()
    return move


def consult(submission: Submission, *, by: Actor, note: str = "") -> Move:
    """One more reviewer is asked."""
    return _move(Workflow.consult, submission, by, note)


def request_changes(submission: Submission, *, by: Actor, wanted: str) -> Move:
    """Back to the submitter, with what to change."""
    move = _move(Workflow.request_changes, submission, by, wanted)
    submission.changes_wanted = wanted
    return move


def approve(
    submission: Submission,
    *,
    by: Actor,
    note: str,
    panel: dict[str, object],
    publish_at: datetime | None,
) -> Decision:
    """Approved for inclusion; `publish_at` is when it goes public by itself, if it does."""
    _move(Workflow.approve, submission, by, note)
    submission.publish_at = publish_at
    return _decide(submission, DecisionKind.APPROVED, by, note, "", panel)


def reject(
    submission: Submission, *, by: Actor, reason: str, note: str, panel: dict[str, object]
) -> Decision:
    """Not included, for a reason of the hub's list."""
    _move(Workflow.reject, submission, by, note)
    return _decide(submission, DecisionKind.REJECTED, by, note, reason, panel)


def publish(submission: Submission, *, by: Actor) -> Move:
    """It stands in the library now."""
    return _move(Workflow.publish, submission, by)


def withdraw(submission: Submission, *, by: Actor, note: str = "") -> Move:
    """The submitter takes it back."""
    return _move(Workflow.withdraw, submission, by, note)


def lapse(submission: Submission, *, by: Actor) -> Move:
    """Reminders stayed unanswered."""
    return _move(Workflow.lapse, submission, by)


def appeal(submission: Submission, *, by: Actor, note: str) -> Move:
    """The submitter asks for a second look; the decision no longer stands."""
    move = _move(Workflow.appeal, submission, by, note)
    submission.appeals += 1
    submission.reviewed_at = None
    decision = live_decision(submission.id)
    if decision is not None:
        decision.appealed = True
    supersede_decision(submission)
    return move


def reopen(submission: Submission, *, by: Actor, note: str) -> Move:
    """An editor undoes a decision before publication."""
    move = _move(Workflow.reopen, submission, by, note)
    submission.publish_at = None
    supersede_decision(submission)
    return move


def supersede_decision(submission: Submission) -> None:
    """Keep the live decision, but no longer as the one that counts."""
    decision = live_decision(submission.id)
    if decision is not None:
        decision.superseded_at = clock.now()
        db.session.flush()


def _decide(
    submission: Submission,
    kind: DecisionKind,
    by: Actor,
    text: str,
    reason: str,
    panel: dict[str, object],
) -> Decision:
    by_panel = Role.PANEL in by.roles
    decision = Decision(
        submission_id=submission.id,
        kind=kind,
        reason=reason,
        text=text,
        by_panel=by_panel,
        decided_by_id=None if by_panel else by.acting_person_id,
        panel=panel,
    )
    db.session.add(decision)
    db.session.flush()
    return decision


def _move(transition: Transition, submission: Submission, by: Actor, note: str = "") -> Move:
    move = transition(submission, roles_towards(by, submission))
    record(submission, move, actor_id=by.acting_person_id, note=note)
    return move
