"""What matching answers: the seats, and for everybody else why not. Codes and values only.

The sentences are made where they are shown, in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reviewhub.matching.affinity import Part, Score
from reviewhub.matching.conflicts import Exclusion
from reviewhub.matching.rules import PanelNeed, Slot
from reviewhub.matching.selection import Demand, Standing


class WhyNot(StrEnum):
    """Why an eligible person is not on the panel."""

    OUTRANKED = "outranked"  # everyone seated in the slot ranks higher
    SEATED_ELSEWHERE = "seated_elsewhere"  # proposed for another slot
    ORGANISATION_TAKEN = "organisation_taken"  # somebody from there is on the panel: `by`
    LANGUAGE_NEEDED = "language_needed"  # the seat has to go to a reader of the language
    TOPIC_NEEDED = "topic_needed"  # the seat has to go to somebody who covers the primary topic
    BACKGROUND = "background"  # the panel as a whole gains more from another background
    # Where many panels are made at once:
    WANTED_ELSEWHERE = "wanted_elsewhere"  # their scarce time is worth more on another panel
    EVENED = "evened"  # the load is shared more evenly this way
    FAIRER = "fairer"  # a panel that gets less needs them more
    WHOLE = "whole"  # it is what lets every panel keep its rule


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not; `by` is the member of the panel in the way, where it is one."""

    why: WhyNot
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat held by a candidate: asked, accepted or done."""

    slot: Slot
    candidate_id: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An eligible person who ranks above the one proposed, and why they were not proposed."""

    candidate_id: int
    total: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class ProposedSeat(Seat):
    """A seat proposed for a candidate: `rank` of `eligible` people for the slot, and why."""

    rank: int
    eligible: int
    score: Score
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class Alternate:
    """Somebody in the ranked reserve of a slot, `rank` of `eligible`, and why not on the panel."""

    slot: Slot
    candidate_id: int
    rank: int
    eligible: int
    score: Score
    reason: Reason


@dataclass(frozen=True, slots=True)
class Excluded:
    """Somebody whom a hard rule keeps out, with the total they would have had."""

    candidate_id: int
    total: float
    exclusions: tuple[Exclusion, ...]


class RemedyKind(StrEnum):
    """The changes that can complete a panel, the smaller ones first."""

    END_REST = "end_rest"  # ask `candidate_ids` although they are resting
    RAISE_OPEN_ITEMS = "raise_open_items"  # ask them beyond the open-items limit
    RAISE_CAP = "raise_cap"  # ask them beyond their own capacity
    RELAX_RULE = "relax_rule"  # do without `need` for this item
    ADD_MEMBER = "add_member"  # find `count` new members for `slot`


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """The smallest single change that fills a shortage.

    For ADD_MEMBER, each new member reads one of `languages` and covers `topic` where these are
    given, and comes from an organisation that is not on the panel.
    """

    kind: RemedyKind
    candidate_ids: tuple[int, ...] = ()
    need: PanelNeed | None = None
    slot: Slot | None = None
    count: int = 0
    languages: frozenset[str] = frozenset()
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Shortage:
    """Seats of one slot that can't be filled, the need that stands in the way, and what helps.

    `need` is None when there are simply too few people. `slot` is None when every seat is taken
    and the need can't be met any more. `held_back` counts the people who could take the seats by
    what holds them back: the code of their first exclusion, or of the reason why not.
    """

    slot: Slot | None
    need: PanelNeed | None
    missing: int
    held_back: Mapping[str, int]
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best panel for an item, and an answer for everybody who is not on it.

    `background` is the part that the panel earns as a whole, seated members included. `demand` and
    `people` are what the choice was made from: everybody in `seats` and `alternates`, by id.
    """

    seats: tuple[ProposedSeat, ...]
    background: Part
    alternates: Mapping[Slot, tuple[Alternate, ...]]
    excluded: tuple[Excluded, ...]
    shortages: tuple[Shortage, ...]
    demand: Demand
    people: Mapping[int, Standing]

    @property
    def complete(self) -> bool:
        """Whether the panel, with those seated before, meets the whole rule."""
        return not self.shortages
