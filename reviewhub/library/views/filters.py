"""A query as a page shows it: facets with links and counts, chips, orders, pages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

from flask import url_for

from reviewhub.core.i18n import _, _l
from reviewhub.library.facets import (
    COUNTRY,
    FACETS,
    LANGUAGE,
    PLACES,
    REGION,
    SECTION,
    THEME,
    TOPIC,
    TYPE,
    Facet,
    short_label,
)
from reviewhub.library.query import GLOBAL_PARAM, Query, Sort
from reviewhub.library.search import Results
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.web.addresses import absolute

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
    return absolute("library.index", **query.args(hub))


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
    names, toggles = _names(facet, hub, locale), _Toggles(facet, query, hub)
    values = [
        Value(
            *(names[term.id][0], toggles.address(term), names[term.id][1]),
            count=counts.get(term.id, 0),
            selected=query.has(facet, term),
        )
        for term in shown
    ]
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


class _Toggles:
    """The addresses of a facet's values: each is what `address(query.toggled(facet, term))` says.

    A page has more than a hundred of them, so what they share is written once.
    """

    def __init__(self, facet: Facet, query: Query, hub: Catalogue) -> None:
        self._param = facet.param(hub)
        self._chosen = query.chosen.get(facet.name, ())
        self._list = url_for("library.index")
        arguments = replace(query, unknown=(), page=1).args(hub)
        unknown: dict[str, list[str]] = {}
        for param, value in query.unknown:
            unknown.setdefault(param, []).append(value)
        self._own_unknown = unknown.pop(self._param, [])
        place = FACETS.index(facet)
        earlier = ["q", *(one.param(hub) for one in FACETS[:place])]
        later = [*(one.param(hub) for one in FACETS[place + 1 :]), GLOBAL_PARAM, "sort"]
        for param in (*earlier, *later):
            if param in arguments and param in unknown:
                arguments[param] += unknown.pop(param)
        arguments.pop(GLOBAL_PARAM, None)
        self._before = [_encoded(n, arguments[n]) for n in earlier if n in arguments]
        self._after = {}
        for has_own in (True, False):
            wide = query.include_global and _asks_for_places(query, facet, has_own)
            all_ = {**arguments, GLOBAL_PARAM: "1"} if wide else arguments
            rest = {name: all_[name] for name in later if name in all_}
            own = {} if has_own or not self._own_unknown else {self._param: self._own_unknown}
            order = dict.fromkeys(param for param, _value in query.unknown)
            apart = {name: {**unknown, **own}[name] for name in order if name in {**unknown, **own}}
            self._after[has_own] = [_encoded(n, v) for n, v in {**rest, **apart}.items()]

    def address(self, term: TermView) -> str:
        """With this value if it was not chosen, without it if it was."""
        terms = self._chosen
        kept = [t for t in terms if t != term] if term in terms else [*terms, term]
        codes = [t.code for t in sorted(kept, key=lambda one: one.position)]
        own = [_encoded(self._param, codes + self._own_unknown)] if kept else []
        arguments = "&".join([*self._before, *own, *self._after[bool(kept)]])
        return f"{self._list}?{arguments}" if arguments else self._list


def _asks_for_places(query: Query, facet: Facet, has_own: bool) -> bool:
    others = any(one.name in query.chosen for one in PLACES if one != facet)
    return others or (has_own and facet in PLACES)


def _encoded(name: str, value: str | list[str]) -> str:
    """As the routes write the arguments of an address."""
    return urlencode({name: value}, doseq=True, safe="!$'()*,/:;?@")


@lru_cache(maxsize=200)
def _names(facet: Facet, hub: Catalogue, locale: str) -> dict[int, tuple[str, str]]:
    """What a facet's values are called, and in which language where it is not the reader's."""
    found = {}
    for term in facet.values(hub):
        label, number = short_label(term, locale), term.data.get("number")
        text = f"{number} {label}" if number else label.text
        found[term.id] = (text, _other(label.lang, locale))
    return found


def _ordered(
    facet: Facet, counts: Mapping[int, int], hub: Catalogue, locale: str
) -> list[TermView]:
    """The hub's order; countries by the alphabet; the other short lists fullest first."""
    if facet == COUNTRY:
        return list(hub.sorted_terms(facet.vocabulary, locale))
    if facet in {TYPE, LANGUAGE, REGION, THEME}:
        in_alphabet = hub.sorted_terms(facet.vocabulary, locale)
        return sorted(in_alphabet, key=lambda term: -counts.get(term.id, 0))
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
