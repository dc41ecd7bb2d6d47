"""When no full panel exists: which seats stay open, what stands in the way, and what would help.

The diagnosis asks the same exact search again, with one thing changed at a time. A remedy named
here is therefore one that works.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.bench import Bench
from reviewhub.matching.conflicts import ExclusionCode
from reviewhub.matching.reasons import Remedy, RemedyKind, Shortage
from reviewhub.matching.rules import MAX_SEATS, PanelNeed, Slot
from reviewhub.matching.selection import Demand, Panel, Standing, best_panel, finalists
from reviewhub.matching.verdicts import Verdicts

_LIFTS = {
    RemedyKind.END_REST: ExclusionCode.RESTING,
    RemedyKind.RAISE_OPEN_ITEMS: ExclusionCode.OPEN_ITEMS,
    RemedyKind.RAISE_CAP: ExclusionCode.AT_CAP,
}

# More than the affinities of a whole panel add up to: the search lifts as few limits as it can.
_RELUCTANCE = POINTS * MAX_SEATS + 1


def shortages(bench: Bench, panel: Panel, verdicts: Verdicts) -> tuple[Shortage, ...]:
    """What the fullest panel lacks: () when it meets the whole rule."""
    filled = Counter(slot for slot, _ in panel)
    open_seats = bench.demand.open_seats
    gaps = [
        _Gap(bench, panel, filled | {slot: seats}, slot)
        for slot, seats in open_seats.items()
        if filled[slot] < seats
    ]
    return (*(gap.shortage(verdicts) for gap in gaps), *_beyond_reach(bench.demand))


def _beyond_reach(demand: Demand) -> Iterator[Shortage]:
    """Needs that the open seats can't meet, whoever takes them."""
    needs = {
        PanelNeed.READS_LANGUAGE: demand.readers,
        PanelNeed.COVERS_PRIMARY_TOPIC: demand.specialists,
    }
    for need, missing in needs.items():
        if missing > demand.total_open:
            remedy = Remedy(kind=RemedyKind.RELAX_RULE, need=need)
            yield Shortage(None, need, missing - demand.total_open, {}, remedy)


@dataclass(frozen=True)
class _Gap:
    """The open seats of one slot; `filling` is the panel as it is, with these seats filled too."""

    bench: Bench
    panel: Panel
    filling: Mapping[Slot, int]
    slot: Slot

    @property
    def missing(self) -> int:
        return sum(self.filling.values()) - len(self.panel)

    def shortage(self, verdicts: Verdicts) -> Shortage:
        need = self._binding_need()
        held_back = dict(sorted(self._held_back(need, verdicts).items()))
        return Shortage(self.slot, need, self.missing, held_back, self._remedy(need))

    def _binding_need(self) -> PanelNeed | None:
        """The need without which the seats could be filled from the people there are."""
        demand = self.bench.demand
        raised = {
            PanelNeed.DISTINCT_ORGANISATIONS: demand.distinct_organisations,
            PanelNeed.READS_LANGUAGE: demand.readers > 0,
            PanelNeed.COVERS_PRIMARY_TOPIC: demand.specialists > 0,
        }
        return next(
            (need for need in PanelNeed if raised[need] and self._fills_without(need)), None
        )

    def _fills_without(self, need: PanelNeed) -> bool:
        demand = self.bench.demand
        people: Sequence[Standing] = self.bench.finalists
        if need is PanelNeed.READS_LANGUAGE:
            demand = replace(demand, readers=0)
        elif need is PanelNeed.COVERS_PRIMARY_TOPIC:
            demand = replace(demand, specialists=0)
        else:
            demand = replace(demand, distinct_organisations=False)
            neighbours = self._kept_out_by(ExclusionCode.ORGANISATION_SEATED)
            people = finalists(_ranked(self.bench.eligible, neighbours), demand)
        return best_panel(people, demand, self.filling) is not None

    def _held_back(self, need: PanelNeed | None, verdicts: Verdicts) -> Counter[str]:
        """Whoever could take the seats and would meet the need, by what holds them back."""

        def could(person: Standing) -> bool:
            if need is PanelNeed.READS_LANGUAGE and not person.reads:
                return False
            if need is PanelNeed.COVERS_PRIMARY_TOPIC and not person.covers:
                return False
            return self.slot.admits(person.internal) and verdicts.slot_of(person) is not self.slot

        excluded = [found[0].code for person, found in self.bench.excluded if could(person)]
        waiting = [verdicts.beside(p).why for p in self.bench.eligible if could(p)]
        return Counter(code for code in (*excluded, *waiting) if code != ExclusionCode.SEATED)

    def _remedy(self, need: PanelNeed | None) -> Remedy:
        """The smallest change that fills the seats: few people asked for more, else a rule, else
        new members."""
        lifts = [lift for kind in _LIFTS if (lift := self._lift(kind)) is not None]
        if lifts:
            return min(lifts, key=lambda lift: len(lift.candidate_ids))
        if need is PanelNeed.DISTINCT_ORGANISATIONS:
            return Remedy(kind=RemedyKind.RELAX_RULE, need=need)
        return self._new_members()

    def _lift(self, kind: RemedyKind) -> Remedy | None:
        """The fewest people who would fill the seats if one limit did not hold for them."""
        lifted = [
            person._replace(points=person.points - _RELUCTANCE)
            for person in self._kept_out_by(_LIFTS[kind])
        ]
        if not lifted:
            return None
        people = _ranked(self.bench.finalists, lifted)
        # Without the points for backgrounds, which have no upper bound, reluctance decides.
        demand = replace(self.bench.demand, background_points=0)
        panel = best_panel(people, demand, self.filling)
        if panel is None:
            return None
        asked = {person.candidate_id for person in lifted} & {member for _, member in panel}
        return Remedy(kind=kind, candidate_ids=tuple(sorted(asked)))

    def _new_members(self) -> Remedy:
        demand, seats = self.bench.demand, sum(self.filling.values())
        seated = {member for _, member in self.panel}
        members = [person for person in self.bench.eligible if person.candidate_id in seated]
        readers = sum(member.reads for member in members)
        specialists = sum(member.covers for member in members)
        item = self.bench.item
        must_read = demand.needed(demand.readers, seats) > readers
        must_cover = demand.needed(demand.specialists, seats) > specialists
        return Remedy(
            kind=RemedyKind.ADD_MEMBER,
            slot=self.slot,
            count=self.missing,
            languages=item.languages if must_read else frozenset(),
            topic=item.primary_topic if must_cover else None,
        )

    def _kept_out_by(self, code: ExclusionCode) -> list[Standing]:
        """The people whom this rule alone keeps out."""
        return [
            person
            for person, found in self.bench.excluded
            if len(found) == 1 and found[0].code is code
        ]


def _ranked(*groups: Iterable[Standing]) -> Sequence[Standing]:
    people = [person for group in groups for person in group]
    return sorted(people, key=Standing.rank_key)
