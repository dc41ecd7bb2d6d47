"""Writing a review: the draft that is never lost, and the moment it is sent."""

from collections.abc import Mapping
from typing import Any

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import decision_due_at, next_rung, rungs_passed
from reviewhub.reviews.form import check_answers
from reviewhub.reviews.models import Assignment, Recommendation, Review
from reviewhub.reviews.operations.drafts import Seen, save
from reviewhub.reviews.operations.panels import (
    call_off_outrun,
    look_for_reviewers,
    move_assignment,
    release_others,
)
from reviewhub.reviews.operations.receipts import thank
from reviewhub.reviews.operations.results import finish_if_filled
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.results import verdicts_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions import progress
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock
from reviewhub.taxonomy.queries import catalogue


def submit(
    assignment: Assignment, *, by: Actor, answers: Mapping[str, Any], seen: Seen | None = None
) -> Review:
    """Send the review. The last one that the panel needs finishes it, exactly once.

    Raises InvalidInput naming the first answer that is missing; the draft is kept by the edge.
    Raises Overtaken where another page has saved something else, which this one has not `seen`.
    """
    submission = lock(assignment.submission_id)
    reread(assignment)
    review = save(assignment, answers=answers, seen=seen)
    _take_answers(review, submission, answers)
    review.submitted_at = clock.now()
    if assignment.state is A.SURPLUS:
        review.after_decision = True
        record(assignment, "submit_late", actor_id=by.acting_person_id, role="reviewer")
        thank(assignment)
        emails.submit(assignment)
        return review
    if review.recommendation is Recommendation.CANNOT_JUDGE:
        give_up(assignment, by=by)
        return review
    move_assignment("submit", assignment, by=by)
    assignment.submitted_at = clock.now()
    assignment.next_tick_at = None
    thank(assignment)
    emails.submit(assignment)
    _count(submission, assignment)
    return review


def _take_answers(review: Review, submission: Submission, answers: Mapping[str, Any]) -> None:
    checked = check_answers(catalogue().review_form, submission, answers)
    review.gates = checked.gates
    review.scores = checked.scores
    review.recommendation = checked.recommendation
    review.confidence = checked.confidence
    review.comment_to_submitter = checked.comment_to_submitter
    review.comment_to_editor = checked.comment_to_editor
    review.draft = {}


def _count(submission: Submission, assignment: Assignment) -> None:
    current = assignment.round
    db.session.flush()
    db.session.refresh(current, ["assignments"])
    verdicts = verdicts_of(current)
    rules = rules_of(current)
    progress.set_counts(
        submission,
        expected=rules.panel_size + current.tie_breakers,
        received=sum(verdict.judges for verdict in verdicts),
    )
    slot = assignment.slot
    needed = current.tie_breakers if slot is Slot.TIE_BREAKER else rules.slots[slot]
    if sum(verdict.judges for verdict in verdicts if verdict.slot is slot) >= needed:
        release_others(current, by=SYSTEM, slot=slot)
    call_off_outrun(submission, current)
    finish_if_filled(submission, current)


def give_up(assignment: Assignment, *, by: Actor) -> None:
    """ "I can't judge": the review is kept, fills no seat, and somebody else is asked."""
    move_assignment("give_up", assignment, by=by)
    assignment.submitted_at = clock.now()
    assignment.next_tick_at = None
    emails.submit(assignment)
    look_for_reviewers(assignment.round)


def return_(assignment: Assignment, *, by: Actor, note: str) -> None:
    """Ask for a clearer review; while the round is open it no longer counts."""
    submission = lock(assignment.submission_id)
    if assignment.round.closed_at is not None:
        raise WrongState(_("The panel has finished; ask another reviewer instead."))
    if not note:
        raise InvalidInput(_("Please say what is unclear."), field="note")
    move_assignment("return_", assignment, by=by, note=note)
    take_back(submission, assignment)
    emails.return_(assignment, note)


def take_back(submission: Submission, assignment: Assignment) -> None:
    """A sent review is a draft again, and no longer counts."""
    review = assignment.review
    assert review is not None  # a submitted assignment has its review
    review.draft = _as_draft(review)
    review.draft_version += 1  # a page that was open before the review was sent is an older one
    review.draft_tab = ""
    review.submitted_at = None
    _wait_again(assignment)
    db.session.flush()
    received = sum(verdict.judges for verdict in verdicts_of(assignment.round))
    progress.set_counts(
        submission, expected=submission.progress.reviews_expected, received=received
    )


def _wait_again(assignment: Assignment) -> None:
    """Reminders start anew, with some days to answer where the old date is near or past."""
    rules = rules_of(assignment.round)
    assert assignment.due_at is not None  # accepting set it
    assignment.due_at = max(assignment.due_at, decision_due_at(rules))
    assignment.reminders = rungs_passed(rules, assignment)
    assignment.next_tick_at = next_rung(rules, assignment)


def _as_draft(review: Review) -> dict[str, Any]:
    answers: dict[str, Any] = {f"gate_{code}": value for code, value in review.gates.items()}
    answers |= {f"score_{code}": value for code, value in review.scores.items()}
    return answers | {
        "recommendation": str(review.recommendation),
        "comment_to_submitter": review.comment_to_submitter,
        "comment_to_editor": review.comment_to_editor,
        "confidence": str(review.confidence or ""),
    }
