"""What a panel's reviews add up to: one pure, total function over every combination.

Scores inform people and count nowhere, on purpose: a recommendation is what a reviewer says with
all of it in view, and a mean of means can be argued with for ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewhub.reviews.models import PanelResult, Recommendation
from reviewhub.reviews.workflow import Slot

INCLUDING = frozenset({Recommendation.INCLUDE, Recommendation.INCLUDE_CORRECTED})


@dataclass(frozen=True)
class Verdict:
    """What counts of one review: its slot, its recommendation, and whether a gate said "no"."""

    slot: Slot
    recommendation: Recommendation
    gate_failed: bool = False

    @property
    def judges(self) -> bool:
        """Whether it fills its slot: "I can't judge" does not."""
        return self.recommendation is not Recommendation.CANNOT_JUDGE


def gate_failed(gates: Mapping[str, str]) -> bool:
    """Whether any gate was answered "no"."""
    return any(answer == "no" for answer in gates.values())


def is_filled(verdicts: Iterable[Verdict], slots: Mapping[str, int], tie_breakers: int) -> bool:
    """Whether every required slot, invited tie-breakers included, has its judging review."""
    demand = {**slots, Slot.TIE_BREAKER: tie_breakers}
    judging = [verdict.slot for verdict in verdicts if verdict.judges]
    return all(judging.count(Slot(slot)) >= needed for slot, needed in demand.items())


def result(
    verdicts: Sequence[Verdict], slots: Mapping[str, int], tie_breakers: int = 0
) -> PanelResult:
    """The panel's result, the first that holds: short, gate, then what the reviews agree on.

    `tie_breakers` is how many were called in; from then on they are required, and what was split
    becomes a majority or a tie.
    """
    judging = [verdict for verdict in verdicts if verdict.judges]
    if not judging or not is_filled(verdicts, slots, tie_breakers):
        return PanelResult.SHORT
    if any(verdict.gate_failed for verdict in judging):
        return PanelResult.GATE
    said = {verdict.recommendation for verdict in judging}
    if said == {Recommendation.INCLUDE}:
        return PanelResult.INCLUDE
    if said <= INCLUDING:
        return PanelResult.CORRECT
    if said == {Recommendation.DO_NOT_INCLUDE}:
        return PanelResult.EXCLUDE
    return _divided(judging) if tie_breakers else PanelResult.SPLIT


def _divided(judging: Sequence[Verdict]) -> PanelResult:
    including = sum(verdict.recommendation in INCLUDING for verdict in judging)
    excluding = len(judging) - including
    if including == excluding:
        return PanelResult.TIED
    return PanelResult.MAJORITY_INCLUDE if including > excluding else PanelResult.MAJORITY_EXCLUDE
