"""Addresses: read, never an error, and written back in one canonical form."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.library.facets import TOPIC, topic_param
from reviewhub.library.query import MOST_PAGES, MOST_VALUES, Query, Sort, parse
from reviewhub.taxonomy.queries import catalogue


def test_the_topics_are_called_what_the_hub_calls_them(db: Any) -> None:
    assert topic_param(catalogue()) == "objective"


def test_an_address_is_written_back_in_one_order_whatever_order_it_came_in(db: Any) -> None:
    given_ = {
        "page": ["2"], "country": ["ken", "AFG"], "objective": ["19", "14", "19"],
        "sort": ["newest"], "q": ["  cash \t transfers "], "global": ["1"], "junk": ["x"],
    }  # fmt: skip
    query = parse(given_, catalogue())
    assert list(query.args(catalogue()).items()) == [
        ("q", "cash transfers"), ("objective", ["14", "19"]), ("country", ["AFG", "KEN"]),
        ("global", "1"), ("sort", "newest"), ("page", "2"),
    ]  # fmt: skip


def test_what_goes_without_saying_is_not_in_the_address(db: Any) -> None:
    query = parse({"sort": ["comprehensive"], "page": ["1"], "global": ["1"]}, catalogue())
    assert query.args(catalogue()) == {}
    words = parse({"q": ["cash"], "sort": ["relevance"]}, catalogue())
    assert words.args(catalogue()) == {"q": "cash"}
    assert words.sort is Sort.RELEVANCE


def test_an_unknown_value_is_kept_apart_and_can_be_taken_away(db: Any) -> None:
    query = parse({"objective": ["14", "99"], "country": ["ATL"]}, catalogue())
    assert query.unknown == (("objective", "99"), ("country", "ATL"))
    assert query.args_with_unknown(catalogue())["objective"] == ["14", "99"]
    left = query.without_unknown("objective", "99")
    assert left.args_with_unknown(catalogue()) == {"objective": ["14"], "country": ["ATL"]}


def test_choosing_a_value_twice_is_as_if_nothing_had_happened(db: Any) -> None:
    term = catalogue().find("topics", "14")
    assert term is not None
    query = Query(page=7)
    once = query.toggled(TOPIC, term)
    assert once.has(TOPIC, term)
    assert once.page == 1
    assert once.toggled(TOPIC, term).chosen == {}


names = st.sampled_from(["q", "objective", "country", "type", "sort", "page", "global", "section"])
values = st.lists(st.one_of(st.text(max_size=30), st.sampled_from(["14", "KEN", "-1", "9e9"])),
                  max_size=4)  # fmt: skip


@pytest.mark.lasting
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(names, values))
def test_no_address_is_an_error_and_the_canonical_one_means_the_same(
    db: Any, arguments: dict[str, list[str]]
) -> None:
    query = parse(arguments, catalogue())
    assert 1 <= query.page <= MOST_PAGES
    args = query.args_with_unknown(catalogue())
    again = parse({k: [v] if isinstance(v, str) else v for k, v in args.items()}, catalogue())
    assert again.args_with_unknown(catalogue()) == args


def test_a_machine_cannot_ask_for_thousands_of_values(db: Any) -> None:
    query = parse({"country": [f"x{n}" for n in range(5000)]}, catalogue())
    assert len(query.unknown) == MOST_VALUES
