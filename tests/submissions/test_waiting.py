"""Estimates on made-up histories: honest, never in the past, and silent where too few are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session, scoped_session

from reviewhub.reviews import histories
from reviewhub.submissions.waiting import Estimate, WaitingTimes, estimate, estimate_for, keep
from reviewhub.submissions.workflow import State
from tests.conftest import START, SetClock
from tests.factories import Factory

DAYS = st.lists(st.floats(min_value=0, max_value=400, allow_nan=False), max_size=80)


def test_the_middle_of_what_similar_items_still_needed_is_told() -> None:
    assert estimate(range(10, 31), waited=0, least=20) == Estimate(low=14, high=26, similar=21)


def test_an_item_that_has_waited_is_compared_with_those_that_took_longer() -> None:
    assert estimate(range(1, 61), waited=30, least=20) == Estimate(low=6, high=25, similar=30)


def test_nothing_is_told_from_too_few_items() -> None:
    assert estimate(range(1, 20), waited=0, least=20) is None
    assert estimate(range(1, 61), waited=45, least=20) is None


def test_an_item_that_waits_longer_than_any_did_gets_no_estimate() -> None:
    assert estimate([5.0] * 50, waited=5, least=1) is None


def test_ends_are_rounded_outwards() -> None:
    assert estimate([2.4] * 20, waited=0, least=20) == Estimate(low=2, high=3, similar=20)


def test_the_last_hours_are_told_as_within_a_day() -> None:
    assert estimate([2.1] * 20, waited=2, least=20) == Estimate(low=0, high=1, similar=20)


@given(days=DAYS, waited=st.floats(min_value=0, max_value=400), least=st.integers(0, 40))
def test_no_estimate_lies_in_the_past_or_comes_from_too_few(
    days: list[float], waited: float, least: int
) -> None:
    found = estimate(days, waited=waited, least=least)
    if found is not None:
        assert 0 <= found.low <= found.high
        assert found.high >= 1
        assert found.similar >= max(least, 1)
        assert found.similar == sum(took > waited for took in days)


@given(days=DAYS, waited=st.floats(min_value=0, max_value=400))
def test_the_order_of_the_history_does_not_matter(days: list[float], waited: float) -> None:
    forwards = estimate(days, waited=waited, least=1)
    assert forwards == estimate(days[::-1], waited=waited, least=1)


@pytest.mark.parametrize(
    ("state", "values"),
    [(State.PUBLISHED, {}), (State.CHANGES_REQUESTED, {}), (State.SUBMITTED, {"appeals": 1})],
)
def test_what_is_decided_waits_for_its_submitter_or_was_appealed_gets_none(
    db: scoped_session[Session],
    clock: SetClock,
    make: Factory,
    state: State,
    values: dict[str, int],
) -> None:
    submission = make.submission(state=state, **values)
    way = histories.way_of(submission)
    keep({(stage, way.path): [10.0] * 50 for stage in State})
    assert estimate_for(submission, START) is None


def test_the_estimate_is_of_the_same_stage_and_way(
    db: scoped_session[Session], clock: SetClock, make: Factory
) -> None:
    submission = make.submission()
    keep({(State.SUBMITTED, "nobody-9"): [10.0] * 50, (State.REVIEWED, "editor-3"): [10.0] * 50})
    assert estimate_for(submission, START) is None
    keep({(State.SUBMITTED, "editor-3"): [10.0] * 50})
    assert estimate_for(submission, START) == Estimate(low=10, high=10, similar=50)
    assert estimate_for(submission, None) is None


def test_what_was_counted_before_is_replaced(
    db: scoped_session[Session], clock: SetClock, make: Factory
) -> None:
    assert keep({(State.SUBMITTED, "old"): [1.0], (State.REVIEWED, "old"): [1.0]}) == 2
    assert keep({(State.SUBMITTED, "new"): [3.0, 1.26789]}) == 1
    rows = db.query(WaitingTimes).all()
    assert [(row.stage, row.path, row.days) for row in rows] == [("submitted", "new", [1.27, 3.0])]
