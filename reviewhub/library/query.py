"""What a reader asks the library: words, filters, order and page; to and from an address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from reviewhub.core.text import clean_line
from reviewhub.library.facets import FACETS, PLACES, Facet
from reviewhub.library.words import words
from reviewhub.taxonomy.catalogue import Catalogue, TermView

MOST_TEXT = 200  # characters
MOST_VALUES = 30  # of one facet; nobody ticks more, and a machine needs a bound
MOST_PAGES = 1000
GLOBAL_PARAM = "global"


class Sort(StrEnum):
    """In which order results stand."""

    COMPREHENSIVE = "comprehensive"
    RELEVANCE = "relevance"
    NEWEST = "newest"
    TITLE = "title"


Arguments = Mapping[str, Sequence[str]]  # every value of each name
Chosen = Mapping[str, tuple[TermView, ...]]


@dataclass(frozen=True)
class Query:
    """Everything that decides which resources are shown, and in which order.

    `chosen` maps a facet's name to terms: any of them may hold, and every facet must.
    `unknown` keeps values that this hub does not have, as (parameter, value): they filter
    nothing and a page offers to remove them.
    """

    text: str = ""
    chosen: Chosen = field(default_factory=lambda: MappingProxyType({}))
    include_global: bool = False
    wanted_sort: Sort | None = None
    page: int = 1
    unknown: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that must all be there."""
        return words(self.text)

    @property
    def sort(self) -> Sort:
        """The order asked for; else relevance where there are words, else the default order."""
        usable = self.wanted_sort is not None and (
            self.wanted_sort != Sort.RELEVANCE or bool(self.words)
        )
        return self.wanted_sort if usable and self.wanted_sort else self.default_sort

    @property
    def default_sort(self) -> Sort:
        """The order where none was asked for."""
        return Sort.RELEVANCE if self.words else Sort.COMPREHENSIVE

    @property
    def filters(self) -> int:
        """How many values are chosen."""
        return sum(len(terms) for terms in self.chosen.values())

    @property
    def asks_for_places(self) -> bool:
        """Whether global resources are left out unless they are included on purpose."""
        return any(facet.name in self.chosen for facet in PLACES)

    def has(self, facet: Facet, term: TermView) -> bool:
        """Whether this value is chosen."""
        return term in self.chosen.get(facet.name, ())

    def toggled(self, facet: Facet, term: TermView) -> "Query":
        """With this value if it was not chosen, without it if it was; on the first page."""
        terms = self.chosen.get(facet.name, ())
        kept = tuple(t for t in terms if t != term) if term in terms else (*terms, term)
        rest = {name: value for name, value in self.chosen.items() if name != facet.name}
        chosen = {**rest, facet.name: kept} if kept else rest
        return replace(self, chosen=MappingProxyType(chosen), page=1)

    def without_unknown(self, param: str, value: str) -> "Query":
        """Without one of the values that this hub does not have."""
        return replace(self, unknown=tuple(u for u in self.unknown if u != (param, value)), page=1)

    def on_page(self, page: int) -> "Query":
        """The same on another page."""
        return replace(self, page=page)

    def args(self, hub: Catalogue) -> dict[str, Any]:
        """The arguments of its canonical address, in their fixed order."""
        found: dict[str, Any] = {}
        if self.text:
            found["q"] = self.text
        for facet in FACETS:
            terms = sorted(self.chosen.get(facet.name, ()), key=lambda term: term.position)
            if terms:
                found[facet.param(hub)] = [term.code for term in terms]
        if self.include_global and self.asks_for_places:
            found[GLOBAL_PARAM] = "1"
        if self.sort != self.default_sort:
            found["sort"] = self.sort.value
        if self.page > 1:
            found["page"] = str(self.page)
        return found

    def args_with_unknown(self, hub: Catalogue) -> dict[str, Any]:
        """The canonical arguments and the unknown values, for links that must keep them."""
        found = self.args(hub)
        for param, value in self.unknown:
            present = found.get(param, [])
            found[param] = [*([present] if isinstance(present, str) else present), value]
        return found


def parse(arguments: Arguments, hub: Catalogue) -> Query:
    """The query of an address. Never fails: what can't be understood is left out or unknown."""
    chosen: dict[str, tuple[TermView, ...]] = {}
    unknown: list[tuple[str, str]] = []
    for facet in FACETS:
        terms, others = _values(facet, arguments, hub)
        if terms:
            chosen[facet.name] = terms
        unknown += others
    return Query(
        text=clean_line(_first(arguments, "q"))[:MOST_TEXT],
        chosen=MappingProxyType(chosen),
        include_global=_first(arguments, GLOBAL_PARAM) == "1",
        wanted_sort=_sort(_first(arguments, "sort")),
        page=_page(_first(arguments, "page")),
        unknown=tuple(unknown),
    )


def _values(
    facet: Facet, arguments: Arguments, hub: Catalogue
) -> tuple[tuple[TermView, ...], list[tuple[str, str]]]:
    param = facet.param(hub)
    if param not in arguments:
        return (), []
    by_code = {term.code.casefold(): term for term in facet.values(hub)}
    terms: dict[str, TermView] = {}
    others: dict[tuple[str, str], None] = {}
    for value in _given(arguments.get(param, ())):
        term = by_code.get(value.casefold())
        if term is not None:
            terms[term.code] = term
        else:
            others[(param, value)] = None
    return tuple(terms.values()), list(others)


def _first(arguments: Arguments, name: str) -> str:
    return next(iter(arguments.get(name, ())), "")


def _given(values: Sequence[str]) -> Iterator[str]:
    for value in values[:MOST_VALUES]:
        cleaned = clean_line(value)[:80]
        if cleaned:
            yield cleaned


def _sort(value: str) -> Sort | None:
    try:
        return Sort(value)
    except ValueError:
        return None


def _page(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 8):
        return 1
    return min(max(int(value), 1), MOST_PAGES)
