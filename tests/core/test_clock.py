"""The clock can be set, and working days leave out weekends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.core import clock

FRIDAY = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
LATE = datetime(9000, 1, 1)  # noqa: DTZ001 -- hypothesis adds the zone


def test_the_time_is_aware_and_the_present_one() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC


def test_a_set_clock_is_put_back_even_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.set_to(lambda: FRIDAY):
        _look_and_fail()
    assert clock.now() != FRIDAY


def _look_and_fail() -> None:
    assert (clock.now(), clock.today()) == (FRIDAY, FRIDAY.date())
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("days", "day"), [(0, "2026-03-06"), (1, "2026-03-09"), (5, "2026-03-13"), (6, "2026-03-16")]
)
def test_working_days_leave_out_the_weekend_and_keep_the_time_of_day(days: int, day: str) -> None:
    assert clock.add_working_days(FRIDAY, days).isoformat() == f"{day}T16:30:00+00:00"


def test_from_a_saturday_the_first_working_day_is_monday() -> None:
    assert clock.add_working_days(FRIDAY + timedelta(days=1), 1).isoweekday() == 1


@given(st.datetimes(max_value=LATE, timezones=st.just(UTC)), st.integers(1, 60))
def test_exactly_that_many_working_days_pass(start: datetime, days: int) -> None:
    end = clock.add_working_days(start, days)
    passed = ((start + timedelta(days=n)).weekday() for n in range(1, (end - start).days + 1))
    assert end.weekday() < 5
    assert sum(weekday < 5 for weekday in passed) == days
