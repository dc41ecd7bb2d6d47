"""The panel is finished: what it says, and what the policy does with that."""

from reviewhub.accounts.actor import PANEL, SYSTEM, Actor
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import decision_due_at, panel_due_at
from reviewhub.reviews.models import PanelResult, ReviewRound
from reviewhub.reviews.operations.decisions import approve, reject
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.operations.panels import look_for_reviewers, release_others
from reviewhub.reviews.operations.signing import refuse_waiting
from reviewhub.reviews.panel import is_filled, result
from reviewhub.reviews.queries import latest_round, rules_of
from reviewhub.reviews.results import verdicts_of
from reviewhub.reviews.rules import OnExclude, OnInclude, Rules
from reviewhub.submissions import moves, progress
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import runs_itself
from reviewhub.submissions.queries import lock

_ACCEPTING = frozenset({PanelResult.INCLUDE, PanelResult.CORRECT, PanelResult.MAJORITY_INCLUDE})
BY_PANEL = "other"  # the reason code of a rejection by the panel: its reviews are the reason


def finish_if_filled(submission: Submission, current: ReviewRound) -> None:
    """Finish the review when every required seat has its judging review.

    The caller holds the submission's lock, so that two last reviews finish it once.
    """
    rules = rules_of(current)
    if current.closed_at is None and is_filled(
        verdicts_of(current), rules.slots, current.tie_breakers
    ):
        _finish(submission, current, by=SYSTEM)


def finish_review(submission: Submission, *, by: Actor, note: str) -> None:
    """An editor closes the panel early, with a reason; what is missing makes it short."""
    if not note:
        raise InvalidInput(_("Please say why the panel is closed early."), field="note")
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    current = latest_round(submission.id)
    if current is None or current.closed_at is not None:
        raise WrongState(_("There is no open panel to close."))
    current.closed_early = note
    _finish(submission, current, by=by, note=note)


def _finish(submission: Submission, current: ReviewRound, *, by: Actor, note: str = "") -> None:
    rules = rules_of(current)
    outcome = result(verdicts_of(current), rules.slots, current.tie_breakers)
    moves.finish_review(submission, by=by, note=note)
    current.closed_at = clock.now()
    current.fill_at = None
    current.result = outcome
    record(current, "close", actor_id=by.acting_person_id, role=min(by.roles, default="system"),
           note=note, result=outcome.value)  # fmt: skip
    release_others(current, by=by)
    submission.progress.panel_result = outcome.value
    submission.progress.shortage = None
    progress.wait_for(
        submission, owner_id=submission.progress.editor_id, due_at=decision_due_at(rules)
    )
    db.session.flush()
    _act_on(outcome, submission, current, rules)


def _act_on(
    outcome: PanelResult, submission: Submission, current: ReviewRound, rules: Rules
) -> None:
    """What the policy does by itself; everything else is put to the editor, if one is free."""
    if outcome is PanelResult.INCLUDE and rules.on_include is OnInclude.APPROVE:
        approve(submission, by=PANEL)
    elif outcome is PanelResult.EXCLUDE and rules.on_exclude is OnExclude.REJECT:
        reject(submission, by=PANEL, reason=BY_PANEL, note="")
    elif outcome is PanelResult.SPLIT and current.tie_breakers < rules.tie_breakers:
        consult(submission, by=SYSTEM)
    elif outcome is not PanelResult.SHORT and runs_itself(submission):
        _settle(outcome, submission)
    else:
        emails.finish_review(submission, current)


def _settle(outcome: PanelResult, submission: Submission) -> None:
    """Every editor is part of the item: the panel's word stands, and a doubt counts against it.

    An appeal stays open, so nothing is lost for good by a tie or a gate.
    """
    if outcome in _ACCEPTING:
        approve(submission, by=PANEL)
    else:
        reject(submission, by=PANEL, reason=BY_PANEL, note="")


def consult(submission: Submission, *, by: Actor, note: str = "") -> None:
    """Invite one more reviewer, blind to the others' verdicts: the round is open again."""
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    refuse_waiting(submission)
    current = latest_round(submission.id)
    if current is None:
        raise WrongState(_("This was never reviewed."))
    moves.consult(submission, by=by, note=note)
    rules = rules_of(current)
    current.closed_at = None
    current.closed_early = ""
    current.result = None
    current.tie_breakers += 1
    submission.progress.panel_result = ""
    received = sum(verdict.judges for verdict in verdicts_of(current))
    progress.set_counts(
        submission, expected=rules.panel_size + current.tie_breakers, received=received
    )
    progress.wait_for(
        submission, owner_id=submission.progress.editor_id, due_at=panel_due_at(rules)
    )
    emails.consult(submission, current)
    look_for_reviewers(current)
