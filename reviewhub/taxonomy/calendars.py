"""The hub's calendar: calendar.json, checked, and as the value that counts working days.

A hub without the file works from Monday to Friday and has no holidays.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from reviewhub.core.i18n import _
from reviewhub.core.workdays import MONDAY_TO_FRIDAY, Workdays

CALENDAR = "calendar.json"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = ("working_days", "holidays", "time_zone")
# So many dates of every year leave each day of the week some that are worked, so counting ends.
MOST_YEARLY = 100
MOST_HOLIDAYS = 1000

_DATE = re.compile(r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}")
_LEAP_YEAR = "2024-"  # a year that has every date


def problem_of(calendar: Mapping[str, Any]) -> tuple[str, str] | None:
    """The entry of calendar.json that can't be used, and why; None where all of it can."""
    for key in calendar:
        if key not in KEYS:
            return key, _("only %(keys)s can stand here.", keys=", ".join(KEYS))
    for key, find in (
        ("working_days", _wrong_weekdays),
        ("holidays", _wrong_holidays),
        ("time_zone", _wrong_zone),
    ):
        problem = find(calendar[key]) if key in calendar else ""
        if problem:
            return key, problem
    return None


def workdays_of(calendar: Mapping[str, Any], *, time_zone: str) -> Workdays:
    """A checked calendar as the value that counts, in this time zone."""
    days = calendar.get("working_days")
    return Workdays(
        weekdays=frozenset(WEEKDAYS.index(day) for day in days) if days else MONDAY_TO_FRIDAY,
        holidays=frozenset(calendar.get("holidays", ())),
        zone=ZoneInfo(time_zone),
    )


def _wrong_weekdays(days: Any) -> str:
    if isinstance(days, list) and days and all(day in WEEKDAYS for day in days):
        return ""
    return _("at least one day is needed, out of %(days)s.", days=", ".join(WEEKDAYS))


def _wrong_holidays(holidays: Any) -> str:
    if not isinstance(holidays, list):
        return _("a list of dates is needed here.")
    for holiday in holidays:
        if not _is_date(holiday):
            return _(
                "“%(day)s” is no date: write 2026-12-25, or 12-25 for every year.", day=holiday
            )
    yearly = sum(len(holiday) == len("12-25") for holiday in holidays)
    if yearly > MOST_YEARLY or len(holidays) > MOST_HOLIDAYS:
        return _(
            "at most %(yearly)d dates of every year and %(all)d in all are possible.",
            yearly=MOST_YEARLY,
            all=MOST_HOLIDAYS,
        )
    return ""


def _is_date(text: Any) -> bool:
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > len("12-25") else _LEAP_YEAR + text)
    except ValueError:
        return False
    return True


def _wrong_zone(zone: Any) -> str:
    try:
        ZoneInfo(zone)
    except (ValueError, TypeError, OSError, LookupError):
        return _("“%(zone)s” is no time zone, such as Africa/Nairobi.", zone=zone)
    return ""
