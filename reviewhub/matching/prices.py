"""What one more review by each reviewer is worth, and how good any assignment could be at best.

    price = prices(market, edges, taken, costs)          # in the units of the costs
    better = price_out(market, edges, taken, price, costs)
    bound = upper_bound(market, price // costs.scale, …)

A price is the length of the shortest way out of the reviewer in the residual graph: what it costs
elsewhere when they give one review up. An assignment is the best as soon as no pair outside the
candidates is worth more, less its price, than what its submission has. The bound is computed from
prices alone: whatever they are, it holds for every assignment there is, over all pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.market import NONE, Costs, Edges, Ints, Market
from reviewhub.matching.tables import FORBIDDEN, Points, blocks

Marks = NDArray[np.bool_]
Places = NDArray[np.intp]
Worth = NDArray[np.integer]

FAR = 2**60
"""Farther than any way out."""

ADDED = 20
"""How many better pairs a submission gains in one round."""

NARROW = 700_000_000
"""Scores and prices up to here can be subtracted in 32 bits."""

NARROW_FORBIDDEN, NARROW_FLOOR = -1_000_000_000, -900_000_000
"""In 32 bits: what a pair that may not be is worth at most, and what lies above it."""


def prices(market: Market, edges: Edges, taken: Marks, costs: Costs) -> Ints:
    """The price of each column, exact for an optimal flow (Bellman-Ford)."""
    loads = np.bincount(edges.columns[taken], minlength=len(market.capacity))
    price = np.where(loads < market.capacity, (loads + 1) * costs.load, FAR).astype(np.int64)
    ways = _Ways(market, edges, taken, costs)
    for _ in range(len(price) + 1):  # no shortest way passes a column twice
        shorter = np.minimum(price, ways.through_rows(price))
        if (shorter == price).all():
            break
        price = shorter
    # Nobody is worth more than an open seat costs, and the best score with it.
    most = costs.open_seat + market.highest * costs.scale
    return np.minimum(price, most)


class _Ways:
    """The arcs of the residual graph between columns, by way of a row."""

    def __init__(self, market: Market, edges: Edges, taken: Marks, costs: Costs) -> None:
        self._kinds = market.kinds
        groups = market.group(edges.rows, edges.columns)
        order = np.lexsort((edges.columns, groups))
        order = order[~taken[order]]
        self._to = edges.columns[order]
        self._cost = -edges.points[order] * costs.scale
        held = groups[order]
        self._starts = np.flatnonzero(np.diff(held, prepend=-1))
        self._groups = held[self._starts]
        counts = np.bincount(groups[taken], minlength=len(market.group_limits))
        self._open = counts < market.group_limits
        self._used = counts > 0
        self._out = costs.open_seat
        at = np.flatnonzero(taken)
        at = at[np.argsort(edges.columns[at], kind="stable")]
        self._from_group = groups[at]
        self._gain = edges.points[at] * costs.scale
        holder = edges.columns[at]
        self._holder_starts = np.flatnonzero(np.diff(holder, prepend=-1))
        self._holders = holder[self._holder_starts]
        self._columns = len(market.capacity)

    def through_rows(self, price: Ints) -> Ints:
        """The shortest way from each column back over a pair it holds."""
        found = np.full(self._columns, FAR, dtype=np.int64)
        if not len(self._holders):
            return found
        way = self._gain + self._from_groups(price)[self._from_group]
        found[self._holders] = np.minimum.reduceat(way, self._holder_starts)
        return found

    def _from_groups(self, price: Ints) -> Ints:
        """The shortest way from each row and kind to another column, or to an open seat."""
        ways = np.full(len(self._open), FAR, dtype=np.int64)
        if len(self._groups):
            reached = price[self._to] + self._cost
            ways[self._groups] = np.minimum.reduceat(reached, self._starts)
        by_row = np.where(self._open, ways, FAR).reshape(-1, self._kinds)
        row = np.minimum(by_row.min(axis=1), self._out)
        shared: Ints = np.where(self._used, np.minimum(ways, np.repeat(row, self._kinds)), ways)
        return shared


@dataclass(frozen=True, eq=False)
class Better:
    """Pairs outside the candidates that are worth more than what their rows hold, and, in the units
    of the costs, the most that they could add."""

    edges: Edges
    gain: int


def price_out(market: Market, edges: Edges, taken: Marks, price: Ints, costs: Costs) -> Better:
    """Look at every pair there is, block by block; of each row, the ADDED best are answered."""
    least = _least_held(market, edges, taken, price, costs)
    width = market.shape[1]
    gain, keys, points = 0, [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for start, stop in blocks(market.table):
        block = market.table.block(start, stop)
        worth = _worth(market, block, price, costs.scale)
        first, last = np.searchsorted(edges.rows, (start, stop))
        low = NARROW_FORBIDDEN if worth.dtype == np.int32 else NONE
        worth[edges.rows[first:last] - start, edges.columns[first:last]] = low
        rows, columns, more = _exceeding(market, worth, least[start:stop], low)
        gain += _most_gained(rows, more, market.demand[start:stop])
        keys.append((rows + start).astype(np.int64) * width + columns)
        points.append(block[rows, columns].astype(np.int64))
    return Better(Edges.of(max(1, width), np.concatenate(keys), np.concatenate(points)), gain)


def upper_bound(market: Market, price: Ints, *, seat: int, load: int = 0) -> int:
    """In points, the most that any assignment's scores, less `seat` for every open seat and `load`
    × n for every reviewer's n-th review, can come to. It holds for any prices not below zero."""
    total = 0
    for start, stop in blocks(market.table):
        worth = _worth(market, market.table.block(start, stop), price, 1)
        total += _best_choice(market, worth, start, stop, seat)
    if load == 0:
        return total + int((price * market.capacity).sum())
    best = np.clip(price // load, 0, market.capacity)
    return total + int((price * best - load * (best * (best + 1) // 2)).sum())


def _worth(market: Market, block: Points, price: Ints, scale: int) -> Worth:
    """Score less price for every pair of the block; far below all others where it may not be."""
    most = max(abs(market.lowest), abs(market.highest)) * scale + int(price.max(initial=0))
    if most > NARROW:
        wide: Worth = block * np.int64(scale) - price
        wide[block == FORBIDDEN] = NONE
        return wide
    narrow: Worth = np.maximum(block, np.int32(NARROW_FORBIDDEN // scale))
    narrow *= np.int32(scale)
    narrow -= price.astype(np.int32)
    return narrow


def _best_choice(market: Market, worth: Worth, start: int, stop: int, seat: int) -> int:
    """The sum, over the rows, of what the best choice of columns is worth: the largest within the
    limits of each kind, an open seat wherever that costs less."""
    demand = market.demand[start:stop]
    if market.kinds == 1:
        best = _largest(worth, int(demand.max(initial=0)))
    else:
        limits = market.limits[start:stop]
        parts = []
        for kind in (0, 1):
            part = _largest(worth[:, market.kind == kind], int(limits[:, kind].max(initial=0)))
            parts.append(np.where(np.arange(part.shape[1]) < limits[:, kind, None], part, NONE))
        best = -np.sort(-np.concatenate(parts, axis=1), axis=1)
    counted = np.arange(best.shape[1]) < demand[:, None]
    missing = int(demand.sum()) - int(counted.sum())
    return int(np.maximum(best, -seat)[counted].sum()) - missing * seat


def _largest(worth: Worth, count: int) -> Ints:
    """The `count` largest of each row, largest first; fewer when there are fewer columns."""
    width = worth.shape[1]
    if count == 0:
        return np.zeros((len(worth), 0), dtype=np.int64)
    if count < width:
        worth = np.partition(worth, width - count, axis=1)[:, width - count :]
    largest = worth.astype(np.int64)
    if worth.dtype == np.int32:
        largest[largest < NARROW_FLOOR] = NONE
    return -np.sort(-largest, axis=1)


def _least_held(market: Market, edges: Edges, taken: Marks, price: Ints, costs: Costs) -> Ints:
    """What a further column of each kind must exceed to be taken: the least it could replace."""
    rows, kinds = market.shape[0], market.kind[edges.columns]
    least = np.full((rows, 2), FAR, dtype=np.int64)
    held = edges.rows[taken], kinds[taken]
    np.minimum.at(least, held, (edges.points * costs.scale - price[edges.columns])[taken])
    counts = np.zeros((rows, 2), dtype=np.int64)
    np.add.at(counts, held, 1)
    full = counts.sum(axis=1) >= market.demand
    anywhere = np.where(full, least.min(axis=1), -costs.open_seat)
    return np.where(counts < market.limits, anywhere[:, None], least)


def _exceeding(market: Market, worth: Worth, least: Ints, low: int) -> tuple[Places, Places, Ints]:
    """The pairs worth more than the least of their row, and by how much: the ADDED best of each."""
    floor = NARROW_FLOOR if worth.dtype == np.int32 else NONE // 2
    bar = np.clip(least, floor, np.iinfo(worth.dtype).max // 2).astype(worth.dtype)
    if (bar[:, 0] == bar[:, 1]).all():
        over = worth > bar[:, :1]
    else:
        over = worth > np.where(market.kind == 1, bar[:, 1:], bar[:, :1])
    some = np.flatnonzero(over.any(axis=1))
    if not len(some):
        return some, some, np.zeros(0, dtype=np.int64)
    kept = np.where(over[some], worth[some], worth.dtype.type(low))
    count = min(ADDED, kept.shape[1])
    at = np.argpartition(kept, kept.shape[1] - count, axis=1)[:, -count:]
    rows, columns = np.repeat(some, count), at.ravel()
    exceeds = over[rows, columns]
    rows, columns = rows[exceeds], columns[exceeds]
    more = worth[rows, columns].astype(np.int64) - least[rows, market.kind[columns]]
    return rows, columns, more


def _most_gained(rows: Places, more: Ints, demand: Ints) -> int:
    """The most that rows can gain: as many of their largest excesses as they have seats."""
    order = np.lexsort((-more, rows))
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return int(more[order][nth < demand[rows[order]]].sum())
