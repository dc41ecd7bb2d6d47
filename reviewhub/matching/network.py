"""The flow: which of the candidate pairs to take, so that the sum of the costs is least.

OR-tools is the optional extra `reviewhub[batch]`: it is loaded here, when a batch is computed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.market import Costs, Edges, Ints, Market

Marks = NDArray[np.bool_]


def solve(market: Market, edges: Edges, values: Ints, costs: Costs) -> Marks:
    """Which edges to take; `values` is what each is worth, in the units of the costs.

    Every row has a way out for its demand, so that there always is an answer. Raises MatchingError
    when OR-tools is not installed, and when the costs are too large for it.
    """
    rows, columns = market.shape
    groups = 0 if market.kinds == 1 else 2 * rows
    sink = rows + groups + columns
    reviewer = rows + groups + edges.columns
    tails = market.group(edges.rows, edges.columns) + (rows if groups else 0)
    arcs: list[tuple[Any, ...]] = [(tails, reviewer, np.ones(len(edges)), -values)]
    if groups:
        places = np.arange(groups)
        arcs.append((places // 2, rows + places, market.group_limits, np.zeros(groups)))
    arcs.append(_loads(market, edges, costs, first=rows + groups, sink=sink))
    everyone = np.arange(rows)
    seats = np.full(rows, costs.open_seat)
    arcs.append((everyone, np.full(rows, sink), market.demand, seats))
    supplies = np.zeros(sink + 1, dtype=np.int64)
    supplies[:rows] = market.demand
    supplies[sink] = -market.demand.sum()
    taken: Marks = _flows(arcs, supplies)[: len(edges)] > 0
    return taken


def _flows(arcs: list[tuple[Any, ...]], supplies: Ints) -> Ints:
    """The cheapest flow over the arcs, in their order: each with tail, head, capacity and cost."""
    flow = _solver()
    for tail, head, capacity, cost in arcs:
        flow.add_arcs_with_capacity_and_unit_cost(
            tail.astype(np.int32),
            head.astype(np.int32),
            capacity.astype(np.int64),
            cost.astype(np.int64),
        )
    flow.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise MatchingError(f"the batch could not be solved: {status.name}")
    flows: Ints = np.asarray(flow.flows(np.arange(flow.num_arcs(), dtype=np.int32)))
    return flows


def _loads(market: Market, edges: Edges, costs: Costs, *, first: int, sink: int) -> tuple[Any, ...]:
    """One arc for every review that a column has room for, each dearer than the one before."""
    met = np.bincount(edges.columns, minlength=len(market.capacity))
    room = np.minimum(market.capacity, met)
    columns = np.repeat(np.arange(len(room)), room)
    nth = np.arange(len(columns)) - np.repeat(np.cumsum(room) - room, room) + 1
    ones = np.ones(len(columns))
    return first + columns, np.full(len(columns), sink), ones, nth * costs.load


def _solver() -> Any:
    try:
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as missing:
        raise MatchingError(
            "assigning a batch needs OR-tools: pip install reviewhub[batch]"
        ) from missing
    return SimpleMinCostFlow()
