"""The panel rule: how many reviewers of which kind, what they must share, and what counts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reviewhub.matching.errors import MatchingError

MAX_SEATS = 9
"""The largest panel: the search for the best one is exact, and grows with the panel."""


class Slot(StrEnum):
    """A kind of seat on the panel."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    ANY = "any"
    TIE_BREAKER = "tie_breaker"

    def admits(self, internal: bool) -> bool:
        """Whether an internal (or else an external) reviewer may take this kind of seat."""
        return self in {Slot.ANY, Slot.TIE_BREAKER} or internal == (self is Slot.INTERNAL)


class PanelNeed(StrEnum):
    """What a panel must have as a whole; the values are the names of PanelRule's fields."""

    DISTINCT_ORGANISATIONS = "distinct_organisations"
    READS_LANGUAGE = "reads_language"
    COVERS_PRIMARY_TOPIC = "covers_primary_topic"


class Facet(StrEnum):
    """What a score is made of. BACKGROUND is judged for the panel, the others for each person."""

    TOPIC = "topic"
    THEMES = "themes"
    PLACE = "place"
    LANGUAGE = "language"
    TEXT = "text"
    LOAD = "load"
    BACKGROUND = "background"


DEFAULT_SLOTS: Mapping[str, int] = {Slot.INTERNAL: 1, Slot.EXTERNAL: 2}

DEFAULT_WEIGHTS: Mapping[str, float] = {
    Facet.TOPIC: 0.5,
    Facet.THEMES: 0.1,
    Facet.PLACE: 0.15,
    Facet.LANGUAGE: 0.1,
    Facet.TEXT: 0.1,
    Facet.LOAD: 0.15,
    Facet.BACKGROUND: 0.1,
}


@dataclass(frozen=True, kw_only=True)
class PanelRule:
    """The part of a review policy that decides who may sit, and who sits best.

    `reads_language` and `covers_primary_topic` are the least number of members who do.
    `open_items_cap` None means no limit; `rest_days` are counted from a person's last review.
    `shared_domains` are mail domains that prove nothing: public providers and those of large
    systems of organisations. A slot or weight left out is zero.
    Raises MatchingError for what no panel could meet, and for weights that are no weights.
    """

    slots: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_SLOTS))
    distinct_organisations: bool = True
    reads_language: int = 1
    covers_primary_topic: int = 1
    open_items_cap: int | None = None
    rest_days: int = 0
    shared_domains: frozenset[str] = frozenset()
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))

    def __post_init__(self) -> None:
        check_weights(self.weights)
        _check_slots(self.slots)
        seats = sum(self.slots.values())
        for name in (PanelNeed.READS_LANGUAGE, PanelNeed.COVERS_PRIMARY_TOPIC):
            if not 0 <= getattr(self, name) <= seats:
                raise MatchingError(f"{name} must be between 0 and the {seats} seats")
        if self.rest_days < 0:
            raise MatchingError("rest_days is negative")
        if self.open_items_cap is not None and self.open_items_cap < 0:
            raise MatchingError("open_items_cap is negative")

    def seats(self, slot: Slot) -> int:
        """How many seats of this kind a full panel has."""
        return self.slots.get(slot, 0)


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise MatchingError unless every weight is for a known facet, finite and not negative."""
    for name, weight in weights.items():
        if name not in set(Facet):
            raise MatchingError(f"there is no facet {name!r} to weigh")
        if not math.isfinite(weight) or weight < 0:
            raise MatchingError(f"the weight of {name} must be finite and not negative: {weight}")


def _check_slots(slots: Mapping[str, int]) -> None:
    for name, seats in slots.items():
        if name not in set(Slot):
            raise MatchingError(f"there is no slot {name!r}")
        if seats < 0:
            raise MatchingError(f"the number of {name} seats is negative")
    if sum(slots.values()) > MAX_SEATS:
        raise MatchingError(f"a panel has at most {MAX_SEATS} seats")
