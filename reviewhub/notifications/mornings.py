"""When a person's working day begins: the moment at which what could wait is sent to them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reviewhub.core import config
from reviewhub.core.workdays import Workdays

MORNING = time(8)

_workdays: Callable[[], Workdays] = Workdays


def use_workdays(workdays: Callable[[], Workdays]) -> None:
    """Let `workdays()` say which days the hub works; called at start.

    They are the hub's data, which lies above this package: hence the hand-over.
    """
    global _workdays  # set once per process
    _workdays = workdays


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; the hub's own where the person has none that is known here."""
    try:
        return ZoneInfo(name or config.current().timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(config.current().timezone)


def next_morning(after: datetime, zone: str) -> datetime:
    """The next morning of a working day in this zone, later than `after`; in UTC."""
    place, worked = zone_of(zone), _workdays().is_worked
    day = after.astimezone(place).date()
    while (morning := _morning(day, place)) <= after or not worked(day):
        day += timedelta(days=1)
    return morning.astimezone(UTC)


def is_first_morning_of_week(moment: datetime, zone: str) -> bool:
    """Whether the first working day of the week has begun in this zone, and is not over."""
    place, worked = zone_of(zone), _workdays().is_worked
    day = moment.astimezone(place).date()
    monday = day - timedelta(days=day.weekday())
    before = (monday + timedelta(days=passed) for passed in range(day.weekday()))
    return worked(day) and not any(map(worked, before)) and _morning(day, place) <= moment


def _morning(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=place)
