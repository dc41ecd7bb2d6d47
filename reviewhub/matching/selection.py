"""The best panel: an exact search, so that a full panel is found whenever one exists.

    few = finalists(standings, demand)
    best_panel(few, demand, {Slot.INTERNAL: 1, Slot.EXTERNAL: 2})

Two steps. `finalists` leaves only people whom an optimal panel can need: a handful for each kind,
out of thousands. `_Search` then tries their panels depth first, best people first, and drops a
branch as soon as its ceiling does not exceed the best panel found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, product
from typing import NamedTuple

from reviewhub.matching.rules import Slot

Panel = tuple[tuple[Slot, int], ...]
"""The seats filled: (slot, candidate id), by slot and then best first."""

_READS, _COVERS = 1, 2

_Key = tuple[str, int]


class Standing(NamedTuple):
    """One person as the search sees them. Sorted by `rank_key`, the best come first."""

    points: int
    candidate_id: int
    internal: bool
    organisation_id: int | None
    reads: bool
    covers: bool
    backgrounds: frozenset[str]

    def rank_key(self) -> tuple[int, int]:
        """Most points first; among equals the lowest id, so that no order of rows matters."""
        return -self.points, self.candidate_id


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What the open seats must bring, given who sits already.

    `readers` and `specialists` are the members still missing who read the language and cover the
    primary topic. Each background that `seated_backgrounds` lacks adds `background_points` to the
    panel, up to one background per seat of the full panel (`size`).
    """

    open_seats: Mapping[Slot, int]
    distinct_organisations: bool
    readers: int
    specialists: int
    size: int
    seated_backgrounds: frozenset[str]
    background_points: int

    @property
    def total_open(self) -> int:
        """How many seats are open, of all kinds."""
        return sum(self.open_seats.values())

    def needed(self, missing: int, filled: int) -> int:
        """How many of the `filled` seats must go to people of whom `missing` are missing.

        A seat that stays open is kept for one of them: whoever is found later can still complete
        the panel. What even the open seats can't supply is left to the diagnosis.
        """
        return max(0, min(missing, self.total_open) - (self.total_open - filled))


def finalists(standings: Sequence[Standing], demand: Demand) -> tuple[Standing, ...]:
    """The standings, best first as given, without those whom no optimal panel needs.

    They still suffice when a need is dropped or people are added, though not when several from
    one organisation become welcome.
    """
    traits = _Traits(standings, demand)
    options = [traits.option(standing) for standing in standings]
    needed = {option.candidate_id for option in _undominated(options, demand.total_open)}
    return tuple(standing for standing in standings if standing.candidate_id in needed)


def best_panel(
    standings: Sequence[Standing], demand: Demand, filling: Mapping[Slot, int]
) -> Panel | None:
    """The panel of most points that fills exactly these seats; None when there is none.

    `standings` come best first. Among equal panels the first in rank order wins.
    """
    found = _search(standings, demand, filling)
    return None if found is None else found[1]


def fullest_panel(
    standings: Sequence[Standing], demand: Demand, *, must_fill: Slot | None = None
) -> Panel:
    """The panel with the most seats that the demand allows; among those the most points.

    With `must_fill`, panels that leave this slot empty are not considered; () when none is left.
    """
    for fillings in _by_size(demand.open_seats):
        wanted = [f for f in fillings if must_fill is None or f.get(must_fill, 0) > 0]
        found = [_search(standings, demand, filling) for filling in wanted]
        panels = [panel for panel in found if panel is not None]
        if panels:
            return max(panels, key=lambda panel: panel[0])[1]
    return ()


def _search(
    standings: Sequence[Standing], demand: Demand, filling: Mapping[Slot, int]
) -> tuple[int, Panel] | None:
    """The best panel with its points, or None."""
    # Whether there is a panel at all does not hang on backgrounds; without them a few people
    # stand for everyone, and the answer No comes as fast as Yes.
    if demand.background_points:
        plain = replace(demand, background_points=0)
        if _Search(standings, plain, filling).run() is None:
            return None
    return _Search(standings, demand, filling).run()


def _by_size(open_seats: Mapping[Slot, int]) -> Iterator[list[dict[Slot, int]]]:
    """Every way to fill some of the seats, the most seats first."""
    slots = [slot for slot in Slot if slot in open_seats]
    counts = list(product(*(range(open_seats[slot], -1, -1) for slot in slots)))
    for size in range(sum(open_seats.values()), -1, -1):
        yield [dict(zip(slots, count, strict=True)) for count in counts if sum(count) == size]


class _Option(NamedTuple):
    """A standing with its traits as bits, and the key of which a panel holds at most one."""

    points: int
    candidate_id: int
    internal: bool
    key: _Key
    traits: int


@dataclass(frozen=True)
class _Row:
    """One seat to fill: who may take it, and what the seats from here on can bring at best."""

    slot: Slot
    options: list[_Option]
    sums: list[int]  # running sums of the options' points
    alike: int  # seats of the same slot from here on, this one included
    later: int  # the best that the slots after this one can bring

    def ceiling(self, start: int) -> int:
        """The most points that this seat and all after it can bring, from option `start` on."""
        return self.sums[start + self.alike] - self.sums[start] + self.later


