"""Trades between panels that have needs: after repairs, the total is raised as far as swaps can.

    Trading(problem, panels).run()

Two panels swap a member, or one takes somebody with room instead, when the total gains by it and
both panels still meet their needs. It is always one of the same kind, so that seats stay filled.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.market import Ints, Marks
from reviewhub.matching.problem import Problem
from reviewhub.matching.repairs import Panels
from reviewhub.matching.tables import FORBIDDEN

PASSES = 30
"""How often all trades are looked at, at most."""

LARGEST = 1_500
"""With more members in all than this, the trades are too many to look at."""

TRIED_EACH = 5
"""How many trades are tried in a pass, for each member."""


class _Trade(NamedTuple):
    """A member of one row for one of another, or (`other` < 0) for a column with room."""

    gain: int
    row: int
    old: int
    other: int
    new: int


class Trading:
    """Panels that may still trade. `even` keeps everybody's load as it is; `guarded` lets nobody
    fall below the poorer of the two who trade."""

    def __init__(
        self, problem: Problem, panels: Panels, *, even: bool = False, guarded: bool = False
    ) -> None:
        self._problem = problem
        self._panels = panels
        self._even = even
        self._guarded = guarded
        self._points = problem.scores.block(0, len(problem.openings)).astype(np.int64)
        self._points[self._points == FORBIDDEN] = -(2**40)

    def run(self) -> None:
        """Trade until nobody gains."""
        for _ in range(PASSES):
            pairs = [(row, one) for row, held in enumerate(self._panels.held) for one in held]
            if not pairs or len(pairs) > LARGEST:
                return
            rows, columns = (np.array(part) for part in zip(*sorted(pairs), strict=True))
            trades = self._swaps(rows, columns) + ([] if self._even else self._moves(rows, columns))
            trades.sort(key=lambda one: (-one.gain, one))
            touched: set[int] = set()
            for trade in trades[: TRIED_EACH * len(pairs)]:
                if not touched & {trade.row, trade.other} and self._try(trade):
                    touched |= {trade.row, trade.other} - {-1}
            if not touched:
                return

    def _swaps(self, rows: Ints, columns: Ints) -> list[_Trade]:
        """Every swap that the total gains by, each once."""
        crossed = self._points[rows][:, columns]
        own = crossed.diagonal()
        gains = crossed + crossed.T - own[:, None] - own
        kind = self._problem.internal[columns]
        gains[(kind[:, None] != kind) | (rows[:, None] >= rows)] = 0
        return [
            _Trade(int(gains[x, y]), int(rows[x]), int(columns[x]), int(rows[y]), int(columns[y]))
            for x, y in _positive(gains, TRIED_EACH * len(rows))
        ]

    def _moves(self, rows: Ints, columns: Ints) -> list[_Trade]:
        """Every change to somebody with room that the total gains by."""
        roomy = np.flatnonzero(np.array(self._panels.room) > 0)
        gains = self._points[rows][:, roomy] - self._points[rows, columns][:, None]
        kind = self._problem.internal
        gains[kind[columns][:, None] != kind[roomy]] = 0
        return [
            _Trade(int(gains[x, y]), int(rows[x]), int(columns[x]), -1, int(roomy[y]))
            for x, y in _positive(gains, TRIED_EACH * len(rows))
        ]

    def _try(self, trade: _Trade) -> bool:
        held, old, new = self._panels.held, trade.old, trade.new
        if new in held[trade.row] or old not in held[trade.row]:
            return False
        after = {trade.row: held[trade.row] - {old} | {new}}
        if trade.other >= 0:
            if old in held[trade.other]:
                return False
            after[trade.other] = held[trade.other] - {new} | {old}
        elif self._panels.room[new] <= 0:
            return False
        if not all(self._panels.holds(row, columns) for row, columns in after.items()):
            return False
        if self._guarded and self._poorest(after) < self._poorest({r: held[r] for r in after}):
            return False
        for row, columns in after.items():
            self._panels.put(row, columns)
        return True

    def _poorest(self, panels: dict[int, set[int]]) -> int:
        return min(int(self._points[row][list(held)].sum()) for row, held in panels.items())


def _positive(gains: NDArray[np.int64], at_most: int) -> list[tuple[int, int]]:
    """Where the gains are, the largest of them."""
    found: Marks = gains > 0
    x, y = np.nonzero(found)
    if len(x) > at_most:
        best = np.argsort(-gains[x, y], kind="stable")[:at_most]
        x, y = x[best], y[best]
    return list(zip(x.tolist(), y.tolist(), strict=True))
