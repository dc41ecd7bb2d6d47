"""The policy's rules, read from data."""

from typing import Any

import pytest

from reviewhub.core.errors import InvalidInput
from reviewhub.reviews.rules import OnInclude, Rules
from reviewhub.taxonomy.queries import catalogue


def test_a_policy_needs_nothing_but_its_slots() -> None:
    rules = Rules.read({"slots": {"external": 2}})
    assert rules.panel_size == 2
    assert rules.on_include is OnInclude.APPROVE


def test_keys_of_other_concerns_are_left_alone() -> None:
    assert Rules.read({"slots": {"external": 1}, "guest_draft_days": 14, "x": 1}).panel_size == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"slots": {"chair": 1}},
        {"slots": {"internal": -1}},
        {"slots": {"internal": "two"}},
        {"slots": {"internal": 1}, "on_include": "celebrate"},
        {"slots": {"internal": 1}, "reads_language": 2},
        {"slots": {"external": 40}},
        {"slots": [1, 2]},
        {"slots": {"internal": 1}, "weights": {"topic": -1.0}},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_with_a_sentence(
    data: dict[str, Any], app: Any
) -> None:
    with app.app_context(), pytest.raises(InvalidInput, match="policy"):
        Rules.read(data)


def test_the_default_hub_states_one_internal_and_two_external(db: Any) -> None:
    rules = Rules.read(catalogue().policy)
    assert dict(rules.slots) == {"internal": 1, "external": 2}
    assert rules.panel_rule().distinct_organisations
