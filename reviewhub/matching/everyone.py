"""Where everybody on the roster stands towards one panel: rank, score, and why they are not on it.

    for place in everyone(bench, panel): ...     # best score first

A panel's proposal names the nearest few; this answers for each person, and is asked on demand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.bench import Bench
from reviewhub.matching.conflicts import Exclusion
from reviewhub.matching.reasons import Reason
from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Panel, Standing
from reviewhub.matching.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class Place:
    """One person's place: `slot` where they are on the panel, else `reason` or `exclusions`.

    `rank` is among the eligible people for `of`, the first kind of seat that they may take; 0
    where a hard rule keeps them out or the panel has no such seat.
    """

    candidate_id: int
    total: float
    slot: Slot | None
    of: Slot | None
    rank: int
    eligible: int
    reason: Reason | None
    exclusions: tuple[Exclusion, ...]

    @property
    def may_sit(self) -> bool:
        """Whether no hard rule keeps them out."""
        return not self.exclusions


def everyone(bench: Bench, panel: Panel) -> tuple[Place, ...]:
    """Everybody of the bench, best score first; the panel's people must be eligible on it."""
    verdicts = Verdicts(bench, panel)
    last = _last_of(bench, panel, verdicts)
    ranks = {
        slot: {one.candidate_id: rank for rank, one in enumerate(ranked, start=1)}
        for slot, ranked in bench.ranked.items()
    }
    places = [
        (person.rank_key(), _place(person, ranks, last, verdicts)) for person in bench.eligible
    ]
    places += [
        (
            person.rank_key(),
            Place(person.candidate_id, person.points / POINTS, None, None, 0, 0, None, found),
        )
        for person, found in bench.excluded
    ]
    return tuple(place for _key, place in sorted(places, key=lambda pair: pair[0]))


def _last_of(bench: Bench, panel: Panel, verdicts: Verdicts) -> Mapping[Slot, int | None]:
    """The lowest member of each full slot; None where a seat is open."""
    found: dict[Slot, int | None] = {}
    for slot, seats in bench.demand.open_seats.items():
        members = [member for taken, member in panel if taken is slot]
        found[slot] = max(members, key=verdicts.rank_key) if len(members) >= seats > 0 else None
    return found


def _place(
    person: Standing,
    ranks: Mapping[Slot, Mapping[int, int]],
    last: Mapping[Slot, int | None],
    verdicts: Verdicts,
) -> Place:
    total = person.points / POINTS
    slot = verdicts.slot_of(person)
    open_to = [one for one in ranks if one.admits(person.internal)]
    of = slot if slot in ranks else next(iter(open_to), None)
    if of is None:
        return Place(person.candidate_id, total, slot, None, 0, 0, None, ())
    rank, eligible = ranks[of][person.candidate_id], len(ranks[of])
    reason = None
    if slot is None:
        lowest = last[of]
        reason = verdicts.beside(person) if lowest is None else verdicts.instead_of(lowest, person)
    return Place(person.candidate_id, total, slot, of, rank, eligible, reason, ())
