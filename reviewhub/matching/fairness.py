"""The fair mode: the worst-off submission first, then the total, within what may be given up.

    taken = fairest(market, optimal, budget=0.05)

Two steps. First submissions that fare badly are weighed more, flow after flow, and each flow is
levelled by trades: that finds how well the worst can fare. Then the total is won back: everybody
is assigned anew for the best total, except those who would fall below the worst; these keep what
the fair assignment gave them. When even so too much is lost, the worst has to settle for less.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.levelling import Levelling
from reviewhub.matching.market import Costs, Edges, Ints, Market
from reviewhub.matching.network import solve
from reviewhub.matching.optimum import Optimal

Marks = NDArray[np.bool_]

ITERATIONS = 12
"""How often the weights are changed."""

TURNS = 1500
"""How many trades are tried after each flow."""

POOR = 0.15
"""The share of submissions that counts as faring badly."""

HEAVIEST = 50.0
"""The largest weight, against a median of one."""

STEPS = 8
"""How often the worst settles for less, halving the interval each time."""


def fairest(market: Market, optimal: Optimal, budget: float) -> Marks:
    """Which of the optimum's candidate pairs to take: as many as the optimum does.

    The total is at least (1 − budget) of the optimum's. Raises MatchingError for a budget that is
    no share.
    """
    if not 0 <= budget <= 1:
        raise MatchingError(f"the budget is a share between 0 and 1: {budget}")
    search = _Search(market, optimal)
    level = search.level()
    least_total = optimal.total - budget * abs(optimal.total)
    low, high = search.worst(optimal.taken), search.worst(level)
    found = search.richest(level, high)
    if search.total(found) >= least_total:
        return found
    best = optimal.taken
    for _ in range(STEPS):
        middle = (low + high) // 2
        found = search.richest(level, middle)
        if search.total(found) >= least_total:
            best, low = found, middle
        else:
            high = middle
    return best


class _Search:
    """The candidate pairs of one market, and the flows over them."""

    def __init__(self, market: Market, optimal: Optimal) -> None:
        self._market = market
        self._edges = optimal.edges
        self._taken = optimal.taken
        short = int(optimal.taken.sum()) < int(market.demand.sum())
        self._costs = Costs.of(market, equal=False, decisive=short)
        self._full = self._counts(optimal.taken) == market.demand

    def total(self, taken: Marks) -> int:
        """The points of all."""
        return int(self._edges.points[taken].sum())

    def sums(self, taken: Marks) -> Ints:
        """The points of each submission."""
        edges = self._edges
        sums = np.zeros(self._market.shape[0], dtype=np.int64)
        np.add.at(sums, edges.rows[taken], edges.points[taken])
        return sums

    def worst(self, taken: Marks) -> int:
        """The least that a submission has which wants somebody."""
        wanting = self._market.demand > 0
        return int(self.sums(taken)[wanting].min(initial=2**60)) if wanting.any() else 0

    def level(self) -> Marks:
        """The assignment of all those tried whose poorest fare best."""
        weights = np.ones(self._market.shape[0])
        best, best_key = self._taken, self._key(self._taken)
        for _ in range(ITERATIONS):
            taken = self._weighted(weights)
            levelling = Levelling(self._market, self._edges, taken)
            levelling.run(TURNS)
            taken = levelling.taken
            if self._counts(taken).sum() == self._taken.sum() and self._key(taken) > best_key:
                best, best_key = taken, self._key(taken)
            weights = _heavier(weights, self.sums(taken))
        return best

    def richest(self, fair: Marks, worst: int) -> Marks:
        """The best total in which nobody falls below the worst who does not have to."""
        edges, rows = self._edges, self._edges.rows
        can = self.sums(fair) >= worst
        kept = np.zeros(self._market.shape[0], dtype=bool)
        while True:
            held = fair & kept[rows]
            market = self._without(kept, held)
            open_edges = ~kept[rows]
            part = _part(edges, open_edges)
            free = solve(market, part, part.points * self._costs.scale, self._costs)
            taken = held.copy()
            taken[np.flatnonzero(open_edges)[free]] = True
            fallen = can & ~kept & (self.sums(taken) < worst)
            if not fallen.any():
                return taken
            kept |= fallen

    def _without(self, kept: Marks, held: Marks) -> Market:
        """The market that is left when some submissions keep what they hold."""
        loads = np.bincount(self._edges.columns[held], minlength=self._market.shape[1])
        return replace(
            self._market,
            demand=np.where(kept, 0, self._market.demand),
            limits=np.where(kept[:, None], 0, self._market.limits),
            capacity=self._market.capacity - loads,
        )

    def _weighted(self, weights: NDArray[np.float64]) -> Marks:
        edges, costs = self._edges, self._costs
        values = np.rint(edges.points * weights[edges.rows]).astype(np.int64) * costs.scale
        heavy = replace(costs, open_seat=costs.open_seat * int(HEAVIEST))
        return solve(self._market, edges, values, heavy)

    def _key(self, taken: Marks) -> tuple[int, ...]:
        """What the poorest have, poorest first, and the total: the larger, the fairer."""
        poorest = np.sort(self.sums(taken)[self._full])[: max(5, self._market.shape[0] // 50)]
        return (*poorest.tolist(), self.total(taken))

    def _counts(self, taken: Marks) -> Ints:
        return np.bincount(self._edges.rows[taken], minlength=self._market.shape[0])


def _part(edges: Edges, kept: Marks) -> Edges:
    return Edges(edges.keys[kept], edges.points[kept], edges.rows[kept], edges.columns[kept])


def _heavier(weights: NDArray[np.float64], sums: Ints) -> NDArray[np.float64]:
    """The poorer a submission is, below the poorest share, the more it counts next time."""
    mark = float(np.quantile(sums, POOR))
    gap = np.clip((mark - sums) / (abs(mark) + 1), 0, 1)
    heavier = (weights + 0.02) * np.exp(gap)
    clipped: NDArray[np.float64] = np.clip(heavier / np.median(heavier), 0, HEAVIEST)
    return clipped
