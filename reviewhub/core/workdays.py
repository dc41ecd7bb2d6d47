"""Counting working days: which days of the week are worked, which dates are not, in which zone.

Pure: a value that counts. Whose calendar it is stands in the hub's data.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True)
class Workdays:
    """Days of the week from 0 (Monday), and holidays as "2026-12-25", or "12-25" for every year.

    A day begins and ends where the hub is, not in UTC.
    """

    weekdays: AbstractSet[int] = MONDAY_TO_FRIDAY
    holidays: AbstractSet[str] = frozenset()
    zone: tzinfo = UTC

    def is_worked(self, day: date) -> bool:
        """Whether this day counts."""
        if day.weekday() not in self.weekdays:
            return False
        written = day.isoformat()
        return written not in self.holidays and written[5:] not in self.holidays

    def after(self, start: datetime, days: int) -> datetime:
        """The same time of day, `days` working days after `start`; with 0 of them, the first one.

        The answer never lies on a day off. It is in UTC; the time of day is the zone's, so it
        stays the same where the clocks are changed in between.
        """
        local = start.astimezone(self.zone)
        day = local.date()
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_worked(day)
        while not self.is_worked(day):
            day += timedelta(days=1)
        if day == local.date():
            return start
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)
