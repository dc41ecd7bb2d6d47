"""Everyone who could be asked about one item, screened and ranked: what a panel is chosen from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from reviewhub.matching.affinity import Affinity
from reviewhub.matching.conflicts import Exclusion, ExclusionCode, Screen
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import Seat
from reviewhub.matching.rules import PanelRule, Slot
from reviewhub.matching.selection import Demand, Standing, finalists


@dataclass(frozen=True)
class Bench:
    """The candidates of one item: `eligible` and `excluded`, each best first."""

    item: Item
    rule: PanelRule
    affinity: Affinity
    candidates: Mapping[int, Candidate]
    seated: tuple[Seat, ...]
    eligible: tuple[Standing, ...]
    excluded: tuple[tuple[Standing, tuple[Exclusion, ...]], ...]

    @cached_property
    def demand(self) -> Demand:
        """What the open seats must bring, given who sits already."""
        members = [self.candidates[seat.candidate_id] for seat in self.seated]
        readers = sum(reads(self.item, member) for member in members)
        specialists = sum(covers(self.item, member) for member in members)
        slots = [slot for slot in Slot if self.rule.seats(slot)]
        held = {slot: sum(seat.slot == slot for seat in self.seated) for slot in slots}
        return Demand(
            open_seats={slot: max(0, self.rule.seats(slot) - held[slot]) for slot in slots},
            distinct_organisations=self.rule.distinct_organisations,
            readers=self._missing(self.rule.reads_language, readers, bool(self.item.languages)),
            specialists=self._missing(
                self.rule.covers_primary_topic, specialists, self.item.primary_topic is not None
            ),
            size=sum(self.rule.slots.values()),
            seated_backgrounds=frozenset().union(*(member.backgrounds for member in members)),
            background_points=self.affinity.background_points,
        )

    @cached_property
    def finalists(self) -> tuple[Standing, ...]:
        """The few eligible people whom the best panel can need."""
        return finalists(self.eligible, self.demand)

    @cached_property
    def ranked(self) -> Mapping[Slot, tuple[Standing, ...]]:
        """The eligible for every slot with an open seat, best first."""
        return {
            slot: tuple([person for person in self.eligible if slot.admits(person.internal)])
            for slot, seats in self.demand.open_seats.items()
            if seats
        }

    @staticmethod
    def _missing(required: int, present: int, asked: bool) -> int:
        """A need that the item does not raise (no language, no primary topic) is met."""
        return max(0, required - present) if asked else 0


def open_bench(
    item: Item,
    candidates: Sequence[Candidate],
    rule: PanelRule,
    already: Sequence[Seat],
    today: date,
) -> Bench:
    """Screen and rank the candidates.

    Raises MatchingError when an id is given twice, or when somebody seated is no candidate.
    """
    by_id = _by_id(candidates, already)
    affinity = Affinity(item, rule.weights)
    screen = Screen(item, rule, today)
    seats = {seat.candidate_id: seat.slot for seat in already}
    organisations = _seated_organisations(rule, by_id, sorted(seats))
    eligible, excluded = [], []
    for candidate in candidates:
        found = screen.exclusions(candidate)
        if candidate.id in seats:
            found += (Exclusion(ExclusionCode.SEATED, seats[candidate.id]),)
        elif candidate.organisation_id in organisations:
            member = organisations[candidate.organisation_id]
            found += (Exclusion(ExclusionCode.ORGANISATION_SEATED, member),)
        standing = _standing(item, candidate, affinity.points(candidate))
        if found:
            excluded.append((standing, found))
        else:
            eligible.append(standing)
    eligible.sort(key=Standing.rank_key)
    excluded.sort(key=lambda pair: pair[0].rank_key())
    return Bench(item, rule, affinity, by_id, tuple(already), tuple(eligible), tuple(excluded))


def reads(item: Item, candidate: Candidate) -> bool:
    """Whether the candidate reads one of the item's languages."""
    return not item.languages.isdisjoint(candidate.languages)


def covers(item: Item, candidate: Candidate) -> bool:
    """Whether the candidate can review on the item's primary topic."""
    return item.primary_topic is not None and candidate.covers(item.primary_topic)


def _standing(item: Item, candidate: Candidate, points: int) -> Standing:
    return Standing(
        points,
        candidate.id,
        candidate.internal,
        candidate.organisation_id,
        reads(item, candidate),
        covers(item, candidate),
        candidate.backgrounds,
    )


def _by_id(candidates: Sequence[Candidate], already: Sequence[Seat]) -> dict[int, Candidate]:
    by_id = {candidate.id: candidate for candidate in candidates}
    if len(by_id) < len(candidates):
        raise MatchingError("a candidate's id is given twice")
    if len({seat.candidate_id for seat in already}) < len(already):
        raise MatchingError("a candidate holds two seats")
    for seat in already:
        if seat.candidate_id not in by_id:
            raise MatchingError(f"{seat.candidate_id} is seated and not among the candidates")
    return by_id


def _seated_organisations(
    rule: PanelRule, by_id: Mapping[int, Candidate], seated: Sequence[int]
) -> dict[int | None, int]:
    """The organisations that may send nobody more, each with its member on the panel."""
    if not rule.distinct_organisations:
        return {}
    members = {by_id[member].organisation_id: member for member in reversed(seated)}
    members.pop(None, None)
    return members
