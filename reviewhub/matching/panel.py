"""The panel for one item: who is proposed for which seat, who is in reserve, and why.

    propose(item, candidates, rule, already=seats, today=today)        # every open seat
    next_for(Slot.EXTERNAL, item, candidates, rule, seats, today)      # one seat, after a decline

Both are exact: a full panel is found whenever there is one, and among full panels one with the
most points. Where there is none, the fullest panel is proposed and the shortage explained.
"""

from collections.abc import Sequence
from datetime import date

from reviewhub.matching.affinity import POINTS, Part
from reviewhub.matching.bench import Bench, open_bench
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import (
    Alternate,
    Excluded,
    PassedOver,
    Proposal,
    ProposedSeat,
    Seat,
)
from reviewhub.matching.rules import Facet, PanelRule, Slot
from reviewhub.matching.selection import Panel, fullest_panel
from reviewhub.matching.shortages import shortages
from reviewhub.matching.verdicts import Verdicts

RESERVE = 10
"""How many alternates are named for each slot."""


def propose(
    item: Item,
    candidates: Sequence[Candidate],
    rule: PanelRule,
    *,
    already: Sequence[Seat] = (),
    today: date,
) -> Proposal:
    """The best panel that fills the open seats beside those who are seated `already`.

    The seated must be among the candidates; no hard rule is applied to them again. Raises
    MatchingError when an id is given twice or a seated person is unknown.
    """
    bench = open_bench(item, candidates, rule, already, today)
    panel = fullest_panel(bench.finalists, bench.demand)
    verdicts = Verdicts(bench, panel)
    alternates = {slot: _reserve(bench, slot, panel, verdicts) for slot in bench.ranked}
    near = {member for _slot, member in panel}
    near |= {one.candidate_id for reserve in alternates.values() for one in reserve}
    return Proposal(
        seats=_seats(bench, panel, verdicts),
        background=background_of(bench, panel),
        alternates=alternates,
        excluded=tuple(
            Excluded(person.candidate_id, person.points / POINTS, found)
            for person, found in bench.excluded
        ),
        shortages=shortages(bench, panel, verdicts),
        demand=bench.demand,
        people={one.candidate_id: one for one in bench.eligible if one.candidate_id in near},
    )


def next_for(
    slot: Slot,
    item: Item,
    candidates: Sequence[Candidate],
    rule: PanelRule,
    already: Sequence[Seat],
    today: date,
) -> ProposedSeat | None:
    """The best person for one open seat of the slot, so that the panel can still meet its rule.

    Leave whoever gave the seat up out of `already`, and mark them `refused_before`. None when
    the slot has no open seat or nobody may take it. Raises MatchingError as `propose` does.
    """
    bench = open_bench(item, candidates, rule, already, today)
    panel = fullest_panel(bench.finalists, bench.demand, must_fill=slot)
    seats = _seats(bench, panel, Verdicts(bench, panel))
    return next((seat for seat in seats if seat.slot == slot), None)


def _seats(bench: Bench, panel: Panel, verdicts: Verdicts) -> tuple[ProposedSeat, ...]:
    return tuple(_seat(bench, slot, member, verdicts) for slot, member in panel)


def _seat(bench: Bench, slot: Slot, member: int, verdicts: Verdicts) -> ProposedSeat:
    ranked = bench.ranked[slot]
    place = next(i for i, person in enumerate(ranked) if person.candidate_id == member)
    passed_over = tuple(
        PassedOver(person.candidate_id, person.points / POINTS, verdicts.instead_of(member, person))
        for person in ranked[:place]
        if verdicts.slot_of(person) is not slot
    )
    score = bench.affinity.score(bench.candidates[member])
    return ProposedSeat(slot, member, place + 1, len(ranked), score, passed_over)


def background_of(bench: Bench, panel: Panel) -> Part:
    """What the panel's backgrounds earn together."""
    demand = bench.demand
    proposed = [bench.candidates[member].backgrounds for _, member in panel]
    names = demand.seated_backgrounds.union(*proposed)
    value = min(demand.size, len(names)) / demand.size if demand.size else 0.0
    weight = bench.rule.weights.get(Facet.BACKGROUND, 0.0)
    return Part(Facet.BACKGROUND, value, weight, tuple(sorted(names)))


def _reserve(bench: Bench, slot: Slot, panel: Panel, verdicts: Verdicts) -> tuple[Alternate, ...]:
    """The best of the slot who are not seated in it."""
    ranked = enumerate(bench.ranked[slot], start=1)
    waiting = [(rank, person) for rank, person in ranked if verdicts.slot_of(person) is not slot]
    members = [member for taken, member in panel if taken is slot]
    full = len(members) == bench.demand.open_seats[slot]
    last = max(members, key=verdicts.rank_key) if full else None
    return tuple(
        Alternate(
            slot,
            person.candidate_id,
            rank,
            len(bench.ranked[slot]),
            bench.affinity.score(bench.candidates[person.candidate_id]),
            verdicts.beside(person) if last is None else verdicts.instead_of(last, person),
        )
        for rank, person in waiting[:RESERVE]
    )
