"""What a receipt says to anybody who has its address, and no more than keeps reviewers unknown.

Where identities are hidden, a receipt must not let somebody find the item: the library shows when
an item was reviewed, so a day, or a month in which little was reviewed, would name it. What is
said is therefore true of several items at least: the kind of item and the month where enough of
that kind were reviewed in it, else the month, else the year.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.core.db import db
from reviewhub.core.i18n import _
from reviewhub.reviews.models import Assignment, Review, ReviewPolicy, ReviewRound
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.receipts import Receipt
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State

CROWD = 5  # items, at least, of which everything said is true
_LOOKED_AT = 60  # items, at most, that are counted
COMPLETED = frozenset({A.SUBMITTED, A.SURPLUS})


@dataclass(frozen=True)
class Statement:
    """One receipt in its parts. `first` begins the time that is said: `span` "day", "month" or
    "year"; `number` is that of the reviews of a year, 0 for a receipt of one."""

    name: str
    first: date
    span: str
    section_id: int | None = None
    title: str = ""
    language: str = ""
    number: int = 0


Enough = Callable[[date, date, int | None], bool]


def of(receipt: Receipt) -> Statement | None:
    """What a receipt says now; None where what it was for is not there any more."""
    name = accounts.get(receipt.person_id).name or str(_("The holder of this receipt"))
    if receipt.year is not None:
        number = completed_in(receipt.person_id, receipt.year)
        return Statement(name, date(receipt.year, 1, 1), "year", number=number) if number else None
    return _of_review(receipt, name)


def _of_review(receipt: Receipt, name: str) -> Statement | None:
    row = db.session.execute(
        sa.select(Assignment, Submission)
        .join(Review, Review.assignment_id == Assignment.id)
        .join(Submission, Submission.id == Assignment.submission_id)
        .where(
            Assignment.id == receipt.assignment_id,
            Assignment.state.in_(COMPLETED),
            Review.submitted_at.is_not(None),
        )
        .options(sa.orm.joinedload(Assignment.round))
    ).one_or_none()
    if row is None:
        return None
    assignment, submission = row
    day = receipt.completed_on
    assert day is not None  # a database check holds it for the receipt of a review
    if rules_of(assignment.round).names_reviewers:
        is_out = submission.state is State.PUBLISHED
        title, language = (submission.title, submission.language) if is_out else ("", "")
        return Statement(name, day, "day", submission.section_id, title, language)
    span, section_id = widest(day, submission.section_id, _are_enough)
    first = day.replace(day=1) if span == "month" else date(day.year, 1, 1)
    return Statement(name, first, span, section_id)


def widest(day: date, section_id: int | None, are_enough: Enough) -> tuple[str, int | None]:
    """What may be said of a review of that day: "month" or "year", and the kind of item or None.

    `are_enough(first, last, section_id)` says whether enough items were reviewed in a time.
    """
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if section_id is not None and are_enough(first, last, section_id):
        return "month", section_id
    return ("month" if are_enough(first, last, None) else "year"), None


def _are_enough(first: date, last: date, section_id: int | None) -> bool:
    """Counted are items whose reviewers are hidden: of the others everybody may know who it was."""
    found = (
        sa.select(Assignment.submission_id, ReviewRound.policy_id)
        .distinct()
        .join(Receipt, Receipt.assignment_id == Assignment.id)
        .join(ReviewRound, ReviewRound.id == Assignment.round_id)
        .where(Receipt.completed_on.between(first, last))
        .limit(_LOOKED_AT)
    )
    if section_id is not None:
        found = found.join(Submission, Submission.id == Assignment.submission_id).where(
            Submission.section_id == section_id
        )
    rows = db.session.execute(found).all()
    naming = _policies_that_name({policy_id for _item, policy_id in rows})
    return len({item for item, policy_id in rows if policy_id not in naming}) >= CROWD


def _policies_that_name(ids: set[int]) -> set[int]:
    rows = db.session.scalars(sa.select(ReviewPolicy).where(ReviewPolicy.id.in_(ids)))
    return {row.id for row in rows if Rules.read(row.rules).names_reviewers}


def completed_in(person_id: int, year: int) -> int:
    """How many reviews somebody completed in a calendar year."""
    return years_of(person_id).get(year, 0)


def years_of(person_id: int) -> dict[int, int]:
    """How many reviews somebody completed in each calendar year, the newest year first."""
    moments = db.session.scalars(
        sa.select(Review.submitted_at)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(
            Assignment.person_id == person_id,
            Assignment.state.in_(COMPLETED),
            Review.submitted_at.is_not(None),
        )
    )
    years = [moment.year for moment in moments if moment is not None]
    return {year: years.count(year) for year in sorted(set(years), reverse=True)}
