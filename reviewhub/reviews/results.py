"""From a round's rows to its verdicts, and to what the library later says of the review."""

from collections.abc import Sequence
from typing import Any

from reviewhub.reviews.models import Assignment, Review, ReviewRound
from reviewhub.reviews.panel import Verdict, gate_failed
from reviewhub.reviews.workflow import AssignmentState as A


def counted_reviews(current: ReviewRound) -> list[tuple[Assignment, Review]]:
    """The reviews that fill a seat of the round."""
    return [
        (one, one.review)
        for one in current.assignments
        if one.state is A.SUBMITTED and one.review is not None and one.review.submitted_at
    ]


def late_reviews(current: ReviewRound) -> list[tuple[Assignment, Review]]:
    """Those that arrived when nobody waited for them any more: kept and shown, and not counted."""
    return [
        (one, one.review)
        for one in current.assignments
        if one.state is A.SURPLUS and one.review is not None and one.review.submitted_at
    ]


def verdicts_of(current: ReviewRound) -> list[Verdict]:
    """What counts of each review of the round."""
    verdicts = []
    for assignment, review in counted_reviews(current):
        assert review.recommendation is not None  # a database check holds it for sent reviews
        verdicts.append(Verdict(assignment.slot, review.recommendation, gate_failed(review.gates)))
    return verdicts


def summary(rounds: Sequence[ReviewRound]) -> dict[str, Any]:
    """What is published of the review: how many reviewers of which kind, under which policy.

    No name and no single person's recommendation. A tie-breaker counts as external or internal
    by where they come from, which is kept with the assignment.
    """
    counted = [pair for current in rounds for pair in counted_reviews(current)]
    is_internal = {one.person_id: one.internal for one, _review in counted}
    latest = rounds[-1] if rounds else None
    return {
        "reviewers": len(is_internal),
        "internal": sum(is_internal.values()),
        "external": len(is_internal) - sum(is_internal.values()),
        "rounds": len(rounds),
        "policy": latest.policy.number if latest else None,
        "result": latest.result.value if latest and latest.result else None,
    }
