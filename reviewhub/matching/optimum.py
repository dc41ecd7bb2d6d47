"""The best assignment of a market, certified: flow over candidates, prices, all pairs priced out.

    optimal = optimum(market, edges, equal=False)

Candidates are a small part of all pairs. After each flow the prices tell which of the pairs outside
would have been worth more; these become candidates too, and the flow is computed again, until the
upper bound is met. The bound is computed from the prices alone and holds for every assignment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.market import Costs, Edges, Ints, Market
from reviewhub.matching.network import solve
from reviewhub.matching.prices import price_out, prices, upper_bound

Marks = NDArray[np.bool_]

ROUNDS = 20
"""How often the candidates are added to, at most."""

LARGE, CLOSE = 1_000_000, 1e-6
"""With more pairs than this, a gap of this share of the total is not worth another round."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Optimal:
    """What was found: the candidate pairs and which of them are taken, the price of each column,
    and in points the total, and the most that any assignment could reach that leaves as few seats
    open (and, for equal loads, spreads the reviews as evenly). Who has a price above `scarce` can't
    be spared: a seat would stay open."""

    edges: Edges
    taken: Marks
    price: Ints
    total: int
    bound: int
    scarce: int

    def loads(self, columns: int) -> Ints:
        """The reviews of each column."""
        return np.bincount(self.edges.columns[self.taken], minlength=columns)


def optimum(market: Market, edges: Edges, *, equal: bool) -> Optimal:
    """The assignment that leaves the fewest seats open, and among these the best of its mode.

    Raises MatchingError as network.solve does.
    """
    found = _converge(market, edges, Costs.of(market, equal=equal, decisive=False))
    if _is_final(market, found, equal=equal):
        return found
    return _converge(market, found.edges, Costs.of(market, equal=equal, decisive=True))


def _converge(market: Market, edges: Edges, costs: Costs) -> Optimal:
    near = CLOSE if market.shape[0] * market.shape[1] > LARGE else 0.0
    for turn in range(ROUNDS):
        taken = solve(market, edges, edges.points * costs.scale, costs)
        price = prices(market, edges, taken, costs)
        better = price_out(market, edges, taken, price, costs)
        total = int(edges.points[taken].sum())
        if turn == ROUNDS - 1 or better.gain <= near * abs(total) * costs.scale:
            break
        edges = _joined(market, edges, better.edges)
    # Rounding the prices down leaves every inequality between points and prices true.
    points = price // costs.scale
    seat = costs.open_seat // costs.scale
    step = costs.load if costs.levels else 0
    bound = upper_bound(market, points, seat=seat, load=step)
    paid = _paid(market, edges, taken, seat, step)
    return Optimal(
        edges=edges,
        taken=taken,
        price=points,
        total=total,
        bound=bound + paid,
        scarce=costs.scarce,
    )


def _paid(market: Market, edges: Edges, taken: Marks, seat: int, step: int) -> int:
    """What the open seats and the loads cost, in points."""
    loads = np.bincount(edges.columns[taken])
    open_seats = int(market.demand.sum()) - int(taken.sum())
    return seat * open_seats + step * int((loads * (loads + 1) // 2).sum())


def _is_final(market: Market, found: Optimal, *, equal: bool) -> bool:
    """Whether no other costs could find fewer open seats, or loads more even."""
    if found.taken.sum() < market.demand.sum():
        return False
    return not equal or _even(market, found.loads(len(market.capacity)))


def _even(market: Market, loads: Ints) -> bool:
    """Whether nobody has two reviews more than somebody who has room for another."""
    roomy = loads[loads < market.capacity]
    return not len(roomy) or int(loads.max(initial=0)) <= int(roomy.min()) + 1


def _joined(market: Market, edges: Edges, more: Edges) -> Edges:
    keys = np.concatenate([edges.keys, more.keys])
    return Edges.of(market.shape[1], keys, np.concatenate([edges.points, more.points]))
