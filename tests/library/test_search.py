"""Search, against what a naive reading of the same rows says."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.accounts.actor import SYSTEM
from reviewhub.library import operations
from reviewhub.library.facets import FACETS
from reviewhub.library.models import Resource
from reviewhub.library.query import Query, Sort
from reviewhub.library.search import PAGE_SIZE, engine
from reviewhub.library.words import normal
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue
from tests.library.shelf import put, statements

WORDS = ("consular", "remit", "border", "data", "移民", "هجرة")
CODES = {
    "topic": ("topics", ["1", "14", "20"]),
    "theme": ("themes", ["human-rights", "child-sensitive"]),
    "region": ("regions", ["africa", "asia"]),
    "country": ("countries", ["KEN", "UGA", "NPL"]),
    "type": ("document_types", ["report", "policy-brief"]),
    "section": ("sections", ["documents", "videos"]),
    "language": ("languages", ["en", "fr"]),
}


def term(facet: str, code: str) -> TermView:
    found = catalogue().find(CODES[facet][0], code)
    assert found is not None
    return found


def random_shelf(seed: int, size: int) -> list[Resource]:
    pick = random.Random(seed)
    return [
        put(
            " ".join(pick.sample(WORDS, 2)) + f" {number}",
            description=" ".join(pick.sample(WORDS, 2)),
            topics=pick.sample(CODES["topic"][1], pick.randint(0, 2)),
            themes=pick.sample(CODES["theme"][1], pick.randint(0, 1)),
            countries=pick.sample(CODES["country"][1], pick.randint(0, 2)),
            languages=pick.sample(CODES["language"][1], pick.randint(0, 2)),
            document_type=pick.choice([None, *CODES["type"][1]]),
            section=pick.choice(CODES["section"][1]),
            scope=pick.choice([None, *Scope]),
            breadth=pick.choice([None, *Breadth]),
            published_on=pick.choice(["", "1999", "2020-05"]),
        )
        for number in range(size)
    ]


def naive(shelf: list[Resource], query: Query, *, without: str = "") -> set[int]:
    """The ids that match, by reading every row."""
    return {row.id for row in shelf if _holds(row, query, without)}


def _holds(row: Resource, query: Query, without: str) -> bool:
    text = f" {row.search_text.strip()}"
    if not all((f" {w}" if w.isascii() else w) in text for w in query.words):
        return False
    for facet in FACETS:
        chosen = {t.id for t in query.chosen.get(facet.name, ())}
        if not chosen or facet.name == without:
            continue
        is_wide = facet.name in {"region", "country"} and query.include_global
        if not (chosen & _own(row, facet.name) or (is_wide and row.scope == Scope.GLOBAL)):
            return False
    return True


def _own(row: Resource, facet: str) -> set[int]:
    if facet == "section":
        return {row.section_id}
    if facet == "type":
        return {row.document_type_id} if row.document_type_id else set()
    return {filed.term_id for filed in row.filing}


queries = st.builds(
    lambda text, picks, wide, sort: (text, picks, wide, sort),
    st.sampled_from(["", "consular", "remits", "data border", "هجرة", "移", "nowhere"]),
    st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(st.sampled_from(codes), min_size=1, max_size=2, unique=True)
            for name, (_vocabulary, codes) in CODES.items()
        },
    ),
    st.booleans(),
    st.sampled_from([None, *Sort]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=queries, seed=st.integers(0, 2))
def test_search_and_counts_equal_a_naive_reading(
    db: Any, clock: Any, asked: tuple[Any, ...], seed: int
) -> None:
    text, picks, wide, sort = asked
    nested = db.begin_nested()
    try:
        shelf = random_shelf(seed, 14)
        chosen = {name: tuple(term(name, code) for code in codes) for name, codes in picks.items()}
        query = Query(text=text, chosen=chosen, include_global=wide, wanted_sort=sort)
        _compare(shelf, query)
    finally:
        nested.rollback()


def _compare(shelf: list[Resource], query: Query) -> None:
    results = engine.search(query)
    assert {row.id for row in results.resources} == naive(shelf, query)
    assert results.total == len(results.resources)
    for facet in FACETS:
        rows = [r for r in shelf if r.id in naive(shelf, query, without=facet.name)]
        for value in facet.values(catalogue()):
            expected = sum(value.id in _own(row, facet.name) for row in rows)
            assert results.counts[facet.name].get(value.id, 0) == expected, (facet.name, value.code)


def test_words_in_the_title_come_before_words_in_the_text(db: Any, clock: Any) -> None:
    put("Annual review", description="Remittances and consular help", scope=Scope.GLOBAL)
    put("Remittances", description="With consular help", scope=Scope.LOCAL)
    put("Remittances and consular help", scope=None)
    found = engine.search(Query(text="consular remittances"))
    assert [row.title for row in found.resources] == [
        "Remittances and consular help", "Remittances", "Annual review"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.NEWEST, ["B", "C", "A", "D"]),
        (Sort.TITLE, ["A", "B", "C", "D"]),
        (Sort.COMPREHENSIVE, ["D", "A", "B", "C"]),
        (Sort.RELEVANCE, ["D", "A", "B", "C"]),  # without words it is the default order
    ],
)
def test_readers_may_choose_another_order(
    db: Any, clock: Any, sort: Sort, expected: list[str]
) -> None:
    put("C", published_on="2020", breadth=None, scope=None)
    put("A", published_on="2001", breadth=Breadth.SPECIFIC)
    put("D", published_on="", breadth=Breadth.COMPREHENSIVE)
    put("B", published_on="2024", scope=Scope.LOCAL)
    found = engine.search(Query(wanted_sort=sort))
    assert [row.title for row in found.resources] == expected


def test_a_page_past_the_end_is_the_last_one(db: Any, clock: Any) -> None:
    for number in range(PAGE_SIZE + 1):
        put(f"Study {number:02d}")
    found = engine.search(Query(page=99))
    assert (found.page, found.pages, len(found.resources)) == (2, 2, 1)


def test_what_is_archived_or_removed_is_found_by_nobody(db: Any, clock: Any) -> None:
    archived, removed = put("Archived study"), put("Removed study")
    operations.archive(archived, by=SYSTEM, note="Old")
    operations.remove(removed, by=SYSTEM, reason="The publisher asked for it")
    assert engine.search(Query(text="study")).total == 0
    assert engine.suggest("study") == []
    operations.restore(archived, by=SYSTEM)
    assert [row.title for row in engine.search(Query(text="study")).resources] == ["Archived study"]


def test_a_suggestion_has_any_of_the_words_best_first(db: Any, clock: Any) -> None:
    put("Consular help")
    put("Consular help abroad")
    put("Border data")
    assert [row.title for row in engine.suggest("abroad consular nowhere")] == [
        "Consular help abroad", "Consular help"
    ]  # fmt: skip


def test_rebuilding_writes_every_row_anew(db: Any, clock: Any) -> None:
    resource = put("Consular help")
    before = (resource.search_text, resource.rank_title, resource.rank_scope)
    resource.search_text, resource.rank_title, resource.rank_scope = "", "x", 5
    assert engine.rebuild() == 1
    assert (resource.search_text, resource.rank_title, resource.rank_scope) == before


def test_a_country_also_files_under_its_region_and_a_global_scope_under_the_world(
    db: Any, clock: Any
) -> None:
    national = put("In Kenya", countries=["KEN"], scope=Scope.NATIONAL)
    world = put("Everywhere", scope=Scope.GLOBAL)
    codes = lambda row: {catalogue().term(f.term_id).code for f in row.filing}  # noqa: E731
    assert codes(national) >= {"KEN", "africa"}
    assert "global" in codes(world)


def test_normal_text_is_stored_with_a_leading_space(db: Any, clock: Any) -> None:
    resource = put("Études: data")
    assert resource.search_text.startswith(f" {normal('Études: data')}")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_search_takes_two_statements_whatever_it_holds(db: Any, clock: Any, rows: int) -> None:
    for number in range(rows):
        put(f"Study {number}", countries=["KEN"])
    db.flush()
    db.expire_all()
    catalogue()
    chosen = {"topic": (term("topic", "14"),), "country": (term("country", "KEN"),)}
    with statements() as sent:
        found = engine.search(Query(text="study", chosen=chosen))
    assert found.total == rows
    assert len(sent) == 2, sent  # counts and rows
