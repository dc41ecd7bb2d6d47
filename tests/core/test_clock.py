"""The clock tells the present time, and can be set."""

from datetime import UTC, datetime

import pytest

from reviewhub.core import clock

FRIDAY = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)


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
