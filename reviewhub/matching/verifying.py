"""Whether a choice that was written down is what its rule and ranking say.

    contradictions(record)     # () when it holds

Asked of the record alone, with none of the code that made the choice: who was chosen, who stood
next in line, and what the panel had to bring. Each contradiction is a sentence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.reasons import WhyNot
from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Demand, Standing

_BY_PRICE = frozenset({WhyNot.OUTRANKED, WhyNot.WANTED_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class Weighed:
    """One part of a score as it was written down."""

    value: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Somebody who was chosen for a slot, or stood next in line for it.

    `price` is what the person's scarce time cost where many panels were made at once, in points;
    for a panel by itself it is 0. `why` is set for those who stood in line.
    """

    slot: Slot
    rank: int
    eligible: int
    person: Standing
    parts: tuple[Weighed, ...]
    price: int = 0
    why: str = ""

    @property
    def key(self) -> tuple[int, int]:
        """Where they rank: the lower, the better."""
        return self.person.rank_key()

    @property
    def net(self) -> int:
        """What counts where many panels are made at once."""
        return self.person.points - self.price


class Search(StrEnum):
    """How a panel was found, and so what must hold of it."""

    PANEL = "panel"  # by itself: no swap makes it better
    PRICED = "priced"  # one of many at once: its people are worth most after the price
    SHARED = "shared"  # one of many, the load or the benefit shared out: the rule alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was written down of one choice."""

    demand: Demand
    chosen: tuple[Ranked, ...]
    line: tuple[Ranked, ...]
    search: Search = Search.PANEL


def contradictions(record: Record) -> tuple[str, ...]:
    """Everything in the record that can't be so."""
    found = [*_parts(record), *_ranks(record), *_demand(record)]
    if record.search is Search.PANEL:
        found += _swaps(record)
    elif record.search is Search.PRICED:
        found += _prices(record)
    return tuple(found)


def _parts(record: Record) -> Iterator[str]:
    """The parts of each score add up to its total."""
    for one in (*record.chosen, *record.line):
        weight = sum(part.weight for part in one.parts)
        value = sum(part.weight * part.value for part in one.parts)
        points = round(value * POINTS / weight) if weight else 0
        # A value is kept with nine digits: what is lost is less than a point.
        if abs(points - one.person.points) > 1:
            yield (
                f"the parts of {one.person.candidate_id} add up to {points}, "
                f"not to {one.person.points}"
            )


def _ranks(record: Record) -> Iterator[str]:
    """Within a slot, ranks follow points, and nobody outranked is ahead of a chosen one."""
    for slot in Slot:
        people = [one for one in (*record.chosen, *record.line) if one.slot is slot]
        people.sort(key=lambda one: one.key)
        for better, worse in pairwise(people):
            if better.rank >= worse.rank:
                yield (
                    f"{better.person.candidate_id} ranks {better.rank} for {slot}, behind "
                    f"{worse.person.candidate_id} at {worse.rank}"
                )
        for one in people:
            if not 1 <= one.rank <= one.eligible:
                yield f"{one.person.candidate_id} ranks {one.rank} of {one.eligible} for {slot}"
        yield from _outranked(record, slot)


def _outranked(record: Record, slot: Slot) -> Iterator[str]:
    chosen = [one for one in record.chosen if one.slot is slot]
    if (
        record.search is not Search.PANEL
        or not chosen
        or len(chosen) < record.demand.open_seats.get(slot, 0)
    ):
        return
    last = max(one.key for one in chosen)
    for one in record.line:
        if one.slot is slot and one.why == WhyNot.OUTRANKED and one.key < last:
            yield f"{one.person.candidate_id} is called outranked for {slot}, and ranks higher"


def _demand(record: Record) -> Iterator[str]:
    """The chosen fill no more seats than were open, and bring what the panel had to have."""
    demand, chosen = record.demand, record.chosen
    for slot, seats in demand.open_seats.items():
        filled = sum(one.slot is slot for one in chosen)
        if filled > seats:
            yield f"{filled} are chosen for {seats} seats of {slot}"
    if len({one.person.candidate_id for one in chosen}) < len(chosen):
        yield "somebody is chosen twice"
    if not _is_allowed([one.person for one in chosen], demand):
        yield "the panel breaks the rule that it was chosen under"
    for one in chosen:
        if not one.slot.admits(one.person.internal):
            yield f"{one.person.candidate_id} can't take a seat of {one.slot}"


def _swaps(record: Record) -> Iterator[str]:
    """Nobody in line could take a seat so that the panel keeps its rule and has more points."""
    demand = record.demand
    chosen = {one.person.candidate_id for one in record.chosen}
    have = _points([one.person for one in record.chosen], demand)
    for waiting in record.line:
        if waiting.person.candidate_id in chosen:
            continue
        for seat in record.chosen:
            if seat.slot is not waiting.slot:
                continue
            others = [one.person for one in record.chosen if one is not seat]
            panel = [*others, waiting.person]
            if _points(panel, demand) > have and _is_allowed(panel, demand):
                yield (
                    f"{waiting.person.candidate_id} instead of {seat.person.candidate_id} "
                    f"would have been the better panel"
                )
        taken = sum(one.slot is waiting.slot for one in record.chosen)
        if taken < demand.open_seats.get(waiting.slot, 0):
            panel = [*(one.person for one in record.chosen), waiting.person]
            if _is_allowed(panel, demand):
                yield f"a seat of {waiting.slot} is open, and {waiting.person.candidate_id} fits"


def _prices(record: Record) -> Iterator[str]:
    """Where many panels are made at once, each takes whoever is worth most after the price.

    Only what a panel must have as a whole can speak against that, and then it is said.
    """
    demand = record.demand
    has_needs = demand.distinct_organisations or demand.readers or demand.specialists
    by_price = _BY_PRICE if has_needs else _BY_PRICE | {WhyNot.WHOLE}
    for slot in Slot:
        chosen = [one for one in record.chosen if one.slot is slot]
        if not chosen or len(chosen) < record.demand.open_seats.get(slot, 0):
            continue
        least = min(one.net for one in chosen)
        for one in record.line:
            if one.slot is slot and one.why in by_price and one.net > least + 1:
                yield (
                    f"{one.person.candidate_id} is worth {one.net} after the price for {slot}, "
                    f"more than {least}"
                )


def _is_allowed(people: Sequence[Standing], demand: Demand) -> bool:
    organisations = [one.organisation_id for one in people if one.organisation_id is not None]
    if demand.distinct_organisations and len(set(organisations)) < len(organisations):
        return False
    filled = len(people)
    readers = sum(one.reads for one in people)
    specialists = sum(one.covers for one in people)
    return readers >= demand.needed(demand.readers, filled) and specialists >= demand.needed(
        demand.specialists, filled
    )


def _points(people: Sequence[Standing], demand: Demand) -> int:
    """The panel's points, with those that its backgrounds earn together."""
    backgrounds = demand.seated_backgrounds.union(*(one.backgrounds for one in people))
    earned = min(demand.size, len(backgrounds)) * demand.background_points
    return sum(one.points for one in people) + earned
