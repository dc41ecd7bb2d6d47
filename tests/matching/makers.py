"""Candidates, items and rules with everything filled in, and random ones for the property tests."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.rules import PanelRule

TODAY = date(2026, 7, 1)


def candidate(id: int, **fields: Any) -> Candidate:
    """Somebody with no tie to the item, who may be asked."""
    given: dict[str, Any] = {
        "internal": False,
        "email": f"person{id}@house{id}.example",
        "organisation_id": 1000 + id,
        "government": None,
        "languages": frozenset({"en"}),
        "topics": {"housing": 2},
    }
    return Candidate(id=id, **(given | fields))


def item(**fields: Any) -> Item:
    """Something on housing, in English, from a person whom no candidate knows."""
    given: dict[str, Any] = {
        "id": 1,
        "submitter_id": 900,
        "submitter_email": "sender@sender.example",
        "submitter_organisation_id": 90,
        "state_country": None,
        "topics": ("housing",),
        "primary_topic": "housing",
        "languages": frozenset({"en"}),
    }
    return Item(**(given | fields))


def rule(
    internal: int = 1, external: int = 2, tie_breaker: int = 0, anybody: int = 0, **fields: Any
) -> PanelRule:
    """The default rule, with these slots."""
    slots = {
        "internal": internal, "external": external, "tie_breaker": tie_breaker, "any": anybody,
    }  # fmt: skip
    return PanelRule(slots=slots, **fields)


def sets_of(*names: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=2)


@st.composite
def rosters(draw: st.DrawFn, max_size: int = 9) -> list[Candidate]:
    """A few people, many of them alike: few organisations, languages, topics and backgrounds."""
    ids = draw(st.lists(st.integers(1, 40), unique=True, max_size=max_size))
    return [
        candidate(
            n,
            internal=draw(st.booleans()),
            organisation_id=draw(st.sampled_from([None, 1, 2, 3])),
            languages=draw(sets_of("en", "fr")),
            topics=draw(st.dictionaries(st.sampled_from(["housing", "health"]), st.integers(1, 3))),
            themes=draw(sets_of("rights", "children")),
            backgrounds=draw(sets_of("policy", "research", "practice")),
            capacity=2,
            load=draw(st.sampled_from([0, 0, 1, 2])),
            open_items=draw(st.sampled_from([0, 0, 0, 3])),
            paused=draw(st.sampled_from([False, False, False, True])),
            last_finished=draw(st.sampled_from([None, None, date(2026, 6, 25)])),
        )
        for n in ids
    ]


@st.composite
def rules(draw: st.DrawFn) -> PanelRule:
    """A small panel with any of the needs."""
    # Six seats would keep the oracle, which tries every panel, too long.
    most = draw(st.sampled_from([(2, 2, 1, 0), (1, 1, 1, 1), (2, 0, 0, 2)]))
    slots = [draw(st.integers(0, seats)) for seats in most]
    seats = sum(slots)
    return rule(
        *slots,
        distinct_organisations=draw(st.booleans()),
        reads_language=draw(st.integers(0, min(2, seats))),
        covers_primary_topic=draw(st.integers(0, min(2, seats))),
        open_items_cap=3,
        rest_days=14,
        weights={
            "topic": draw(st.sampled_from([0, 1])),
            "themes": 0.5,
            "load": draw(st.sampled_from([0, 0.25])),
            "background": draw(st.sampled_from([0, 0.2, 2])),
        },
    )


ITEMS = st.sampled_from(
    [
        item(themes=frozenset({"rights"})),
        item(languages=frozenset({"fr"}), topics=("housing", "health")),
        item(languages=frozenset(), primary_topic=None, topics=()),
    ]
)
