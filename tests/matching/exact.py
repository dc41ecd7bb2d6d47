"""The best batch there is, by an integer programme: written from the words, not from the flow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from reviewhub.matching.problem import Problem
from reviewhub.matching.tables import FORBIDDEN


@dataclass(frozen=True)
class Best:
    """How many seats can be filled, how evenly if that is asked, and the most points so."""

    placed: int
    squares: int | None
    points: int


def best(problem: Problem, *, equal: bool = False) -> Best:
    """First the seats, then (if asked) the least sum of squares of the loads, then the points."""
    return _Programme(problem).solve(equal=equal)


class _Programme:
    """One variable per pair that may be, and one per reviewer and review of theirs."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        points = problem.scores.block(0, len(problem.openings))
        self._rows, self._columns = np.nonzero(points > FORBIDDEN)
        self._points = points[self._rows, self._columns].astype(float)
        self._steps = [
            (r, n) for r, one in enumerate(problem.reviewers) for n in range(one.capacity)
        ]
        self._width = len(self._rows) + len(self._steps)
        self._table: list[NDArray[np.float64]] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def solve(self, *, equal: bool) -> Best:
        if not len(self._rows):
            return Best(0, 0 if equal else None, 0)
        for column in range(len(self._problem.reviewers)):
            self._room(column)
        for row in range(len(self._problem.openings)):
            self._seats(row)
            self._needs(row)
        placed = self._most(self._pairs(np.ones(len(self._rows))))
        squares = None
        if equal:
            odd = np.array([2 * n + 1 for _, n in self._steps])
            squares = -self._most(np.concatenate([np.zeros(len(self._rows)), -odd]))
        return Best(placed, squares, self._most(self._pairs(self._points)))

    def _most(self, worth: NDArray[np.float64]) -> int:
        """The most that this can come to; from now on it has to."""
        found = milp(
            -worth,
            constraints=LinearConstraint(np.array(self._table), self._low, self._high),
            integrality=np.ones(self._width),
            bounds=Bounds(0, 1),
        )
        assert found.success
        most = round(-found.fun)
        self._ask(worth, most - 0.5, most + 0.5)
        return most

    def _ask(self, row: NDArray[np.float64], low: float, high: float) -> None:
        self._table.append(row)
        self._low.append(low)
        self._high.append(high)

    def _pairs(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([values, np.zeros(len(self._steps))])

    def _room(self, column: int) -> None:
        steps = np.array([float(-(r == column)) for r, _ in self._steps])
        self._ask(np.concatenate([(self._columns == column).astype(float), steps]), 0, 0)

    def _seats(self, row: int) -> None:
        mine = self._rows == row
        internal = self._problem.internal[self._columns]
        for kind, limit in enumerate(self._problem.limits[row]):
            self._ask(self._pairs((mine & (internal == bool(kind))).astype(float)), 0, limit)
        self._ask(self._pairs(mine.astype(float)), 0, self._problem.demand[row])

    def _needs(self, row: int) -> None:
        problem, opening = self._problem, self._problem.openings[row]
        mine = self._rows == row
        if opening.distinct_organisations:
            for house in set(problem.organisation.tolist()) - {-1}:
                there = mine & (problem.organisation[self._columns] == house)
                self._ask(self._pairs(there.astype(float)), 0, 1)
        for marks, least in (
            (problem.reads, opening.readers),
            (problem.covers, opening.specialists),
        ):
            if marks is not None and least:
                # Every seat that stays open is one for somebody who meets the need.
                others = mine & ~marks[self._rows, self._columns]
                self._ask(self._pairs(others.astype(float)), 0, problem.demand[row] - least)
