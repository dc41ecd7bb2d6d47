"""Search, against what a naive reading of the same rows says."""

import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.accounts.actor import SYSTEM
from reviewhub.library import operations
from reviewhub.library.analyser import indexed, needs
from reviewhub.library.facets import FACETS
from reviewhub.library.index.verifying import verify
from reviewhub.library.models import Resource
from reviewhub.library.query import Query, Sort
from reviewhub.library.search import PAGE_SIZE, engine
from reviewhub.library.words import normal, phrases
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue
from tests.library.shelf import entry, put, statements

WORDS = ("consular", "remit", "border", "data", "移民", "هجرة")
CODES = {
    "topic": ("topics", ["1", "14", "20"]),
    "theme": ("themes", ["human-rights", "child-sensitive"]),
    "region": ("regions", ["africa", "asia"]),
    "country": ("countries", ["KEN", "UGA", "NPL"]),
    "type": ("document_types", ["report", "policy-brief"]),
    "section": ("sections", ["documents", "videos", "events"]),
    "language": ("languages", ["en", "fr"]),
}
DATES = ["", "1999", "2020-05", "2026-03-02", "2026-04-01", "2027"]  # some of them still to come


def term(facet: str, code: str) -> TermView:
    found = catalogue().find(CODES[facet][0], code)
    assert found is not None
    return found


def random_values(pick: random.Random) -> dict[str, Any]:
    """A random entry, but for its title."""
    return {
        "description": " ".join(pick.sample(WORDS, 2)),
        "topics": pick.sample(CODES["topic"][1], pick.randint(0, 2)),
        "themes": pick.sample(CODES["theme"][1], pick.randint(0, 1)),
        "countries": pick.sample(CODES["country"][1], pick.randint(0, 2)),
        "languages": pick.sample(CODES["language"][1], pick.randint(0, 2)),
        "document_type": pick.choice([None, *CODES["type"][1]]),
        "section": pick.choice(CODES["section"][1]),
        "scope": pick.choice([None, *Scope]),
        "breadth": pick.choice([None, *Breadth]),
        "published_on": pick.choice(DATES),
        "language": pick.choice(["", "en", "fr", "ar"]),
    }


def random_title(pick: random.Random) -> str:
    return " ".join(pick.sample(WORDS, pick.randint(1, 2)))


def random_shelf(seed: int, size: int) -> list[Resource]:
    pick = random.Random(seed)
    return [put(random_title(pick), **random_values(pick)) for _ in range(size)]


def naive(shelf: list[Resource], query: Query, *, without: str = "") -> list[Resource]:
    """What matches, by reading every row that is shown."""
    shown = [row for row in shelf if row.state == ResourceState.PUBLISHED]
    return [
        row
        for row in shown
        if all(_has(row, need, shown) for word in query.words for need in needs(word))
        and all(phrase in row.search_text for phrase in phrases(query.text))
        and _holds(row, query, without)
    ]


def _has(row: Resource, need: tuple[str, ...], shown: list[Resource]) -> bool:
    """Whether a row has a word: any of its stems or, where no row has one, its beginning."""
    if any(_stems(one) & set(need) for one in shown) or _named(need):
        return bool(_stems(row) & set(need)) or bool(_own(row, "topic") & _named(need))
    return any(stem.startswith(need[0]) for stem in _stems(row) if len(need[0]) > 2)


def _stems(row: Resource) -> set[str]:
    return indexed(row.search_text, row.language)


@cache
def _named(need: tuple[str, ...]) -> set[int]:
    """The ids of topics, themes and places with such a word in a name."""
    vocabularies = ("topics", "countries", "themes", "regions")
    return {
        term.id
        for vocabulary in vocabularies
        for term in catalogue().vocabulary(vocabulary)
        for labels in (term.labels, term.data.get("short_label") or {})
        for language, label in labels.items()
        if indexed(normal(label or ""), language) & set(need)
    }


def _holds(row: Resource, query: Query, without: str) -> bool:
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


def _order(row: Resource, query: Query) -> tuple[Any, ...]:
    """What a row is sorted by, one rule after the other."""
    if query.sort == Sort.TITLE:
        return row.rank_title, row.id
    if query.sort == Sort.NEWEST:
        return row.rank_date, row.rank_title, row.id
    topics = {t.id for t in query.chosen.get("topic", ())}
    is_primary = any(f.is_primary and f.term_id in topics for f in row.filing)
    is_upcoming = row.section_id == term("section", "events").id and row.rank_date <= -20260302
    date = -100_000_000 - row.rank_date if is_upcoming else row.rank_date
    return (
        _relevance(row, query), row.rank_scope, row.rank_breadth, not is_primary, date,
        row.rank_title, row.id,
    )  # fmt: skip


