"""A panel rule that no panel could meet, or that weighs with no weights, is refused."""

import math
from typing import Any

import pytest

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.rules import PanelRule, Slot

from .makers import rule


@pytest.mark.parametrize("weight", [math.nan, math.inf, -0.1])
def test_a_weight_that_is_no_weight_is_refused(weight: float) -> None:
    with pytest.raises(MatchingError, match="the weight of topic must be finite"):
        rule(weights={"topic": weight})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weights": {"charm": 1.0}}, "no facet 'charm'"),
        ({"slots": {"guest": 1}}, "no slot 'guest'"),
        ({"slots": {"internal": -1}}, "number of internal seats is negative"),
        ({"slots": {"external": 10}}, "at most 9 seats"),
        ({"reads_language": 4}, "reads_language must be between 0 and the 3 seats"),
        ({"covers_primary_topic": -1}, "covers_primary_topic must be between"),
        ({"rest_days": -1}, "rest_days is negative"),
        ({"open_items_cap": -1}, "open_items_cap is negative"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(MatchingError, match=message):
        PanelRule(**fields)


def test_the_default_is_one_internal_and_two_external_reviewers() -> None:
    assert [PanelRule().seats(slot) for slot in Slot] == [1, 2, 0, 0]


def test_a_seat_takes_the_kind_it_is_named_for() -> None:
    assert {slot: (slot.admits(True), slot.admits(False)) for slot in Slot} == {
        Slot.INTERNAL: (True, False),
        Slot.EXTERNAL: (False, True),
        Slot.ANY: (True, True),
        Slot.TIE_BREAKER: (True, True),
    }
