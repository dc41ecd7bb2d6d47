"""What a batch is asked: submissions with open seats, reviewers with room, and how they score.

    problem = of_matrix(scores, forbidden, seats=3, capacity=11)    # anybody may take any seat
    problem = of_benches({item.id: open_bench(item, …), …})         # what the panel search sees

The order in which submissions and reviewers are given changes nothing: `canonical` sorts both by
id before anything is computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.bench import Bench
from reviewhub.matching.conflicts import ExclusionCode
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.openings import Opening, Reviewer
from reviewhub.matching.people import Candidate
from reviewhub.matching.rules import PanelRule, Slot
from reviewhub.matching.selection import Standing
from reviewhub.matching.tables import FORBIDDEN, DenseScores, Points, ScoreTable

Counts = NDArray[np.int64]
Marks = NDArray[np.bool_]

NOWHERE = -1
"""The organisation of somebody who has none."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A batch: one row of `scores` per opening, one column per reviewer.

    `reads` and `covers` have the shape of the scores, and may be None when no opening needs
    readers or specialists. Raises MatchingError for ids given twice, negative counts, and shapes
    that disagree.
    """

    openings: Sequence[Opening]
    reviewers: Sequence[Reviewer]
    scores: ScoreTable
    reads: Marks | None = None
    covers: Marks | None = None

    def __post_init__(self) -> None:
        shape = (len(self.openings), len(self.reviewers))
        if self.scores.shape != shape:
            raise MatchingError(f"{shape} openings and reviewers, but {self.scores.shape} scores")
        for name, given in (("submission", self.openings), ("reviewer", self.reviewers)):
            if len({one.id for one in given}) < len(given):
                raise MatchingError(f"a {name}'s id is given twice")
        for reviewer in self.reviewers:
            if reviewer.capacity < 0:
                raise MatchingError(f"reviewer {reviewer.id}: the capacity is negative")
        for opening in self.openings:
            counts = (*opening.seats.values(), opening.readers, opening.specialists)
            if min(counts, default=0) < 0:
                raise MatchingError(f"submission {opening.id}: a count is negative")
        self._check_marks("readers", self.reads)
        self._check_marks("specialists", self.covers)

    def _check_marks(self, need: str, marks: Marks | None) -> None:
        if marks is None and any(getattr(opening, need) for opening in self.openings):
            raise MatchingError(f"{need} are needed, and nobody is known to be one")
        if marks is not None and marks.shape != self.scores.shape:
            raise MatchingError(f"{self.scores.shape} scores, but {marks.shape} marks of {need}")

    @cached_property
    def demand(self) -> Counts:
        """The open seats of each submission."""
        return np.array([sum(one.seats.values()) for one in self.openings], dtype=np.int64)

    @cached_property
    def limits(self) -> Counts:
        """How many externals (column 0) and internals (column 1) a submission has seats for."""
        return np.array(
            [
                [
                    sum(seats for slot, seats in one.seats.items() if Slot(slot).admits(internal))
                    for internal in (False, True)
                ]
                for one in self.openings
            ],
            dtype=np.int64,
        ).reshape(-1, 2)

    @cached_property
    def capacity(self) -> Counts:
        """How many reviews each reviewer can take on."""
        return np.array([one.capacity for one in self.reviewers], dtype=np.int64)

    @cached_property
    def internal(self) -> Marks:
        """Whether each reviewer is internal."""
        return np.array([one.internal for one in self.reviewers], dtype=bool)

    @cached_property
    def organisation(self) -> Counts:
        """The organisation of each reviewer, NOWHERE for none."""
        ids = [one.organisation_id for one in self.reviewers]
        return np.array([NOWHERE if one is None else one for one in ids], dtype=np.int64)

    @property
    def has_needs(self) -> bool:
        """Whether any panel must have something as a whole."""
        return any(
            one.distinct_organisations or one.readers or one.specialists for one in self.openings
        )

    def row(self, index: int) -> Points:
        """The points of one submission with everybody."""
        row: Points = self.scores.block(index, index + 1)[0]
        return row

    def canonical(self) -> "Problem":
        """The same problem with submissions and reviewers in the order of their ids."""
        rows = np.argsort([one.id for one in self.openings], kind="stable").astype(np.intp)
        columns = np.argsort([one.id for one in self.reviewers], kind="stable").astype(np.intp)
        if _ascending(rows) and _ascending(columns):
            return self
        return replace(
            self,
            openings=tuple(self.openings[i] for i in rows),
            reviewers=tuple(self.reviewers[i] for i in columns),
            scores=self.scores.reordered(rows, columns),
            reads=None if self.reads is None else self.reads[np.ix_(rows, columns)],
            covers=None if self.covers is None else self.covers[np.ix_(rows, columns)],
        )


def of_matrix(
    scores: NDArray[Any] | ScoreTable,
    forbidden: Marks | None = None,
    *,
    seats: int,
    capacity: int | NDArray[Any],
) -> Problem:
    """Submissions that each want `seats` reviewers of any kind; ids are the row and column numbers.

    Raises MatchingError as DenseScores.of and Problem do.
    """
    table = DenseScores.of(scores, forbidden) if isinstance(scores, np.ndarray) else scores
    rows, columns = table.shape
    each = np.broadcast_to(np.asarray(capacity), (columns,))
    return Problem(
        openings=[Opening(id=i, seats={Slot.ANY: seats}) for i in range(rows)],
        reviewers=[Reviewer(id=i, capacity=int(each[i])) for i in range(columns)],
        scores=table,
    )


def of_benches(benches: Mapping[int, Bench]) -> Problem:
    """The open seats of many items, each with its bench as `open_bench` screens it.

    Whoever a bench excludes is forbidden for that item, unless they merely have no room: then they
    count as eligible and at their cap. What the seated already bring is taken off the needs.
    """
    people = {p.id: p for bench in benches.values() for p in bench.candidates.values()}
    columns = {person: place for place, person in enumerate(sorted(people))}
    shape = (len(benches), len(columns))
    points = np.full(shape, FORBIDDEN, dtype=np.int32)
    reads, covers = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    openings = []
    for row, (item, bench) in enumerate(sorted(benches.items())):
        openings.append(_opening(item, bench))
        for person in (*bench.eligible, *_without_room(bench)):
            place = columns[person.candidate_id]
            points[row, place] = person.points
            reads[row, place], covers[row, place] = person.reads, person.covers
    limits = {bench.rule.open_items_cap for bench in benches.values()} - {None}
    limit = min((one for one in limits if one is not None), default=None)
    reviewers = [_reviewer(people[person], limit) for person in columns]
    return Problem(
        openings=openings,
        reviewers=reviewers,
        scores=DenseScores(points),
        reads=reads,
        covers=covers,
    )


def room(candidate: Candidate, rule: PanelRule) -> int:
    """How many reviews more the candidate can take on under the rule."""
    return _room(candidate, rule.open_items_cap)


def _room(candidate: Candidate, open_items_cap: int | None) -> int:
    left = candidate.capacity - candidate.load
    if open_items_cap is not None:
        left = min(left, open_items_cap - candidate.open_items)
    return max(0, left)


def _reviewer(candidate: Candidate, open_items_cap: int | None) -> Reviewer:
    return Reviewer(
        id=candidate.id,
        capacity=_room(candidate, open_items_cap),
        internal=candidate.internal,
        organisation_id=candidate.organisation_id,
    )


def _without_room(bench: Bench) -> Iterator[Standing]:
    """Those whom nothing but their load keeps out; their capacity in the batch is zero."""
    for person, found in bench.excluded:
        if {one.code for one in found} <= {ExclusionCode.AT_CAP, ExclusionCode.OPEN_ITEMS}:
            yield person


def _opening(item: int, bench: Bench) -> Opening:
    demand = bench.demand
    return Opening(
        id=item,
        seats=demand.open_seats,
        distinct_organisations=demand.distinct_organisations,
        readers=min(demand.readers, demand.total_open),
        specialists=min(demand.specialists, demand.total_open),
        languages=bench.item.languages,
        topic=bench.item.primary_topic,
    )


def _ascending(order: NDArray[np.intp]) -> bool:
    return bool((order == np.arange(len(order))).all())