def _relevance(row: Resource, query: Query) -> int:
    if query.sort != Sort.RELEVANCE:
        return 0
    stems = indexed(normal(row.title), row.language)
    in_title = [
        any(s in need or (query.text == "consu" and s.startswith(need[0])) for s in stems)
        for word in query.words
        for need in needs(word)
    ]
    return 0 if all(in_title) else 1 if any(in_title) else 2


TEXTS = ["", "consular", "remits", "data border", "هجرة", "移", "移民", "nowhere", "consu", "kenya",
         '"data border"']  # fmt: skip
queries = st.builds(
    lambda text, picks, wide, sort: (text, picks, wide, sort),
    st.sampled_from(TEXTS),
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
steps = st.lists(
    st.tuples(st.sampled_from(["publish", "correct", "archive", "restore", "remove"]),
              st.integers(0, 99)),
    max_size=12,
)  # fmt: skip


def _query(asked: tuple[Any, ...]) -> Query:
    text, picks, wide, sort = asked
    chosen = {name: tuple(term(name, code) for code in codes) for name, codes in picks.items()}
    return Query(text=text, chosen=chosen, include_global=wide, wanted_sort=sort)


@pytest.mark.lasting
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=queries, seed=st.integers(0, 2))
def test_hits_counts_and_order_equal_a_naive_reading(
    db: Any, clock: Any, asked: tuple[Any, ...], seed: int
) -> None:
    nested = db.begin_nested()
    try:
        _compare(random_shelf(seed, 14), _query(asked))
    finally:
        nested.rollback()


@pytest.mark.lasting
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=queries, taken=steps)
def test_whatever_was_done_to_the_shelf_search_equals_a_naive_reading(
    db: Any, clock: Any, asked: tuple[Any, ...], taken: list[tuple[str, int]]
) -> None:
    nested = db.begin_nested()
    try:
        shelf = random_shelf(0, 4)
        for verb, number in taken:
            _compare(shelf, Query())  # so that the memory follows step by step
            _do(verb, number, shelf)
        _compare(shelf, _query(asked))
        assert verify() == []
    finally:
        nested.rollback()


def _do(verb: str, number: int, shelf: list[Resource]) -> None:
    pick = random.Random(number)
    row = shelf[number % len(shelf)]
    if verb == "publish":
        shelf.append(put(random_title(pick), **random_values(pick)))
    elif verb == "correct" and row.state != ResourceState.REMOVED:
        changes = vars(entry(random_title(pick), **random_values(pick)))
        operations.correct(row, by=SYSTEM, changes=changes, note="Better")
    elif verb == "archive" and row.state == ResourceState.PUBLISHED:
        operations.archive(row, by=SYSTEM, note="Old")
    elif verb == "restore" and row.state == ResourceState.ARCHIVED:
        operations.restore(row, by=SYSTEM)
    elif verb == "remove" and row.state != ResourceState.REMOVED:
        operations.remove(row, by=SYSTEM, reason="Asked for")


def _compare(shelf: list[Resource], query: Query) -> None:
    results = engine.search(query)
    expected = sorted(naive(shelf, query), key=lambda row: _order(row, query))
    assert [row.id for row in results.resources] == [row.id for row in expected]
    assert results.total == len(expected)
    for facet in FACETS:
        rows = naive(shelf, query, without=facet.name)
        for value in facet.values(catalogue()):
            number = sum(value.id in _own(row, facet.name) for row in rows)
            assert results.counts[facet.name].get(value.id, 0) == number, (facet.name, value.code)


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
def test_a_search_takes_three_statements_whatever_it_holds(db: Any, clock: Any, rows: int) -> None:
    for number in range(rows):
        put(f"Study {number}", countries=["KEN"])
    db.flush()
    db.expire_all()
    catalogue()
    chosen = {"topic": (term("topic", "14"),), "country": (term("country", "KEN"),)}
    engine.search(Query())  # the memory follows
    with statements() as sent:
        found = engine.search(Query(text="study", chosen=chosen))
    assert found.total == rows
    assert len(sent) == 3, sent  # the words, the version, the rows
