"""The load book: what each member of the roster was asked, and what came of it.

It counts the cost of asking, so whatever was asked counts: an invitation that stays without an
answer as well as one that was called off. Figures only, no item: a roster manager need not know who
reviewed what.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.i18n import _, get_locale
from reviewhub.reviews.candidates import COUNTED, half_year_of, half_year_start
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import LABELS
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.models import Membership
from reviewhub.roster.workflow import MEMBERSHIP_LABELS
from reviewhub.taxonomy.queries import catalogue

STRETCH = 500
MOST_MEMBERS = 20_000
# What an invitation can have come to, in the order of the book.
OUTCOMES = (
    A.INVITED, A.ACCEPTED, A.RETURNED, A.SUBMITTED, A.SURPLUS, A.UNFILLED, A.DECLINED, A.EXPIRED,
    A.RECUSED, A.CANCELLED,
)  # fmt: skip


@dataclass
class Load:
    """What somebody was asked in a stretch of time; `counted` is what counts towards their limit.

    Days are between the invitation and the answer, and between the yes and the review.
    """

    asked: int = 0
    counted: int = 0
    outcomes: Counter[A] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    answer_days: list[float] = field(default_factory=list)
    review_days: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many invitations got a yes or a no."""
        return len(self.answer_days)

    @property
    def days_to_answer(self) -> float | None:
        """The median, or None without an answer."""
        return round(median(self.answer_days), 1) if self.answer_days else None

    @property
    def days_to_review(self) -> float | None:
        """The median, or None without a review."""
        return round(median(self.review_days), 1) if self.review_days else None

    def add(self, row: Any) -> None:
        """Count one assignment in."""
        self.asked += 1
        self.counted += row.state in COUNTED
        self.outcomes[row.state] += 1
        if row.state == A.DECLINED:
            self.reasons[row.decline_reason] += 1
        if row.answered_at is not None:
            self.answer_days.append(_days(row.invited_at, row.answered_at))
            if row.submitted_at is not None:
                self.review_days.append(_days(row.answered_at, row.submitted_at))


_ROW = (
    Assignment.person_id, Assignment.state, Assignment.decline_reason, Assignment.invited_at,
    Assignment.answered_at, Assignment.submitted_at,
)  # fmt: skip


def half_years(person_id: int) -> list[tuple[datetime, Load]]:
    """One person's loads by the half-year they were asked in, the latest first; one query."""
    rows = db.session.execute(
        sa.select(*_ROW)
        .where(Assignment.person_id == person_id, Assignment.invited_at.is_not(None))
        .order_by(Assignment.invited_at.desc(), Assignment.id.desc())
    )
    found: dict[datetime, Load] = {}
    for row in rows:
        found.setdefault(half_year_start(row.invited_at), Load()).add(row)
    return list(found.items())


def in_all(loads: Sequence[Load]) -> Load:
    """Several loads as one."""
    total = Load()
    for one in loads:
        total.asked += one.asked
        total.counted += one.counted
        total.outcomes += one.outcomes
        total.reasons += one.reasons
        total.answer_days += one.answer_days
        total.review_days += one.review_days
    return total


def header() -> list[str]:
    """The columns of the book as a file."""
    reasons = catalogue().reasons["invitation_decline"]
    return [
        _("Name"), _("E-mail address"), _("State"), _("Counts as"), _("Reviews per half-year"),
        _("Counted in this half-year"), _("Asked"), _("Answered"),
        *(str(LABELS[outcome]) for outcome in OUTCOMES),
        *(_("Declined: %(reason)s", reason=_reason(one["code"])) for one in reasons),
        _("Days to answer, median"), _("Days to review, median"),
    ]  # fmt: skip


def rows() -> Iterator[Sequence[Any]]:
    """One line for each member, past ones too, by membership; two queries for each stretch."""
    last, told = 0, 0
    codes = [one["code"] for one in catalogue().reasons["invitation_decline"]]
    while told < MOST_MEMBERS:
        found = db.session.execute(
            sa.select(
                Membership.id, Membership.person_id, Membership.state, Membership.internal,
                Membership.capacity, Person.name, Person.email,
            )
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.id > last)
            .order_by(Membership.id)
            .limit(STRETCH)
        ).all()  # fmt: skip
        loads = _loads_of([row.person_id for row in found])
        for row in found:
            yield _line(row, *loads.get(row.person_id, (Load(), Load())), codes)
        if len(found) < STRETCH:
            return
        last, told = found[-1].id, told + len(found)


def _loads_of(people: Sequence[int]) -> dict[int, tuple[Load, Load]]:
    """Of each of these, everything and this half-year."""
    first, after = half_year_of(clock.now())
    found: dict[int, tuple[Load, Load]] = {}
    asked = sa.select(*_ROW).where(
        Assignment.person_id.in_(people), Assignment.invited_at.is_not(None)
    )
    for row in db.session.execute(asked.order_by(Assignment.id)):
        ever, now = found.setdefault(row.person_id, (Load(), Load()))
        ever.add(row)
        if first <= row.invited_at < after:
            now.add(row)
    return found


def _line(row: Any, ever: Load, now: Load, codes: Sequence[str]) -> Sequence[Any]:
    return (
        row.name, row.email, str(MEMBERSHIP_LABELS[row.state]),
        _("internal") if row.internal else _("external"), row.capacity, now.counted,
        ever.asked, ever.answered, *(ever.outcomes[outcome] for outcome in OUTCOMES),
        *(ever.reasons[code] for code in codes), ever.days_to_answer, ever.days_to_review,
    )  # fmt: skip


def _reason(code: str) -> str:
    return catalogue().reason_label("invitation_decline", code, get_locale()).text


def _days(begins: datetime, ends: datetime) -> float:
    return max(0.0, (ends - begins).total_seconds() / 86_400)