class _Search:
    """Depth-first branch and bound over the seats, one slot after the other."""

    def __init__(
        self, standings: Sequence[Standing], demand: Demand, filling: Mapping[Slot, int]
    ) -> None:
        seats = sum(filling.values())
        self._demand = demand
        self._readers = demand.needed(demand.readers, seats)
        self._specialists = demand.needed(demand.specialists, seats)
        traits = _Traits(standings, demand)
        options = _undominated([traits.option(standing) for standing in standings], seats)
        self._start = traits.of(demand.seated_backgrounds)
        every_trait = self._start
        for option in options:
            every_trait |= option.traits
        self._bonus_ceiling = self._bonus(every_trait)
        self._rows = _rows(options, filling)
        self._best: tuple[int, Panel] | None = None

    def run(self) -> tuple[int, Panel] | None:
        """The best panel with its points, or None."""
        if all(len(row.options) >= row.alike for row in self._rows):
            self._extend((), 0, self._start, self._readers, self._specialists)
        return self._best

    def _extend(
        self, chosen: tuple[int, ...], points: int, traits: int, readers: int, specialists: int
    ) -> None:
        """Fill the next seat in every way that can still win. `chosen` are option indexes."""
        depth = len(chosen)
        if depth == len(self._rows):
            self._keep(chosen, points + self._bonus(traits))
            return
        row = self._rows[depth]
        after = len(self._rows) - depth - 1
        again = depth > 0 and self._rows[depth - 1].slot is row.slot
        first = chosen[-1] + 1 if again else 0
        taken = {self._rows[seat].options[i].key for seat, i in enumerate(chosen)}
        for i in range(first, len(row.options) - row.alike + 1):
            if self._best is not None:
                ceiling = points + row.ceiling(i) + self._bonus_ceiling
                if ceiling <= self._best[0]:
                    return
            option = row.options[i]
            still_read = readers - (option.traits & _READS > 0)
            still_cover = specialists - (option.traits & _COVERS > 0)
            if still_read > after or still_cover > after or option.key in taken:
                continue
            self._extend(
                (*chosen, i),
                points + option.points,
                traits | option.traits,
                still_read,
                still_cover,
            )

    def _keep(self, chosen: tuple[int, ...], points: int) -> None:
        if self._best is None or points > self._best[0]:
            filled = zip(self._rows, chosen, strict=True)
            panel = tuple((row.slot, row.options[i].candidate_id) for row, i in filled)
            self._best = points, panel

    def _bonus(self, traits: int) -> int:
        """The points for the backgrounds on the panel."""
        return self._demand.background_points * min(self._demand.size, (traits >> 2).bit_count())


class _Traits:
    """What a person brings to the panel, as bits; needs that are met already have no bit."""

    def __init__(self, standings: Sequence[Standing], demand: Demand) -> None:
        self._reads = _READS if demand.readers else 0
        self._covers = _COVERS if demand.specialists else 0
        self._distinct = demand.distinct_organisations
        self._bits: dict[str, int] = {}
        self._known: dict[frozenset[str], int] = {}
        if demand.background_points:
            backgrounds = {s.backgrounds for s in standings} | {demand.seated_backgrounds}
            every = sorted(frozenset().union(*backgrounds))
            self._bits = {name: 4 << place for place, name in enumerate(every)}
            self._known = {names: self.of(names) for names in backgrounds}

    def of(self, backgrounds: frozenset[str]) -> int:
        """The bits of the backgrounds; none when backgrounds do not count."""
        return sum(self._bits.get(name, 0) for name in backgrounds)

    def option(self, standing: Standing) -> _Option:
        """The standing as an option of the search."""
        points, candidate_id, internal, organisation_id, reads, covers, backgrounds = standing
        traits = self._known.get(backgrounds, 0)
        if reads:
            traits |= self._reads
        if covers:
            traits |= self._covers
        key = ("person", candidate_id)
        if self._distinct and organisation_id is not None:
            key = ("organisation", organisation_id)
        return _Option(points, candidate_id, internal, key, traits)


def _undominated(options: Sequence[_Option], seats: int) -> list[_Option]:
    """The options, best first, that an optimal panel can need.

    One person dominates another of the same kind when they rank higher and bring every trait the
    other brings. A person with as many dominators as there are seats, each from an organisation of
    its own, is never needed: the rest of the panel holds fewer organisations than that, so one of
    the dominators can take the seat. Nor is one whose own organisation sends a dominator.
    """
    dominators: dict[bool, dict[int, set[_Key]]] = {True: {}, False: {}}
    for option in options:
        dominators[option.internal].setdefault(option.traits, set())
    kept = []
    for option in options:
        alike = dominators[option.internal]
        keys = alike[option.traits]
        if len(keys) >= seats or option.key in keys:
            continue
        kept.append(option)
        for traits in _within(option.traits, alike):
            alike[traits].add(option.key)
    return kept


def _within(traits: int, groups: Mapping[int, set[_Key]]) -> list[int]:
    """The groups that bring no trait beyond these, by whichever way is shorter."""
    if 1 << traits.bit_count() > len(groups):
        return [group for group in groups if group | traits == traits]
    subset, found = traits, [traits]
    while subset:
        subset = (subset - 1) & traits
        if subset in groups:
            found.append(subset)
    return found


def _rows(options: Sequence[_Option], filling: Mapping[Slot, int]) -> list[_Row]:
    """One row per seat, slot by slot, with the ceilings of what follows."""
    rows: list[_Row] = []
    later = 0
    for slot in reversed(Slot):
        seats = filling.get(slot, 0)
        admitted = [option for option in options if slot.admits(option.internal)]
        sums = [0, *accumulate(option.points for option in admitted)]
        rows = [_Row(slot, admitted, sums, alike, later) for alike in range(seats, 0, -1)] + rows
        later += sums[min(seats, len(admitted))]
    return rows
