"""The addresses of a facet's values."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.library.facets import FACETS
from reviewhub.library.query import parse
from reviewhub.library.search import Results
from reviewhub.library.views import filters
from reviewhub.taxonomy.queries import catalogue

GIVEN = {
    "q": ["health", "a b&c", "”"], "objective": ["14", "1", "atlantis", "x y"],
    "section": ["documents", "videos"], "type": ["report", "none"], "theme": ["human-rights"],
    "region": ["africa", "nowhere"], "country": ["KEN", "NPL", "ATL"], "language": ["fr", "xx"],
    "global": ["1"], "sort": ["newest", "title"], "page": ["2"],
}  # fmt: skip


@pytest.mark.lasting
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional={k: st.lists(st.sampled_from(v), min_size=1) for k, v in GIVEN.items()}
    )
)
def test_a_values_address_is_the_query_with_it_toggled(
    app: Flask, db: Any, arguments: dict[str, list[str]]
) -> None:
    hub = catalogue()
    query = parse(arguments, hub)
    with app.test_request_context("/"):
        for facet in FACETS:
            view = filters.facet_view(facet, query, Results([], 0, 1, 1), hub, "en", complete=True)
            by_name = {filters._names(facet, hub, "en")[t.id][0]: t for t in facet.values(hub)}
            for value in view.values[:12]:
                toggled = query.toggled(facet, by_name[value.label])
                assert value.url == filters.address(toggled, hub)


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_facet_is_named_in_the_readers_language(app: Flask, db: Any, locale: str) -> None:
    hub = catalogue()
    query = replace(parse({}, hub), include_global=True)
    with app.test_request_context("/"):
        views = filters.facet_views(query, Results([], 0, 1, 1), hub, locale)
    countries = next(facet for facet in FACETS if facet.name == "country")
    labels = {term.label(locale).text for term in countries.values(hub)}
    assert {value.label for value in views[FACETS.index(countries)].values} <= labels
