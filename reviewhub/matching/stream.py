"""One submission at a time, as they arrive: whom to ask now, and who is next after a decline.

    desk = Desk(reviewers, loads={7: 2}, prices=outcome.prices)
    asked = desk.arrive(opening, scores={7: 0.8, 9: 0.6, …})    # everybody eligible
    desk.declined(opening.id, 7)                                # the next, or None

Ranked by the score, less a penalty that grows with the square of the load, less the price that an
earlier batch has put on the reviewer. Whoever is good for many is so kept for those who have nobody
else. Needs nothing but this package: no solver.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.openings import Opening, Reviewer
from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Standing, finalists, fullest_panel

LOAD_PENALTY = 0.10
"""What is taken off the score of somebody without room; a quarter of it at half the room."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is asked for each slot, best first, and the ranked reserve behind them."""

    seats: Mapping[Slot, tuple[int, ...]]
    reserve: Mapping[Slot, tuple[int, ...]]


@dataclass(slots=True)
class _Panel:
    """A submission on the desk: who sits where, and who waits for each slot."""

    opening: Opening
    seats: dict[int, tuple[Slot, Standing]] = field(default_factory=dict)
    reserve: dict[Slot, deque[Standing]] = field(default_factory=dict)


class Desk:
    """The reviewers with their loads, and the submissions whose invitations are out.

    `loads` are the reviews that somebody has already, of the capacity given: both by id, like the
    prices. Raises MatchingError for an id given twice and for numbers that make no sense.
    """

    def __init__(
        self,
        reviewers: Sequence[Reviewer],
        loads: Mapping[int, int] | None = None,
        prices: Mapping[int, float] | None = None,
        *,
        penalty: float = LOAD_PENALTY,
    ) -> None:
        self._reviewers = {one.id: one for one in reviewers}
        if len(self._reviewers) < len(reviewers):
            raise MatchingError("a reviewer's id is given twice")
        if not (math.isfinite(penalty) and penalty >= 0):
            raise MatchingError(f"the penalty must be finite and not negative: {penalty}")
        self._loads = dict.fromkeys(self._reviewers, 0) | dict(loads or {})
        self._prices = dict(prices or {})
        if any(math.isnan(price) for price in self._prices.values()):
            raise MatchingError("a price is not a number")
        self._penalty = penalty
        self._panels: dict[int, _Panel] = {}

    @property
    def loads(self) -> Mapping[int, int]:
        """The reviews of each reviewer, those asked included."""
        return dict(self._loads)

    def arrive(
        self,
        opening: Opening,
        scores: Mapping[int, float],
        *,
        reads: Set[int] = frozenset(),
        covers: Set[int] = frozenset(),
    ) -> Invited:
        """Choose whom to ask, of those with a score (the eligible): the fullest panel, and the best
        of these. They count as loaded from now on.

        `reads` and `covers` are those who read the language and cover the topic. Raises
        MatchingError for an unknown reviewer, a score that is not finite, and a submission that is
        on the desk already.
        """
        if opening.id in self._panels:
            raise MatchingError(f"submission {opening.id} has arrived before")
        ranked = self._ranked(scores, reads, covers)
        demand = opening.demand
        chosen = fullest_panel(finalists(ranked, demand), demand)
        by_id = {one.candidate_id: one for one in ranked}
        panel = _Panel(opening, {id: (slot, by_id[id]) for slot, id in chosen})
        for id in panel.seats:
            self._loads[id] += 1
        waiting = [one for one in ranked if one.candidate_id not in panel.seats]
        for slot in demand.open_seats:
            kinds = {kind for kind in (True, False) if slot.admits(kind)}
            panel.reserve[slot] = deque([one for one in waiting if one.internal in kinds])
        self._panels[opening.id] = panel
        return _invited(panel)

    def declined(self, submission_id: int, reviewer_id: int) -> int | None:
        """Free the reviewer, and ask the next of the same slot with whom the panel can still meet
        its needs; None when the reserve is used up. Each of the reserve is looked at once.

        Raises MatchingError for somebody who was not asked.
        """
        panel = self._panels.get(submission_id)
        if panel is None or reviewer_id not in panel.seats:
            raise MatchingError(f"reviewer {reviewer_id} was not asked about {submission_id}")
        slot, _ = panel.seats.pop(reviewer_id)
        self._loads[reviewer_id] -= 1
        waiting = panel.reserve[slot]
        while waiting:
            person = waiting.popleft()
            if self._has_room(person.candidate_id) and _fits(panel, person):
                panel.seats[person.candidate_id] = slot, person
                self._loads[person.candidate_id] += 1
                return person.candidate_id
        return None

    def done(self, submission_id: int) -> None:
        """Everybody has accepted: the reserve is no longer needed."""
        self._panels.pop(submission_id, None)

    def _ranked(
        self, scores: Mapping[int, float], reads: Set[int], covers: Set[int]
    ) -> list[Standing]:
        ranked, nothing = [], frozenset[str]()
        for id, score in scores.items():
            if id not in self._reviewers:
                raise MatchingError(f"there is no reviewer {id}")
            if not math.isfinite(score):
                raise MatchingError(f"the score of reviewer {id} is not a finite number")
            one, load, price = self._reviewers[id], self._loads[id], self._prices.get(id, 0.0)
            if load >= one.capacity or price == math.inf:
                continue
            worth = score - self._penalty * (load / one.capacity) ** 2 - price
            kind, house = one.internal, one.organisation_id
            person = (round(worth * POINTS), id, kind, house, id in reads, id in covers, nothing)
            ranked.append(Standing._make(person))
        ranked.sort(key=Standing.rank_key)
        return ranked

    def _has_room(self, id: int) -> bool:
        return self._loads[id] < self._reviewers[id].capacity


def _fits(panel: _Panel, person: Standing) -> bool:
    """Whether the person may join those who sit, the seats that are open then kept for needs."""
    demand = panel.opening.demand
    members = [one for _, one in panel.seats.values()]
    if person.candidate_id in panel.seats:
        return False
    if demand.distinct_organisations and person.organisation_id is not None:
        taken = {one.organisation_id for one in members}
        if person.organisation_id in taken:
            return False
    filled = len(members) + 1
    readers = person.reads + sum(one.reads for one in members)
    specialists = person.covers + sum(one.covers for one in members)
    return readers >= demand.needed(demand.readers, filled) and specialists >= demand.needed(
        demand.specialists, filled
    )


def _invited(panel: _Panel) -> Invited:
    seats: dict[Slot, list[int]] = {slot: [] for slot in panel.opening.demand.open_seats}
    for id, (slot, _) in panel.seats.items():
        seats[slot].append(id)
    return Invited(
        seats={slot: tuple(ids) for slot, ids in seats.items()},
        reserve={
            slot: tuple(one.candidate_id for one in waiting)
            for slot, waiting in panel.reserve.items()
        },
    )
