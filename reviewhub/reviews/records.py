"""A reviewer's own record: what they reviewed, what became of it, and what they can show for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.i18n import _l
from reviewhub.core.pagination import Page
from reviewhub.reviews.models import Assignment, Review, ReviewRound
from reviewhub.reviews.receipts import Receipt
from reviewhub.reviews.statements import COMPLETED, years_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.queries import live_decisions, untold
from reviewhub.submissions.workflow import State

PAGE_SIZE = 20

OPEN, LATE, ANOTHER_ROUND = "open", "late", "another_round"
APPROVED, PUBLISHED, REJECTED, WITHDRAWN = "approved", "published", "rejected", "withdrawn"
OUTCOMES = {
    OPEN: _l("Not decided yet. You hear from us when it is."),
    LATE: _l("It arrived when the panel had finished. It is kept with the item."),
    ANOTHER_ROUND: _l("Your review was used. Another round followed."),
    APPROVED: _l("Your review was used: it was approved for the library."),
    PUBLISHED: _l("Your review was used: it is in the library."),
    REJECTED: _l("Your review was used: it was not included in the library."),
    WITHDRAWN: _l("The submitter took it back before it was decided."),
}


@dataclass(frozen=True)
class Entry:
    """One review that was sent."""

    assignment_id: int
    title: str
    language: str
    at: datetime
    outcome: str
    receipt: Receipt | None


@dataclass(frozen=True)
class Year:
    """One calendar year: how many reviews, and the certificate where it was made."""

    year: int
    number: int
    is_over: bool
    certificate: Receipt | None


def entries(person_id: int, *, after: int | None = None, size: int = PAGE_SIZE) -> Page[Entry]:
    """The reviews that somebody has sent, those asked for last first; `after` is a seat's id."""
    found = (
        sa.select(Assignment, Submission, Review.submitted_at, ReviewRound.number)
        .join(Review, Review.assignment_id == Assignment.id)
        .join(Submission, Submission.id == Assignment.submission_id)
        .join(ReviewRound, ReviewRound.id == Assignment.round_id)
        .where(
            Assignment.person_id == person_id,
            Assignment.state.in_(COMPLETED),
            Review.submitted_at.is_not(None),
        )
        .order_by(Assignment.id.desc())
        .limit(size + 1)
    )
    if after is not None:
        found = found.where(Assignment.id < after)
    rows = db.session.execute(found).all()
    ids = [assignment.id for assignment, *_rest in rows]
    decisions = live_decisions([submission.id for _seat, submission, *_rest in rows])
    held = untold(list(decisions.values()))
    told = {id: one for id, one in decisions.items() if id not in held}
    receipts = _receipts(ids)
    shown = [
        Entry(
            assignment.id, submission.title, submission.language, at,
            outcome_of(assignment.state, number, submission, told.get(submission.id)),
            receipts.get(assignment.id),
        )
        for assignment, submission, at, number in rows
        if at is not None
        if at is not None  # which the query has seen to
    ]  # fmt: skip
    return Page.cut(shown, size, lambda one: one.assignment_id, started=after is not None)


def outcome_of(state: A, round_number: int, submission: Submission, told: Decision | None) -> str:
    """What became of a review, as far as its writer has been told; `told` is such a decision."""
    if state is A.SURPLUS:
        return LATE
    if round_number < submission.round:
        return ANOTHER_ROUND
    if submission.state is State.WITHDRAWN:
        return WITHDRAWN
    if told is None:
        return OPEN
    if told.kind is DecisionKind.REJECTED:
        return REJECTED
    return PUBLISHED if submission.state is State.PUBLISHED else APPROVED


def years(person_id: int) -> list[Year]:
    """The calendar years with a review, the newest first."""
    made = db.session.scalars(
        sa.select(Receipt).where(Receipt.person_id == person_id, Receipt.year.is_not(None))
    )
    certificates = {one.year: one for one in made if one.revoked_at is None}
    this_year = clock.today().year
    return [
        Year(year, number, year < this_year, certificates.get(year))
        for year, number in years_of(person_id).items()
    ]


def receipt(receipt_id: int) -> Receipt | None:
    """The receipt or certificate with this id, if there is one."""
    return db.session.get(Receipt, receipt_id)


def _receipts(assignment_ids: Sequence[int]) -> dict[int, Receipt]:
    rows = db.session.scalars(
        sa.select(Receipt).where(
            Receipt.assignment_id.in_(assignment_ids), Receipt.revoked_at.is_(None)
        )
    )
    return {one.assignment_id: one for one in rows if one.assignment_id is not None}
