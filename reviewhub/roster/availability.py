"""When a member can be asked: periods of absence as arithmetic of days. No database, no clock.

Whatever a member states is kept as the fewest periods that hold the same days: those that overlap
or touch are one. Candidates, the counts of who is here, and every page read it by these functions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which somebody is away, both ends included; without a last one until they say so."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day is one of these."""
        return self.first <= day and (self.last is None or day <= self.last)

    def days_within(self, first: date, last: date) -> int:
        """How many of the days from `first` to `last` are among these."""
        begins = max(self.first, first)
        ends = last if self.last is None else min(self.last, last)
        return max(0, (ends - begins).days + 1)


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same days in as few periods as can be, the earliest first."""
    found: list[Period] = []
    for one in sorted(periods, key=lambda period: period.first):
        if found and _reaches(found[-1], one.first):
            found[-1] = Period(found[-1].first, _later(found[-1].last, one.last))
        else:
            found.append(one)
    return tuple(found)


def before(periods: Iterable[Period], day: date) -> tuple[Period, ...]:
    """What is left of the periods when everything from `day` on is taken out."""
    return tuple(
        Period(one.first, min(one.last or day, day - DAY)) for one in periods if one.first < day
    )


def on(periods: Iterable[Period], day: date) -> Period | None:
    """The period that holds this day, if somebody is away on it."""
    return next((one for one in periods if one.holds(day)), None)


def may_be_asked(
    periods: Iterable[Period], day: date, *, answer_by: date | None = None, review_days: int = 0
) -> bool:
    """Whether somebody with these absences may be asked on `day`.

    Nobody is asked who is away on that day, or who goes away before the invitation can be answered:
    an absence that holds any day from `day` to `answer_by` excludes, since it would leave less time
    to answer than was promised. Nor is anybody asked who would be away for more than half of the
    `review_days` days after `answer_by`, on which the review is written; a shorter absence is
    theirs to arrange. Without `answer_by` the question is about the one day.
    """
    end = answer_by or day
    known = merged(periods)
    if any(one.days_within(day, end) for one in known):
        return False
    first, last = end + DAY, end + timedelta(days=review_days)
    return 2 * sum(one.days_within(first, last) for one in known) <= review_days


@dataclass(frozen=True, slots=True)
class Asking:
    """An invitation of some day: by when it can be answered, and how long its review takes."""

    day: date
    answer_by: date
    review_days: int

    def may_reach(self, periods: Iterable[Period]) -> bool:
        """Whether somebody with these absences may be sent it."""
        return may_be_asked(
            periods, self.day, answer_by=self.answer_by, review_days=self.review_days
        )


def _reaches(period: Period, day: date) -> bool:
    """Whether `day` is in the period or follows it at once."""
    return period.last is None or day.toordinal() <= period.last.toordinal() + 1


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)
