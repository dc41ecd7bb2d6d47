"""A query as a page shows it: facets with links and counts, chips, orders, pages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for

from reviewhub.core.i18n import _, _l
from reviewhub.library.facets import (
    COUNTRY,
    FACETS,
    LANGUAGE,
    REGION,
    SECTION,
    THEME,
    TOPIC,
    TYPE,
    Facet,
    short_label,
)
from reviewhub.library.query import Query, Sort
from reviewhub.library.search import Results
from reviewhub.taxonomy.catalogue import Catalogue, TermView, collation_key

FIRST = 8  # values shown at once; the rest folds away
MOST = 50  # values of one facet on a list page

_TITLES = {
    REGION: _l("Region"),
    COUNTRY: _l("Country"),
    TYPE: _l("Document type"),
    SECTION: _l("Section"),
    LANGUAGE: _l("Language"),
}
_SORTS = {
    Sort.RELEVANCE: _l("Most relevant"),
    Sort.COMPREHENSIVE: _l("Most comprehensive"),
    Sort.NEWEST: _l("Newest"),
    Sort.TITLE: _l("Title"),
}


@dataclass(frozen=True)
class Value:
    """One value of a facet, or one chip: what it says and where it leads."""

    label: str
    url: str
    lang: str = ""
    count: int = 0
    selected: bool = False


@dataclass(frozen=True)
class FacetView:
    """One facet of the page; `more_url` leads to all its values where not all are shown."""

    title: str
    values: list[Value]
    more_url: str = ""


@dataclass(frozen=True)
class SortView:
    """One order the reader may choose."""

    label: str
    url: str
    is_current: bool


def address(query: Query, hub: Catalogue) -> str:
    """The list that answers this query."""
    return url_for("library.index", **query.args_with_unknown(hub))


def canonical(query: Query, hub: Catalogue) -> str:
    """The one address of this list, for search engines."""
    return url_for("library.index", _external=True, **query.args(hub))


def hidden_fields(query: Query, hub: Catalogue) -> list[tuple[str, str]]:
    """What the search form carries on, as (name, value)."""
    kept = replace(query, text="", page=1, wanted_sort=None).args_with_unknown(hub)
    return [
        (name, value)
        for name, values in kept.items()
        for value in ([values] if isinstance(values, str) else values)
    ]


def facet_views(query: Query, results: Results, hub: Catalogue, locale: str) -> list[FacetView]:
    """Every facet with its most useful values."""
    return [facet_view(facet, query, results, hub, locale) for facet in FACETS]


def facet_view(
    facet: Facet,
    query: Query,
    results: Results,
    hub: Catalogue,
    locale: str,
    *,
    complete: bool = False,
) -> FacetView:
    """One facet; `complete` shows every value in the facet's own order."""
    counts = results.counts.get(facet.name, {})
    terms = _ordered(facet, counts, hub, locale)
    shown = terms if complete else _most_useful(facet, terms, query, counts)
    more = ""
    if len(shown) < len(terms):
        args = query.on_page(1).args_with_unknown(hub)
        more = url_for("library.facet", name=facet.name, **args)
    values = [_value(facet, term, query, counts, hub, locale) for term in shown]
    return FacetView(title(facet, hub, locale), values, more)


def title(facet: Facet, hub: Catalogue, locale: str) -> str:
    """What the facet is called on pages."""
    if facet == TOPIC:
        return _capital(hub.topic_label(locale).text)
    if facet == THEME:
        return _capital(hub.theme_label(locale).text)
    return str(_TITLES[facet])


def chips(query: Query, hub: Catalogue, locale: str) -> list[Value]:
    """Everything that narrows the list, each leading to the list without it."""
    found = []
    if query.text:
        label = _("“%(words)s”", words=query.text)
        found.append(Value(str(label), address(replace(query, text="", page=1), hub)))
    for facet in FACETS:
        for term in query.chosen.get(facet.name, ()):
            name = short_label(term, locale)
            url = address(query.toggled(facet, term), hub)
            found.append(Value(name.text, url, lang=_other(name.lang, locale)))
    for param, value in query.unknown:
        label = _("%(name)s “%(value)s” is not known here", name=param, value=value)
        found.append(Value(str(label), address(query.without_unknown(param, value), hub)))
    return found


def sorts(query: Query, hub: Catalogue) -> list[SortView]:
    """The orders on offer; relevance only where there are words."""
    return [
        SortView(
            str(label),
            address(replace(query, wanted_sort=sort, page=1), hub),
            sort == query.sort,
        )
        for sort, label in _SORTS.items()
        if sort != Sort.RELEVANCE or query.words
    ]


def global_toggle(query: Query, hub: Catalogue) -> Value | None:
    """Adding or leaving out global resources, where a place is chosen."""
    if not query.asks_for_places:
        return None
    other = replace(query, include_global=not query.include_global, page=1)
    label = (
        _("Leave out global resources") if query.include_global else _("Include global resources")
    )
    return Value(str(label), address(other, hub), selected=query.include_global)


def _value(
    facet: Facet,
    term: TermView,
    query: Query,
    counts: Mapping[int, int],
    hub: Catalogue,
    locale: str,
) -> Value:
    label = short_label(term, locale)
    number = term.data.get("number")
    return Value(
        label=f"{number} {label}" if number else label.text,
        url=address(query.toggled(facet, term), hub),
        lang=_other(label.lang, locale),
        count=counts.get(term.id, 0),
        selected=query.has(facet, term),
    )


def _ordered(
    facet: Facet, counts: Mapping[int, int], hub: Catalogue, locale: str
) -> list[TermView]:
    """The hub's order; countries by the alphabet; the other short lists fullest first."""
    if facet == COUNTRY:
        return list(hub.sorted_terms(facet.vocabulary, locale))
    if facet in {TYPE, LANGUAGE, REGION, THEME}:
        return sorted(
            facet.values(hub),
            key=lambda term: (
                -counts.get(term.id, 0),
                collation_key(term.label(locale).text, locale),
            ),
        )
    return list(facet.values(hub))


def _most_useful(
    facet: Facet, terms: list[TermView], query: Query, counts: Mapping[int, int]
) -> list[TermView]:
    """The fullest first where the alphabet says nothing; the rest in the facet's order."""
    if facet != COUNTRY:
        return terms[:MOST]
    by_count = sorted(terms, key=lambda t: (not query.has(facet, t), -counts.get(t.id, 0)))
    kept = [t for t in by_count[:MOST] if counts.get(t.id, 0) or query.has(facet, t)]
    first, rest = kept[:FIRST], {t.id for t in kept[FIRST:]}
    return first + [t for t in terms if t.id in rest]


def _other(lang: str, locale: str) -> str:
    """The language of a label that fell back; "" where it is the page's own."""
    return "" if lang == locale else lang


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
