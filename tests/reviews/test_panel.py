"""The panel's result over every combination, against a second statement of the same rules."""

from itertools import combinations_with_replacement, product

import pytest

from reviewhub.reviews.models import PanelResult, Recommendation
from reviewhub.reviews.panel import Verdict, gate_failed, is_filled, result
from reviewhub.reviews.workflow import Slot

SLOTS = {Slot.INTERNAL: 1, Slot.EXTERNAL: 2}
R = Recommendation
POSSIBLE = [
    Verdict(slot, said, gate) for slot, said, gate in product(Slot, Recommendation, (False, True))
]


def expected(verdicts: tuple[Verdict, ...], tie_breakers: int) -> PanelResult:
    """The rules once more, by counting: written apart from the code that they check."""
    judging = [v for v in verdicts if v.recommendation != "cannot_judge"]
    per_slot = {slot: len([v for v in judging if v.slot == slot]) for slot in Slot}
    if (
        per_slot["internal"] < 1
        or per_slot["external"] < 2
        or per_slot["tie_breaker"] < tie_breakers
    ):
        return PanelResult.SHORT
    if [v for v in judging if v.gate_failed]:
        return PanelResult.GATE
    plain = len([v for v in judging if v.recommendation == "include"])
    corrected = len([v for v in judging if v.recommendation == "include_corrected"])
    against = len([v for v in judging if v.recommendation == "do_not_include"])
    if not against:
        return PanelResult.CORRECT if corrected else PanelResult.INCLUDE
    if not plain + corrected:
        return PanelResult.EXCLUDE
    if not tie_breakers:
        return PanelResult.SPLIT
    if plain + corrected == against:
        return PanelResult.TIED
    return (
        PanelResult.MAJORITY_INCLUDE
        if plain + corrected > against
        else PanelResult.MAJORITY_EXCLUDE
    )


@pytest.mark.lasting
@pytest.mark.parametrize("tie_breakers", [0, 1])
@pytest.mark.parametrize("size", [*range(5), pytest.param(5, marks=pytest.mark.slow)])
def test_the_result_is_the_stated_one_for_every_combination(size: int, tie_breakers: int) -> None:
    seen = set()
    for verdicts in combinations_with_replacement(POSSIBLE, size):
        found = result(verdicts, SLOTS, tie_breakers)
        assert found is expected(verdicts, tie_breakers), (verdicts, tie_breakers)
        seen.add(found)
    assert seen, "there is a result for every size, none of reviews included"


@pytest.mark.lasting
def test_every_result_can_happen() -> None:
    happened = {
        result(verdicts, SLOTS, tie_breakers)
        for tie_breakers in (0, 1)
        for size in (3, 4)
        for verdicts in combinations_with_replacement(POSSIBLE, size)
    }
    assert happened == set(PanelResult)


def test_the_order_of_the_reviews_does_not_matter() -> None:
    verdicts = [
        Verdict(Slot.INTERNAL, R.INCLUDE),
        Verdict(Slot.EXTERNAL, R.DO_NOT_INCLUDE),
        Verdict(Slot.EXTERNAL, R.INCLUDE_CORRECTED),
    ]
    assert result(verdicts, SLOTS) is result(verdicts[::-1], SLOTS) is PanelResult.SPLIT


def test_a_review_that_cannot_judge_fills_no_seat() -> None:
    verdicts = [
        Verdict(Slot.INTERNAL, R.CANNOT_JUDGE),
        Verdict(Slot.EXTERNAL, R.INCLUDE),
        Verdict(Slot.EXTERNAL, R.INCLUDE),
    ]
    assert not is_filled(verdicts, SLOTS, 0)
    assert result(verdicts, SLOTS) is PanelResult.SHORT


def test_only_a_no_fails_a_gate() -> None:
    assert gate_failed({"in_scope": "no", "principles": "yes"})
    assert not gate_failed({"in_scope": "unsure", "principles": "yes"})
    assert not gate_failed({})
