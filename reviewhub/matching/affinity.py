"""How well a candidate fits an item: one number in [0, 1], and the parts that it is made of.

    affinity(item, candidate, weights)   # Score(total=0.83, parts=(Part("topic", …), …))

Totals are whole millionths. The order of candidates, and what a panel adds up to, is therefore
exact: it depends neither on the order of the rows nor on the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from reviewhub.matching.people import EXPERT, Candidate, Item
from reviewhub.matching.rules import Facet, check_weights

POINTS = 1_000_000
"""Points of a perfect score: totals are compared as whole points."""

PRIMARY_COUNT = 2
"""How many other topics the primary one counts for."""


@dataclass(frozen=True, slots=True)
class Part:
    """One facet of a score: its value in [0, 1], its weight, and what matched."""

    name: Facet
    value: float
    weight: float
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The weighted mean of its parts, in [0, 1]."""

    total: float
    parts: tuple[Part, ...]


def affinity(item: Item, candidate: Candidate, weights: Mapping[str, float]) -> Score:
    """How well the candidate fits the item. Raises MatchingError for weights that are none."""
    check_weights(weights)
    return Affinity(item, weights).score(candidate)


class Affinity:
    """The score of one item, made ready to be asked about many candidates.

    A facet on which the item says nothing is left out, so that 1 stays within reach.
    """

    def __init__(self, item: Item, weights: Mapping[str, float]) -> None:
        measures: dict[Facet, Measure] = {Facet.LOAD: Load()}
        if topics := _topic_counts(item):
            measures[Facet.TOPIC] = Topic(topics)
        if item.themes:
            measures[Facet.THEMES] = Themes(item.themes)
        if item.countries or item.regions:
            measures[Facet.PLACE] = Place(item.countries, item.regions)
        if item.languages:
            measures[Facet.LANGUAGE] = Language(item.languages)
        if item.likeness:
            measures[Facet.TEXT] = Text(item.likeness, item.shared)
        self._facets = [
            (facet, weights[facet], measures[facet])
            for facet in Facet
            if facet in measures and weights.get(facet, 0) > 0
        ]
        self._weighed = [(weight, measure.value) for _, weight, measure in self._facets]
        self._per_weight = POINTS / (sum(weight for weight, _ in self._weighed) or 1.0)
        self.background_points = round(weights.get(Facet.BACKGROUND, 0) * self._per_weight)

    def points(self, candidate: Candidate) -> int:
        """The total in whole points, 0 to POINTS."""
        total = 0.0
        for weight, value in self._weighed:
            total += weight * value(candidate)
        return round(total * self._per_weight)

    def score(self, candidate: Candidate) -> Score:
        """The total with its parts."""
        parts = tuple(
            Part(facet, measure.value(candidate), weight, measure.matched(candidate))
            for facet, weight, measure in self._facets
        )
        return Score(self.points(candidate) / POINTS, parts)


class Measure(Protocol):
    """One facet of an item: how much of it a candidate has, and which codes of it."""

    def value(self, candidate: Candidate) -> float:
        """In [0, 1]."""

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        """The codes that made the value."""


class Topic:
    """What the candidate knows of the item's topics: 3/3 as an expert, 2/3 as a reviewer."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = tuple(counts.items())
        self._full = EXPERT * sum(counts.values())

    def value(self, candidate: Candidate) -> float:
        known = 0
        for topic, count in self._counts:
            known += count * candidate.topics.get(topic, 0)
        return known / self._full

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        return tuple(topic for topic, _ in self._counts if topic in candidate.topics)


class Themes:
    """The share of the item's themes that are the candidate's too."""

    def __init__(self, themes: frozenset[str]) -> None:
        self._themes = themes

    def value(self, candidate: Candidate) -> float:
        return len(self._themes & candidate.themes) / len(self._themes)

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        return tuple(sorted(self._themes & candidate.themes))


class Place:
    """One of the item's countries, or else the share of its regions that the candidate knows."""

    def __init__(self, countries: frozenset[str], regions: frozenset[str]) -> None:
        self._countries = countries
        self._regions = regions
        # A region is a weaker tie than the country itself, when the item names one.
        self._region_share = 0.5 if countries else 1.0

    def value(self, candidate: Candidate) -> float:
        if candidate.country in self._countries:
            return 1.0
        shared = len(self._regions & candidate.regions)
        return self._region_share * shared / len(self._regions) if shared else 0.0

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        if candidate.country is not None and candidate.country in self._countries:
            return (candidate.country,)
        return tuple(sorted(self._regions & candidate.regions))


class Language:
    """Whether the candidate reads one of the item's languages."""

    def __init__(self, languages: frozenset[str]) -> None:
        self._languages = languages

    def value(self, candidate: Candidate) -> float:
        return 0.0 if self._languages.isdisjoint(candidate.languages) else 1.0

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        return tuple(sorted(self._languages & candidate.languages))


class Text:
    """How alike the item's text is to what the candidate has written."""

    def __init__(
        self, likeness: Mapping[int, float], shared: Mapping[int, tuple[str, ...]]
    ) -> None:
        self._likeness = likeness
        self._shared = shared

    def value(self, candidate: Candidate) -> float:
        return self._likeness.get(candidate.id, 0.0)

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        return self._shared.get(candidate.id, ())


class Load:
    """What is left of the half-year's capacity: the recent load, taken off the score."""

    def value(self, candidate: Candidate) -> float:
        if candidate.load >= candidate.capacity:
            return 0.0
        return 1 - candidate.load / candidate.capacity

    def matched(self, candidate: Candidate) -> tuple[str, ...]:
        return ()


def _topic_counts(item: Item) -> dict[str, int]:
    """What each topic of the item counts, the primary one first."""
    primary = {} if item.primary_topic is None else {item.primary_topic: PRIMARY_COUNT}
    return primary | {topic: 1 for topic in item.topics if topic not in primary}
