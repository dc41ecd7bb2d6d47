"""The score: what each facet adds, and that it stays in [0, 1] with its parts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.matching.affinity import Score, affinity
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.rules import DEFAULT_WEIGHTS, PanelRule

from .makers import ITEMS, candidate, item, rosters, rules


def part(score: Score, name: str) -> tuple[float, tuple[str, ...]]:
    return next((part.value, part.matched) for part in score.parts if part.name == name)


def scored(person: Candidate, submitted: Item) -> Score:
    return affinity(submitted, person, DEFAULT_WEIGHTS)


@pytest.mark.parametrize(("level", "value"), [(3, 1.0), (2, 2 / 3), (1, 1 / 3)])
def test_an_expert_counts_three_thirds_and_a_reviewer_two(level: int, value: float) -> None:
    score = scored(candidate(1, topics={"housing": level}), item())
    counted, matched = part(score, "topic")
    assert counted == pytest.approx(value)
    assert matched == ("housing",)


def test_the_primary_topic_counts_double() -> None:
    submitted = item(topics=("housing", "health"))
    primary = scored(candidate(1, topics={"housing": 3}), submitted)
    other = scored(candidate(1, topics={"health": 3}), submitted)
    assert part(primary, "topic")[0] == pytest.approx(2 / 3)
    assert part(other, "topic")[0] == pytest.approx(1 / 3)


def test_the_primary_topic_counts_even_when_it_is_not_repeated_among_the_topics() -> None:
    score = scored(candidate(1, topics={"housing": 3}), item(topics=()))
    assert part(score, "topic") == (1.0, ("housing",))


def test_themes_count_by_the_share_that_is_shared() -> None:
    submitted = item(themes=frozenset({"rights", "children"}))
    score = scored(candidate(1, themes=frozenset({"children", "cities"})), submitted)
    assert part(score, "themes") == (0.5, ("children",))


def test_a_country_of_the_item_counts_in_full_and_its_region_by_half() -> None:
    submitted = item(countries=frozenset({"TO"}), regions=frozenset({"oceania"}))
    local = candidate(1, country="TO")
    near = candidate(1, country="FJ", regions=frozenset({"oceania"}))
    assert part(scored(local, submitted), "place") == (1.0, ("TO",))
    assert part(scored(near, submitted), "place") == (0.5, ("oceania",))
    assert part(scored(candidate(1), submitted), "place") == (0.0, ())


def test_a_region_counts_in_full_when_the_item_names_no_country() -> None:
    submitted = item(regions=frozenset({"oceania", "asia"}))
    score = scored(candidate(1, regions=frozenset({"oceania", "asia"})), submitted)
    assert part(score, "place") == (1.0, ("asia", "oceania"))


def test_reading_one_of_the_languages_is_enough() -> None:
    submitted = item(languages=frozenset({"en", "fr"}))
    reader = candidate(1, languages=frozenset({"fr", "ar"}))
    assert part(scored(reader, submitted), "language") == (1.0, ("fr",))
    stranger = candidate(1, languages=frozenset({"ar"}))
    assert part(scored(stranger, submitted), "language") == (0.0, ())


def test_recent_load_is_taken_off() -> None:
    fresh, busy, full, none = (
        scored(candidate(1, capacity=capacity, load=load), item())
        for capacity, load in [(4, 0), (4, 1), (4, 4), (0, 0)]
    )
    assert [part(s, "load")[0] for s in (fresh, busy, full, none)] == [1.0, 0.75, 0.0, 0.0]
    assert fresh.total > busy.total > full.total


def test_what_the_item_does_not_say_is_left_out_of_the_score() -> None:
    score = scored(candidate(1, topics={"housing": 3}), item())
    assert [part.name for part in score.parts] == ["topic", "language", "load"]
    assert score.total == 1.0


def test_with_no_weights_everyone_scores_nothing() -> None:
    assert affinity(item(), candidate(1), {}) == Score(0.0, ())


def test_weights_that_are_none_are_refused() -> None:
    with pytest.raises(MatchingError):
        affinity(item(), candidate(1), {"topic": math.nan})


@pytest.mark.lasting
@given(rosters(), ITEMS, rules())
def test_the_total_is_the_weighted_mean_of_the_parts_and_in_range(
    people: list[Candidate], submitted: Item, rule: PanelRule
) -> None:
    for person in people:
        score = affinity(submitted, person, rule.weights)
        weight = sum(part.weight for part in score.parts) or 1
        mean = sum(part.weight * part.value for part in score.parts) / weight
        assert score.total == pytest.approx(mean, abs=1e-6)
        assert all(0 <= value <= 1 for value in (score.total, *(p.value for p in score.parts)))


@given(st.integers(0, 3), st.integers(0, 3))
def test_knowing_more_never_scores_less(more: int, less: int) -> None:
    if more < less:
        more, less = less, more
    better, worse = (
        scored(candidate(1, topics={"housing": level} if level else {}), item())
        for level in (more, less)
    )
    assert better.total >= worse.total
