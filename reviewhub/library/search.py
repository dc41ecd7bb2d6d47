"""Finding resources: five methods, and the index that answers them.

Words and filters are bitmaps of resources: both are cut with each other here, and only the rows of
one page are read. The index is written in the transaction that publishes, and every process looks
whether it has moved on before it answers, so nothing is ever stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pyroaring import BitMap

from reviewhub.core.db import db
from reviewhub.library.analyser import possible
from reviewhub.library.asking import Asked, ask
from reviewhub.library.facets import FACETS, PLACES, TOPIC, Facet
from reviewhub.library.index import changes, postings
from reviewhub.library.index.building import build
from reviewhub.library.index.describing import describe, terms_of
from reviewhub.library.index.loading import claim_or_check, up_to_date
from reviewhub.library.index.memory import Memory
from reviewhub.library.index.postings import TEXT, TITLE
from reviewhub.library.listing import Listed, listed
from reviewhub.library.models import Resource
from reviewhub.library.query import Query, Sort
from reviewhub.library.workflow import ResourceState
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.queries import catalogue

PAGE_SIZE = 20
SUGGESTIONS = 8


@dataclass(frozen=True)
class Results:
    """One page of what was found; `counts` maps a facet's name to counts by term id.

    A count says how many resources are filed under that value: it obeys the words and every
    other facet, but not its own.
    """

    resources: Sequence[Listed]
    total: int
    page: int
    pages: int
    counts: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


class Search(Protocol):
    """What the library needs of a search engine."""

    def publish(self, resource: Resource) -> None:
        """Make a resource findable, or findable under its new values; a new one is stored."""

    def withdraw(self, resource: Resource) -> None:
        """Make it unfindable."""

    def search(self, query: Query) -> Results:
        """One page of what matches, and the counts beside every facet's values."""

    def suggest(self, prefix: str) -> list[Listed]:
        """A few resources whose title has words that begin so."""

    def rebuild(self) -> int:
        """Make the whole index anew from the resources; returns how many were looked at."""


class BitmapSearch:
    """Search in the bitmaps of `library.index`."""

    def publish(self, resource: Resource) -> None:
        """See `Search.publish`. Raises OtherAnalyser."""
        is_new, before = resource.id is None, resource.search_text or ""
        describe(resource, catalogue())
        db.session.add(resource)
        db.session.flush()
        self._file(resource, before=None if is_new else before)

    def withdraw(self, resource: Resource) -> None:
        """See `Search.withdraw`: its text is forgotten as well."""
        before, resource.search_text = resource.search_text, ""
        db.session.flush()
        self._file(resource, before=before)

    def search(self, query: Query) -> Results:
        """See `Search.search`. Raises OtherAnalyser."""
        hub = catalogue()
        asked = ask(query.text, hub)
        with up_to_date() as memory:
            hits = _Hits(memory, asked, query)
            total = len(hits.all)
            pages = max(1, -(-total // PAGE_SIZE))
            page = min(query.page, pages)
            ids = hits.first((page - 1) * PAGE_SIZE)
            counts = hits.counts(hub)
        return Results(listed(ids), total, page, pages, counts)

    def suggest(self, prefix: str) -> list[Listed]:
        """See `Search.suggest`: any of the words will do, best first."""
        asked = ask(prefix, catalogue(), beginnings=True)
        with up_to_date() as memory:
            best = list(_by_number([word.title for word in asked.words], memory.shown))
            ids = memory.best(best, size=SUGGESTIONS)
        return listed(ids)

    def rebuild(self) -> int:
        """See `Search.rebuild`; commits nothing, and holds up publications meanwhile."""
        return build()

    def _file(self, resource: Resource, *, before: str | None) -> None:
        changes.note(resource.id)
        claim_or_check(resource.id)
        is_shown = resource.state == ResourceState.PUBLISHED
        terms = terms_of(resource) if is_shown else set()
        stems = None if before is None else possible(before)
        old = None if stems is None else {f"{kind}{s}" for s in stems for kind in (TEXT, TITLE)}
        postings.file(resource.id, terms, instead_of=old)


engine: Search = BitmapSearch()


class _Hits:
    """What a query finds in the memory."""

    def __init__(self, memory: Memory, asked: Asked, query: Query) -> None:
        self._memory, self._asked, self._query = memory, asked, query
        self._by_words = asked.narrowed(memory)
        self._chosen = {
            facet.name: _chosen(memory, facet, query.chosen[facet.name], query.include_global)
            for facet in FACETS
            if query.chosen.get(facet.name)
        }
        self.all = self._cut()

    def first(self, skip: int) -> list[int]:
        """The ids of one page, in the order of the query."""
        sort, memory = self._query.sort, self._memory
        if sort == Sort.NEWEST:
            return memory.newest.first(self.all, skip=skip, size=PAGE_SIZE)
        if sort == Sort.TITLE:
            return memory.titles.first(self.all, skip=skip, size=PAGE_SIZE)
        topics = [term.id for term in self._query.chosen.get(TOPIC.name, ())]
        groups = self._by_relevance() if sort == Sort.RELEVANCE else [self.all]
        return memory.best(groups, topics=topics, skip=skip, size=PAGE_SIZE)

    def counts(self, hub: Catalogue) -> dict[str, Mapping[int, int]]:
        """By facet: how many are filed under each value, whatever is chosen of that facet."""
        found = {}
        for facet in FACETS:
            hits = self._cut(without=facet.name) if facet.name in self._chosen else self.all
            found[facet.name] = self._memory.counts(hits, [t.id for t in facet.values(hub)])
        return found

    def _cut(self, *, without: str = "") -> BitMap:
        parts = [bitmap for name, bitmap in self._chosen.items() if name != without]
        return BitMap.intersection(self._by_words, *parts) if parts else self._by_words

    def _by_relevance(self) -> list[BitMap]:
        """Every word in the title, some of them, or none: three groups, best first."""
        titles = [word.title for word in self._asked.words]
        every, some = BitMap.intersection(*titles), BitMap.union(*titles)
        return [self.all & every, (self.all & some) - every, self.all - some]


def _chosen(
    memory: Memory, facet: Facet, terms: Iterable[TermView], include_global: bool
) -> BitMap:
    parts = [memory.filed_under(term.id) for term in terms]
    if facet in PLACES and include_global:
        parts.append(memory.is_global)
    return BitMap.union(*parts)


def _by_number(parts: Sequence[BitMap], shown: BitMap) -> Iterable[BitMap]:
    """What is in any of the parts: first what is in the most of them."""
    in_at_least = [shown, *(BitMap() for _ in parts)]
    for part in parts:
        for number in range(len(parts), 0, -1):
            in_at_least[number] |= in_at_least[number - 1] & part
    for number in range(len(parts), 0, -1):
        more = in_at_least[number + 1] if number < len(parts) else BitMap()
        yield in_at_least[number] - more
