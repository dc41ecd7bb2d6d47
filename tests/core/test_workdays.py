"""Working days leave out days off, wherever the hub is, and keep the time of day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.core.workdays import Workdays

FRIDAY = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
MON_TO_FRI = Workdays()
SUN_TO_THU = Workdays(weekdays=frozenset({6, 0, 1, 2, 3}))
WITH_HOLIDAYS = Workdays(holidays=frozenset({"2026-03-09", "03-11"}))


@pytest.mark.parametrize(
    ("calendar", "days", "day"),
    [
        (MON_TO_FRI, 0, "2026-03-06"),
        (MON_TO_FRI, 1, "2026-03-09"),
        (MON_TO_FRI, 5, "2026-03-13"),
        (MON_TO_FRI, 6, "2026-03-16"),
        (SUN_TO_THU, 0, "2026-03-08"),
        (SUN_TO_THU, 1, "2026-03-08"),
        (SUN_TO_THU, 5, "2026-03-12"),
        (WITH_HOLIDAYS, 1, "2026-03-10"),
        (WITH_HOLIDAYS, 2, "2026-03-12"),
    ],
)
def test_days_off_are_left_out_and_the_time_of_day_stays(
    calendar: Workdays, days: int, day: str
) -> None:
    assert calendar.after(FRIDAY, days).isoformat() == f"{day}T16:30:00+00:00"


def test_a_holiday_without_a_year_is_one_in_every_year() -> None:
    assert not WITH_HOLIDAYS.is_worked(date(2030, 3, 11))
    assert WITH_HOLIDAYS.is_worked(date(2027, 3, 9)), "this one is of one year"


def test_a_day_begins_where_the_hub_is() -> None:
    late_on_friday = datetime(2026, 3, 6, 20, 30, tzinfo=UTC)  # Saturday morning in Auckland
    auckland = Workdays(zone=ZoneInfo("Pacific/Auckland"))
    assert auckland.after(late_on_friday, 0).astimezone(auckland.zone).date() == date(2026, 3, 9)
    assert MON_TO_FRI.after(late_on_friday, 0) == late_on_friday


def test_the_time_of_day_stays_where_the_clocks_are_put_forward() -> None:
    berlin = Workdays(zone=ZoneInfo("Europe/Berlin"))
    friday = datetime(2026, 3, 27, 9, 0, tzinfo=berlin.zone)
    monday = berlin.after(friday, 1)
    assert monday.astimezone(berlin.zone).isoformat() == "2026-03-30T09:00:00+02:00"
    assert monday.tzinfo is UTC


ZONES = st.sampled_from(["UTC", "Africa/Nairobi", "Pacific/Auckland", "America/Caracas"])
CALENDARS = st.builds(
    Workdays,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(
        st.dates(date(2024, 1, 1), date(2028, 12, 31)).flatmap(
            lambda day: st.sampled_from([day.isoformat(), day.isoformat()[5:]])
        ),
        max_size=30,
    ),
    zone=ZONES.map(ZoneInfo),
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone


@given(CALENDARS, MOMENTS, st.integers(0, 60))
def test_exactly_that_many_working_days_pass(
    calendar: Workdays, start: datetime, days: int
) -> None:
    """Counted day by day, on a calendar of paper."""
    first = start.astimezone(calendar.zone).date()
    last = calendar.after(start, days).astimezone(calendar.zone).date()
    passed = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert calendar.is_worked(last)
    if days:
        assert sum(calendar.is_worked(day) for day in passed) == days
    else:
        assert not any(calendar.is_worked(day) for day in [first, *passed][:-1])


@given(CALENDARS, MOMENTS, st.integers(1, 20), st.integers(1, 20))
def test_more_days_end_later(calendar: Workdays, start: datetime, days: int, more: int) -> None:
    assert calendar.after(start, days) < calendar.after(start, days + more)
