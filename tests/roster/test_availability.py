"""Periods of absence against plain sets of days, and what an invitation makes of them."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reviewhub.roster import availability
from reviewhub.roster.availability import Period

TODAY = date(2026, 3, 2)
HORIZON = 60  # days; whatever has no last day goes on beyond
offsets = st.integers(0, HORIZON - 1)


def on(offset):
    return TODAY + timedelta(days=offset)


@st.composite
def periods(draw):
    """Up to six periods as they come: overlapping, touching, within one another, without end."""
    return [
        Period(on(first), draw(st.none() | st.integers(first, HORIZON - 1).map(on)))
        for first in draw(st.lists(offsets, max_size=6))
    ]


def days(found):
    """The same as a plain set: each day asked for itself."""
    return {
        offset
        for offset in range(HORIZON)
        for one in found
        if one.first <= on(offset) and (one.last is None or on(offset) <= one.last)
    }


@given(periods(), offsets)
def test_merging_keeps_the_days_and_leaves_no_two_that_touch(stated, day):
    merged = availability.merged(stated)
    assert days(merged) == days(stated)
    assert availability.merged(reversed(merged)) == merged
    for one, after in pairwise(merged):
        assert one.last is not None
        assert (after.first - one.last).days > 1
    assert days(availability.before(merged, on(day))) == {n for n in days(stated) if n < day}
    assert (availability.on(merged, on(day)) is not None) == (day in days(stated))


@given(periods(), st.integers(0, 20), st.integers(0, 10), st.integers(0, 25))
def test_who_may_be_asked_is_what_counting_day_by_day_says(stated, day, to_answer, review_days):
    away = days(stated)
    answering = set(range(day, day + to_answer + 1))
    reviewing = set(range(day + to_answer + 1, day + to_answer + 1 + review_days))
    expected = not answering & away and len(reviewing & away) * 2 <= review_days
    assert expected == availability.may_be_asked(
        stated, on(day), answer_by=on(day + to_answer), review_days=review_days
    )
    assert availability.may_be_asked(stated, on(day)) == (day not in away)


def test_an_absence_that_begins_before_the_answer_excludes_and_a_short_one_later_does_not():
    asked = {"answer_by": on(8), "review_days": 21}
    assert not availability.may_be_asked([Period(on(8), on(8))], TODAY, **asked)
    assert availability.may_be_asked([Period(on(9), on(18))], TODAY, **asked)  # 10 of 21 days
    assert not availability.may_be_asked([Period(on(9), on(19))], TODAY, **asked)
    assert not availability.may_be_asked([Period(on(9), on(13)), Period(on(20))], TODAY, **asked)
    assert availability.may_be_asked([Period(on(30))], TODAY, **asked)
