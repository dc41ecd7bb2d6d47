"""Local search for the worst-off: who has least trades reviewers, so that nobody falls as low.

Swaps and moves stay within a kind of seat, so that no panel loses a seat by them. The search is
leximin: it takes the poorest submission first, and the trade after which the poorer of the two has
most; it ends when nobody among the poorest can gain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.market import Edges, Market

Marks = NDArray[np.bool_]

TRIED = 60
"""How many reviewers, best first, a poor submission looks at."""

POOREST = 40
"""How many of the poorest are tried before the search ends; or a quarter of all, if more."""


@dataclass(frozen=True, slots=True)
class _Trade:
    """`row` gives the edge `old` up for `new`; a partner takes over the column of `old`."""

    least: int
    old: int
    new: int
    partner_old: int = -1
    partner_new: int = -1


class Levelling:
    """An assignment that can be traded on. Edges are known by their places."""

    def __init__(self, market: Market, edges: Edges, taken: Marks) -> None:
        self._points: list[int] = edges.points.tolist()
        self._rows: list[int] = edges.rows.tolist()
        self._columns: list[int] = edges.columns.tolist()
        self._kind: list[int] = market.kind.tolist()
        self._places = {key: place for place, key in enumerate(edges.keys.tolist())}
        self._width = market.shape[1]
        self._capacity: list[int] = market.capacity.tolist()
        self._demand: list[int] = market.demand.tolist()
        starts = np.searchsorted(edges.rows, np.arange(market.shape[0] + 1)).tolist()
        order = np.lexsort((edges.columns, -edges.points, edges.rows)).tolist()
        self._best = [order[a:b][:TRIED] for a, b in pairwise(starts)]
        self._held: list[set[int]] = [set() for _ in range(market.shape[0])]
        self._holders: list[set[int]] = [set() for _ in range(market.shape[1])]
        self._sums = [0] * market.shape[0]
        for place in np.flatnonzero(taken).tolist():
            self._take(place)

    def run(self, turns: int) -> None:
        """At most so many turns: in each, one of the poorest trades or is found to be stuck."""
        while turns > 0:
            for row in self._poorest():
                turns -= 1
                trade = max(self._trades(row), key=lambda one: one.least, default=None)
                if trade is not None:
                    self._do(trade)
                    break
                if turns <= 0:
                    return
            else:
                return

    @property
    def taken(self) -> Marks:
        """The edges held now."""
        taken = np.zeros(len(self._points), dtype=bool)
        taken[[place for held in self._held for place in held]] = True
        return taken

    def _poorest(self) -> list[int]:
        """Whoever has all their seats filled, least first."""
        full = [row for row, held in enumerate(self._held) if held and self._is_full(row)]
        full.sort(key=lambda row: (self._sums[row], row))
        return full[: max(POOREST, len(full) // 4)]

    def _is_full(self, row: int) -> bool:
        return len(self._held[row]) == self._demand[row]

    def _trades(self, row: int) -> Iterator[_Trade]:
        """Every trade after which neither side has as little as the row has now."""
        now = self._sums[row]
        for old in sorted(self._held[row]):
            kind = self._kind[self._columns[old]]
            for new in self._best[row]:
                gain = self._points[new] - self._points[old]
                if gain <= 0:
                    break
                column = self._columns[new]
                if self._kind[column] != kind or new in self._held[row]:
                    continue
                if len(self._holders[column]) < self._capacity[column]:
                    yield _Trade(now + gain, old, new)
                yield from self._swaps(row, old, new, now + gain)

    def _swaps(self, row: int, old: int, new: int, after: int) -> Iterator[_Trade]:
        """The trades with those who hold the column that the row would take."""
        given, column = self._columns[old], self._columns[new]
        for partner in self._holders[column]:
            into = self._places.get(partner * self._width + given)
            if into is None or into in self._held[partner] or not self._is_full(partner):
                continue
            out = self._places[partner * self._width + column]
            left = self._sums[partner] - self._points[out] + self._points[into]
            if left > self._sums[row]:
                yield _Trade(min(after, left), old, new, out, into)

    def _do(self, trade: _Trade) -> None:
        for place in (trade.old, trade.partner_old):
            if place >= 0:
                self._leave(place)
        for place in (trade.new, trade.partner_new):
            if place >= 0:
                self._take(place)

    def _take(self, place: int) -> None:
        row = self._rows[place]
        self._held[row].add(place)
        self._holders[self._columns[place]].add(row)
        self._sums[row] += self._points[place]

    def _leave(self, place: int) -> None:
        row = self._rows[place]
        self._held[row].remove(place)
        self._holders[self._columns[place]].remove(row)
        self._sums[row] -= self._points[place]
