"""Which submissions of a batch are short, by which rule, and the smallest change that would help.

The panel search's own diagnosis, asked about one submission after the other when everybody else's
reviewers are taken: whoever has no room left in the batch is at their cap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reviewhub.matching.affinity import Affinity
from reviewhub.matching.bench import Bench
from reviewhub.matching.conflicts import Exclusion, ExclusionCode
from reviewhub.matching.market import Ints, Marks
from reviewhub.matching.openings import Opening
from reviewhub.matching.people import Item
from reviewhub.matching.problem import Problem
from reviewhub.matching.reasons import Shortage
from reviewhub.matching.rules import PanelRule, Slot
from reviewhub.matching.selection import Demand, Standing
from reviewhub.matching.shortages import shortages
from reviewhub.matching.tables import FORBIDDEN
from reviewhub.matching.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class Short:
    """A submission that gets fewer reviewers than it wants: how many, and for each slot why."""

    submission_id: int
    wanted: int
    placed: int
    shortages: tuple[Shortage, ...]


def shorts(problem: Problem, held: Sequence[Sequence[int]], loads: Ints) -> tuple[Short, ...]:
    """Every short submission, by id. `held` are the columns of each row of the problem."""
    roomy = loads < problem.capacity
    return tuple(
        Short(
            opening.id,
            opening.demand.total_open,
            len(held[row]),
            _shortages(problem, row, held[row], roomy),
        )
        for row, opening in enumerate(problem.openings)
        if len(held[row]) < opening.demand.total_open
    )


@dataclass(frozen=True)
class _RowBench(Bench):
    """A bench whose demand is the opening's own."""

    opening: Opening

    @cached_property
    def demand(self) -> Demand:
        return self.opening.demand


def _shortages(
    problem: Problem, row: int, held: Sequence[int], roomy: Marks
) -> tuple[Shortage, ...]:
    opening, points = problem.openings[row], problem.row(row)
    eligible, excluded = [], []
    for column in np.flatnonzero(points > FORBIDDEN).tolist():
        person = standing(problem, row, column, int(points[column]))
        if roomy[column] or column in held:
            eligible.append(person)
        else:
            at_cap = Exclusion(ExclusionCode.AT_CAP, problem.reviewers[column].capacity)
            excluded.append((person, (at_cap,)))
    eligible.sort(key=Standing.rank_key)
    excluded.sort(key=lambda pair: pair[0].rank_key())
    item = _item(opening)
    bench = _RowBench(
        item=item,
        rule=PanelRule(slots={}, reads_language=0, covers_primary_topic=0),
        affinity=Affinity(item, {}),
        candidates={},
        seated=(),
        eligible=tuple(eligible),
        excluded=tuple(excluded),
        opening=opening,
    )
    members = sorted(held, key=lambda column: (-int(points[column]), column))
    panel = tuple(
        (slot, problem.reviewers[column].id) for slot, column in seated(problem, row, members)
    )
    return shortages(bench, panel, Verdicts(bench, panel))


def standing(problem: Problem, row: int, column: int, points: int) -> Standing:
    """One reviewer as the panel search sees them."""
    reviewer = problem.reviewers[column]
    return Standing(
        points,
        reviewer.id,
        reviewer.internal,
        reviewer.organisation_id,
        problem.reads is not None and bool(problem.reads[row, column]),
        problem.covers is not None and bool(problem.covers[row, column]),
        frozenset(),
    )


def seated(problem: Problem, row: int, members: Sequence[int]) -> list[tuple[Slot, int]]:
    """Which seat each member takes, best first: those of their own kind before the seats that are
    for anybody; by slot."""
    left = {slot: problem.openings[row].seats.get(slot, 0) for slot in Slot}
    seats = []
    for column in members:
        internal = problem.reviewers[column].internal
        slot = next(slot for slot in Slot if left[slot] and slot.admits(internal))
        left[slot] -= 1
        seats.append((slot, column))
    order = list(Slot)
    return sorted(seats, key=lambda seat: order.index(seat[0]))


def _item(opening: Opening) -> Item:
    """What the diagnosis names of the submission: the languages and the topic."""
    return Item(
        id=opening.id,
        submitter_id=None,
        submitter_email="",
        submitter_organisation_id=None,
        state_country=None,
        primary_topic=opening.topic,
        languages=opening.languages,
    )
