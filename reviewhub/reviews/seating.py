"""The seats of a round: who holds one, who has only been asked, and what is still nobody's.

A seat is taken by whoever accepts first, not by whoever sends a review first: an accepted review is
work that somebody has promised, and nobody should write one beside a faster one. Until then up to
`parallel_invitations` people are asked for each seat at once. An accepted reviewer who is so late
that somebody is asked beside them holds their seat no longer, until their review comes in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot


@dataclass(frozen=True)
class Tally:
    """One kind of seat: how many there are, how many are held, how many people are asked."""

    slot: Slot
    seats: int
    held: int
    asked: int
    at_once: int

    @property
    def free(self) -> int:
        """How many seats nobody has taken on."""
        return max(0, self.seats - self.held)

    @property
    def to_ask(self) -> int:
        """How many more people may be asked now."""
        return max(0, self.free * self.at_once - self.asked)


def holds(assignment: Assignment) -> bool:
    """Whether this person has taken a seat on and keeps it."""
    if assignment.state is A.SUBMITTED:
        return True
    return assignment.state in {A.ACCEPTED, A.RETURNED} and assignment.relieved_at is None


def is_asked(assignment: Assignment) -> bool:
    """Whether an invitation waits for this person's answer."""
    return assignment.state in {A.PROPOSED, A.INVITED}


def tallies(current: ReviewRound) -> list[Tally]:
    """Every kind of seat that this round has, in the policy's order; the tie-breakers' last."""
    rules = rules_of(current)
    demand = {**rules.slots, Slot.TIE_BREAKER: current.tie_breakers}
    return [
        Tally(
            slot=Slot(slot),
            seats=seats,
            held=_count(holds(one) for one in current.assignments if one.slot == slot),
            asked=_count(is_asked(one) for one in current.assignments if one.slot == slot),
            at_once=rules.parallel_invitations,
        )
        for slot, seats in demand.items()
        if seats
    ]


def tally(current: ReviewRound, slot: Slot) -> Tally:
    """The same for one kind of seat; of a kind that the round does not have there are none."""
    found = (one for one in tallies(current) if one.slot is slot)
    return next(found, Tally(slot, seats=0, held=0, asked=0, at_once=1))


def open_seats(current: ReviewRound, slot: Slot) -> int:
    """How many more people may be asked for seats of this kind; in a closed round nobody."""
    return 0 if current.closed_at is not None else tally(current, slot).to_ask


def takes_late_answer(current: ReviewRound, slot: Slot) -> bool:
    """Whether a yes after the date still counts: nobody holds the seat, or has it promised.

    Where one person is asked at a time, the seat is promised to them. Where several are, it goes
    to whoever accepts first, and a late yes may be the first.
    """
    if current.closed_at is not None:
        return False
    found = tally(current, slot)
    return found.free > 0 if found.at_once > 1 else found.to_ask > 0


def _count(these: Iterable[bool]) -> int:
    return sum(these)
