"""The default order."""

import random

import pytest

from reviewhub.library.query import Query
from reviewhub.library.ranking import date_key, rank, scope_tier, why_here
from reviewhub.library.search import engine
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue
from tests.library.shelf import put, term_id


@pytest.mark.parametrize(
    ("scope", "regions", "countries", "tier"),
    [
        (Scope.GLOBAL, [], [], 0),
        (Scope.MULTI_REGION, [], [], 1),
        (Scope.REGIONAL, ["africa", "asia"], [], 1),
        (Scope.NATIONAL, ["africa", "asia"], ["KEN", "NPL"], 1),
        (Scope.REGIONAL, ["africa"], [], 2),
        (Scope.NATIONAL, ["africa"], ["KEN", "UGA"], 2),
        (Scope.NATIONAL, ["africa"], ["KEN"], 3),
        (Scope.LOCAL, ["africa"], ["KEN"], 4),
        (None, [], [], 5),
    ],
)
def test_wider_scopes_have_lower_tiers(
    scope: Scope | None, regions: list[str], countries: list[str], tier: int
) -> None:
    assert scope_tier(scope, regions, countries) == tier


def test_newer_dates_come_first_and_undated_last() -> None:
    dates = ["", "1963", "2024", "2024-05", "2024-05-31"]
    assert sorted(dates, key=date_key) == ["2024-05-31", "2024-05", "2024", "1963", ""]


def test_a_title_ranks_without_its_quotes_and_accents() -> None:
    made = rank(scope=None, regions=[], countries=[], breadth=None, dated="", title="“Événements”")
    assert made.title == "evenements"


def test_why_here_says_scope_breadth_and_date(db: object) -> None:
    assert why_here(0, 1, -20240531).startswith("Global, broad, dated 2024:")
    assert "Scope not stated, breadth not stated, undated" in why_here(5, 3, 0)


def test_shuffling_what_comes_in_keeps_the_order(db: object, clock: object) -> None:
    made = [
        {"title": f"Study {scope} {breadth} {year}", "scope": scope, "breadth": breadth,
         "published_on": year, "countries": ["KEN"] if scope == Scope.NATIONAL else []}
        for scope in (Scope.GLOBAL, Scope.REGIONAL, Scope.NATIONAL, None)
        for breadth in (Breadth.COMPREHENSIVE, Breadth.SPECIFIC)
        for year in ("2020", "")
    ]  # fmt: skip
    shuffled = random.Random(7).sample(made, len(made))
    for values in shuffled:
        put(**values)
    assert [found.title for found in engine.search(Query()).resources] == [
        values["title"] for values in made
    ]


def test_an_older_but_broader_guide_stands_before_a_newer_information_sheet(
    db: object, clock: object
) -> None:
    put("Sheet on citizen services", section="training", published_on="2020-12-14",
        breadth=Breadth.SPECIFIC)  # fmt: skip
    put("Note on access to justice", section="training", published_on="2019-06-03",
        breadth=Breadth.BROAD)  # fmt: skip
    assert _titles() == ["Note on access to justice", "Sheet on citizen services"]


def test_of_two_global_treaties_the_newer_stands_first(db: object, clock: object) -> None:
    put("Treaty on consular relations", published_on="1963-04-24", breadth=None)
    put("Treaty on migrant workers", published_on="1990-12-18", breadth=None)
    assert _titles() == ["Treaty on migrant workers", "Treaty on consular relations"]


def test_under_a_topic_those_filed_there_first_of_all_come_first(db: object, clock: object) -> None:
    put("Mostly about remittances", topics=["20", "14"], published_on="2024")
    put("Mostly about consulates", topics=["14"], published_on="2001")
    topic = _topic("14")
    assert _titles(Query(chosen={"topic": (topic,)})) == [
        "Mostly about consulates", "Mostly about remittances"
    ]  # fmt: skip
    assert _titles() == ["Mostly about remittances", "Mostly about consulates"]


def test_events_to_come_stand_first_with_the_soonest_on_top(db: object, clock: object) -> None:
    for title, day in (("Past", "2026-01-10"), ("Later", "2026-09-01"), ("Soon", "2026-04-01")):
        put(title, section="events", details={"starts_at": day})
    put("Older past", section="events", details={"starts_at": "2025-01-10"})
    assert _titles() == ["Soon", "Later", "Past", "Older past"]


def _titles(query: Query | None = None) -> list[str]:
    return [found.title for found in engine.search(query or Query()).resources]


def _topic(code: str) -> TermView:
    return catalogue().term(term_id("topics", code))
