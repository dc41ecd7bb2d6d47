"""A problem as plain numbers: what the flow, the prices and the bound are computed from.

Costs are whole numbers, in three layers that never mix: a seat left open costs more than any gain
in scores or loads; loads come next (mode "equal") or last (otherwise); scores are in points.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.problem import Problem
from reviewhub.matching.tables import FORBIDDEN, Points, ScoreTable, blocks

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

BEST_REVIEWERS = 20
"""How many candidates every submission starts with, for each kind of seat it has."""

BEST_SUBMISSIONS = 10
"""How many candidates every reviewer starts with."""

SMALL = 40_000
"""Up to so many pairs, all of them are candidates."""

MILD = 20
"""What an open seat costs at first, as a multiple of the spread of the scores."""

NONE = -(2**60)
"""Below every value there is."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Market:
    """The demand of each row, the room of each column, and the scores between them.

    A row takes at most `limits[row, kind]` columns of each kind (0 external, 1 internal), and
    `demand[row]` in all.
    """

    table: ScoreTable
    demand: Ints
    limits: Ints
    kind: Ints
    capacity: Ints
    lowest: int
    highest: int
    """The least and the most points of a pair that may be."""

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return len(self.demand), len(self.capacity)

    @cached_property
    def kinds(self) -> int:
        """2 when some row must tell the kinds apart, else 1."""
        present = np.bincount(self.kind, minlength=2)
        binding = (self.limits < self.demand[:, None]).any(axis=0)
        return 2 if (binding & (present > 0)).any() else 1

    def group(self, rows: Ints, columns: Ints) -> Ints:
        """The number of the pair's row and kind."""
        if self.kinds == 1:
            return rows
        return rows * 2 + self.kind[columns]

    @property
    def group_limits(self) -> Ints:
        """How many each group may take."""
        return self.demand if self.kinds == 1 else self.limits.reshape(-1)

    @property
    def chain(self) -> int:
        """More points than any chain of swaps can gain or lose."""
        most = max(abs(self.lowest), abs(self.highest))
        return (min(self.shape) + 1) * (self.highest - self.lowest) + most + 1

    @property
    def mild(self) -> int:
        """Enough points, as a rule, to outweigh what a seat or an even load costs elsewhere."""
        return MILD * max(self.highest - self.lowest, abs(self.lowest), abs(self.highest), 1)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the flow weighs: `scale` per point, `load` × n for a column's n-th review, and
    `open_seat` for each seat left open."""

    scale: int
    load: int
    open_seat: int

    @property
    def levels(self) -> bool:
        """Whether even loads come before scores."""
        return self.scale == 1

    @property
    def scarce(self) -> int:
        """A price above this, in points, comes from a seat that would stay open."""
        return self.open_seat - 3 * self.load if self.levels else self.open_seat // 2 // self.scale

    @classmethod
    def of(cls, market: Market, *, equal: bool, decisive: bool) -> "Costs":
        """The costs of a mode. The mild ones keep the flow quick; when what they find is not
        provably right, the decisive ones are."""
        room = int(market.capacity.max(initial=0))
        if not equal:
            seat = 4 * market.chain if decisive else market.mild
            # Any one change shifts a single review from one column to another: at most `room`.
            return cls(scale=room + 2, load=1, open_seat=seat * (room + 2))
        step = market.chain if decisive else market.mild
        return cls(scale=1, load=step, open_seat=step * (room + 6))


@dataclass(frozen=True, eq=False)
class Edges:
    """Pairs of a row and a column with their points, in the order of `keys`."""

    keys: Ints
    points: Ints
    rows: Ints
    columns: Ints

    @classmethod
    def of(cls, width: int, keys: Ints, points: NDArray[Any]) -> "Edges":
        """From row × width + column; pairs given twice are kept once."""
        unique, first = np.unique(keys, return_index=True)
        return cls(unique, points[first].astype(np.int64), unique // width, unique % width)

    def __len__(self) -> int:
        return len(self.keys)


def market_of(problem: Problem) -> tuple[Market, Edges]:
    """The numbers of a canonical problem, and the pairs to begin with."""
    search = _Search(problem)
    for start, stop in blocks(problem.scores):
        search.look(start, problem.scores.block(start, stop))
    return market_between(problem, search.lowest, search.highest), search.edges()


def market_between(problem: Problem, lowest: int, highest: int) -> Market:
    """The numbers of a canonical problem whose scores are known to lie between these points."""
    return Market(
        table=problem.scores,
        demand=problem.demand,
        limits=np.minimum(problem.limits, problem.demand[:, None]),
        kind=problem.internal.astype(np.int64),
        # One more than anybody can use, so that nobody comes to a cap they don't have.
        capacity=np.minimum(problem.capacity, len(problem.openings) + 1),
        lowest=lowest,
        highest=highest,
    )


class _Search:
    """The best pairs of every row and every column, gathered block by block."""

    def __init__(self, problem: Problem) -> None:
        rows, columns = problem.scores.shape
        self._width = columns
        self._all = rows * columns <= SMALL
        self._kinds = [np.flatnonzero(problem.internal == kind) for kind in (False, True)]
        self._floor = np.full(columns, FORBIDDEN, dtype=np.int32)
        self._best = np.full((BEST_SUBMISSIONS, columns), FORBIDDEN, dtype=np.int32)
        self._best_rows = np.zeros((BEST_SUBMISSIONS, columns), dtype=np.int64)
        self._keys: list[Ints] = []
        self._points: list[Points] = []
        self.lowest, self.highest = 0, 0

    def look(self, start: int, block: Points) -> None:
        allowed = block > FORBIDDEN
        if not allowed.any():
            return
        self.highest = max(self.highest, int(block.max()))
        self.lowest = min(self.lowest, int(np.where(allowed, block, 0).min()))
        if self._all:
            self._keep(start, block, *np.nonzero(allowed))
            return
        for columns in self._kinds:
            self._best_of_rows(start, block, columns)
        self._best_of_columns(start, block)

    def edges(self) -> Edges:
        """All pairs found."""
        if not self._all:
            held = np.flatnonzero(self._best.ravel() > FORBIDDEN)
            columns = held % self._width
            self._keys.append(self._best_rows.ravel()[held] * self._width + columns)
            self._points.append(self._best.ravel()[held])
        keys = np.concatenate([np.zeros(0, dtype=np.int64), *self._keys])
        points = np.concatenate([np.zeros(0, dtype=np.int32), *self._points])
        return Edges.of(max(1, self._width), keys, points)

    def _best_of_rows(self, start: int, block: Points, columns: NDArray[np.intp]) -> None:
        every = len(columns) == self._width
        seen = block if every else block[:, columns]
        count = min(BEST_REVIEWERS, seen.shape[1])
        if not count:
            return
        at = np.argpartition(seen, seen.shape[1] - count, axis=1)[:, -count:]
        rows = np.repeat(np.arange(len(block)), count)
        self._keep(start, block, rows, columns[at.ravel()])

    def _best_of_columns(self, start: int, block: Points) -> None:
        """Few of the later rows come into a column's best: they alone are sorted in."""
        if start == 0 and len(block) > BEST_SUBMISSIONS:
            turned = np.ascontiguousarray(block.T)
            at = np.argpartition(turned, len(block) - BEST_SUBMISSIONS, axis=1)
            self._best_rows = at[:, -BEST_SUBMISSIONS:].T.astype(np.int64)
            self._best = np.take_along_axis(block, self._best_rows, axis=0)
            self._floor = self._best.min(axis=0)
            return
        rows, columns = np.nonzero(block > self._floor)
        points = block[rows, columns]
        for at in _one_of_each(columns, points, BEST_SUBMISSIONS):
            column, value = columns[at], points[at]
            least = self._best[:, column].argmin(axis=0)
            better = value > self._best[least, column]
            column, least = column[better], least[better]
            self._best[least, column] = value[better]
            self._best_rows[least, column] = rows[at][better] + start
        self._floor = self._best.min(axis=0)

    def _keep(self, start: int, block: Points, rows: Any, columns: Any) -> None:
        points = block[rows, columns]
        allowed = points > FORBIDDEN
        self._keys.append((rows[allowed] + start).astype(np.int64) * self._width + columns[allowed])
        self._points.append(points[allowed])


def _one_of_each(columns: NDArray[np.intp], points: Points, at_most: int) -> list[NDArray[np.intp]]:
    """The places of the best of each column, then of the second best of each, and so on."""
    order = np.lexsort((-points, columns))
    starts = np.flatnonzero(np.diff(columns[order], prepend=-1))
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return [order[nth == n] for n in range(at_most) if (nth == n).any()]
