"""What a process keeps of the index: bitmaps of what is filed where, and the lists' orders."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from reviewhub.library.index.lines import Line
from reviewhub.library.index.postings import FILED, PRIMARY, TIER, WORLD
from reviewhub.library.ranking import UPCOMING

NONE = BitMap()


@dataclass(frozen=True)
class Placed:
    """What the memory is told of one published resource."""

    id: int
    tier: int
    date: int
    filed: frozenset[int]
    primary: int | None
    is_global: bool


class Memory:
    """Everything that answers a reader's filters, apart from words. Numbers are resources' ids.

    `facets` and `primary` are by term id. The lines are the orders that a reader may choose, and
    `arrivals`, newest first.
    """

    def __init__(self) -> None:
        self.shown = BitMap()
        self.facets: dict[int, BitMap] = {}
        self.primary: dict[int, BitMap] = {}
        self.tiers: dict[int, BitMap] = {}
        self.is_global = BitMap()
        self._dates = array("i")
        self._tier_of = array("B")
        self._upcoming = BitMap()
        self._as_of: tuple[int, int | None] = (0, None)
        self.titles, self.newest, self.ranked, self.arrivals = Line(), Line(), Line(), Line()

    def fill(
        self,
        kept: Iterable[tuple[str, BitMap]],
        by_title: Iterable[tuple[int, int]],
        by_arrival: Iterable[int],
    ) -> None:
        """Take in everything at once, row by row: `by_title` are pairs of id and date."""
        for term, bitmap in kept:
            self._keep(term, bitmap)
        titles = array("I")
        for id, date in by_title:
            titles.append(id)
            self._room_for(id)
            self._dates[id] = date
        self.shown = BitMap.union(NONE, *self.tiers.values()) & BitMap(titles)
        for tier, members in self.tiers.items():
            for id in members & self.shown:
                self._tier_of[id] = tier
        self.titles = Line(id for id in titles if id in self.shown)
        self.newest = Line(sorted(self.titles.numbers, key=self._dates.__getitem__))
        self.ranked = Line(sorted(self.newest.numbers, key=self._tier_of.__getitem__))
        self.arrivals = Line(id for id in by_arrival if id in self.shown)

    def add(self, one: Placed, *, title_place: int, arrival_place: int) -> None:
        """Take in one resource, which is not there yet."""
        id = one.id
        self._room_for(id)
        self._dates[id], self._tier_of[id] = one.date, one.tier
        self.shown.add(id)
        self.tiers.setdefault(one.tier, BitMap()).add(id)
        for term_id in one.filed:
            self.facets.setdefault(term_id, BitMap()).add(id)
        if one.primary is not None:
            self.primary.setdefault(one.primary, BitMap()).add(id)
        if one.is_global:
            self.is_global.add(id)
        self.titles.insert(id, title_place)
        self.arrivals.insert(id, arrival_place)
        self.newest.insert(id, self.newest.place(self._newest_key, self._newest_key(id)))
        if self._is_upcoming(id):
            self._upcoming.add(id)
        self._rank(id)

    def remove(self, id: int) -> None:
        """Forget one resource, if it is there."""
        for bitmap in (*self.facets.values(), *self.primary.values(), *self.tiers.values()):
            bitmap.discard(id)
        self.is_global.discard(id)
        self._upcoming.discard(id)
        if id in self.shown:
            self.shown.remove(id)
            for line in (self.titles, self.newest, self.ranked, self.arrivals):
                line.remove(id)

    def look_at(self, today: int, events: int | None) -> None:
        """Let events to come stand first, as of a day (a positive number); `events` is their
        section."""
        if self._as_of == (today, events):
            return
        self._as_of = (today, events)
        upcoming = BitMap(id for id in self.filed_under(events) if self._is_upcoming(id))
        for id in (upcoming ^ self._upcoming) & self.shown:
            self.ranked.remove(id)
            (self._upcoming.add if id in upcoming else self._upcoming.discard)(id)
            self._rank(id)

    def filed_under(self, term_id: int | None) -> BitMap:
        """What is filed under a term."""
        return NONE if term_id is None else self.facets.get(term_id, NONE)

    def first_of_all(self, term_id: int) -> BitMap:
        """What is filed under a term first of all."""
        return self.primary.get(term_id, NONE)

    def best(
        self, groups: Iterable[BitMap], *, topics: Sequence[int] = (), skip: int = 0, size: int
    ) -> list[int]:
        """The first in the default order, group by group; `topics` as in the default order."""
        primary = BitMap.union(NONE, *(self.first_of_all(topic) for topic in topics))
        found: list[int] = []
        for part, start, stop in self._parts(groups, primary):
            if len(found) == size:
                break
            if skip >= len(part):
                skip -= len(part)
                continue
            found += self.ranked.first(
                part, skip=skip, size=size - len(found), start=start, stop=stop
            )
            skip = 0
        return found

    def _parts(
        self, groups: Iterable[BitMap], primary: BitMap
    ) -> Iterator[tuple[BitMap, int, int]]:
        """Non-empty parts of the groups in the default order, each with its stretch of the line."""
        for group in groups:
            start = 0
            for tier in sorted(self.tiers):
                members = self.tiers[tier]
                stop = start + len(members)
                part = group & members
                if part and primary:
                    for half in (part & primary, part - primary):
                        if half:
                            yield half, start, stop
                elif part:
                    yield part, start, stop
                start = stop

    def counts(self, hits: BitMap, term_ids: Iterable[int]) -> Mapping[int, int]:
        """How many of the hits are filed under each term; terms with none may be missing."""
        known = self.facets
        if len(hits) == len(self.shown):
            return {id: len(known[id]) for id in term_ids if id in known}
        count = hits.intersection_cardinality
        return {id: count(known[id]) for id in term_ids if id in known}

    def size(self) -> Counter[str]:
        """Bytes by kind, for those who measure."""
        bitmaps = (*self.facets.values(), *self.primary.values(), *self.tiers.values())
        lines = (self.titles, self.newest, self.ranked, self.arrivals)
        return Counter(
            bitmaps=sum(one.get_statistics()["n_bytes_array_containers"]
                        + one.get_statistics()["n_bytes_run_containers"]
                        + one.get_statistics()["n_bytes_bitset_containers"] for one in bitmaps),
            orders=sum(line.bytes for line in lines) + 5 * len(self._dates),
        )  # fmt: skip

    def _keep(self, term: str, bitmap: BitMap) -> None:
        kind, name = term[:2], term[2:]
        if kind == WORLD:
            self.is_global = bitmap
            return
        home = {FILED: self.facets, PRIMARY: self.primary, TIER: self.tiers}[kind]
        home[int(name)] = bitmap

    def _room_for(self, id: int) -> None:
        missing = id + 1 - len(self._dates)
        if missing > 0:
            self._dates.extend([0] * missing)
            self._tier_of.extend([0] * missing)

    def _is_upcoming(self, id: int) -> bool:
        today, events = self._as_of
        return id in self.filed_under(events) and self._dates[id] <= -today

    def _rank(self, id: int) -> None:
        self.ranked.insert(id, self.ranked.place(self._rank_key, self._rank_key(id)))

    def _newest_key(self, id: int) -> tuple[int, int]:
        return self._dates[id], self.titles.label(id)

    def _rank_key(self, id: int) -> tuple[int, int, int]:
        date = self._dates[id]
        if id in self._upcoming:
            date = UPCOMING - date
        return self._tier_of[id], date, self.titles.label(id)
