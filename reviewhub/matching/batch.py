"""Hundreds of submissions at once: who reviews what, certified.

    outcome = assign(problem)                                # the best total
    outcome = assign(problem, Mode.EQUAL)                    # loads as even as they can be
    outcome = assign(problem, Mode.FAIR, budget=0.02)        # the worst-off first

Read on in this order: problem and tables (what is asked), market (the same as numbers), network
(the flow), prices (what proves it), optimum (all of these in turn), fairness and levelling, repairs
(what a flow can't express), lacking (who is short, and what would help), explained (why).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.fairness import fairest
from reviewhub.matching.lacking import Short, seated, shorts
from reviewhub.matching.market import Edges, Ints, market_of
from reviewhub.matching.optimum import Optimal, optimum
from reviewhub.matching.problem import Problem
from reviewhub.matching.repairs import Panels
from reviewhub.matching.rules import Slot
from reviewhub.matching.trading import Trading

BUDGET = 0.05
"""The share of the total that the fair mode may give up, unless told otherwise."""


class Mode(StrEnum):
    """What comes first, once as many seats are filled as can be."""

    TOTAL = "total"  # the sum of all scores; among equals, even loads
    EQUAL = "equal"  # even loads: the least sum of their squares; then the sum of scores
    FAIR = "fair"  # the submission that fares worst; then the sum of scores, within a budget


@dataclass(frozen=True, slots=True)
class Placement:
    """A reviewer for a seat: the score, and the reviewer's price in units of scores."""

    submission_id: int
    slot: Slot
    reviewer_id: int
    score: float
    price: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The whole batch. Scores, totals and prices are exact to the millionth.

    `placements` are by submission, slot, and best first. `upper_bound` holds for every assignment
    that fills as many seats (in mode "equal", as evenly), panel needs left aside. `worst` is the
    least sum of scores of a submission that wants somebody. `loads` and `prices` are by reviewer,
    all of them. A price is what it would cost elsewhere, in the total, if the reviewer took on one
    review less; 0 for somebody with room to spare, infinite when a seat would stay open. In mode
    "fair" the bound and the prices are those of the best total.
    """

    mode: Mode
    placements: tuple[Placement, ...]
    total: float
    upper_bound: float
    worst: float
    loads: Mapping[int, int]
    prices: Mapping[int, float]
    short: tuple[Short, ...]

    @property
    def gap(self) -> float:
        """How far the total may be from the best possible, as a share of the bound."""
        if self.upper_bound == self.total:
            return 0.0
        return (self.upper_bound - self.total) / max(abs(self.upper_bound), 1 / POINTS)


def assign(problem: Problem, mode: Mode = Mode.TOTAL, *, budget: float = BUDGET) -> Outcome:
    """Fill as many seats as can be filled, in the way of the mode. The order of the rows and
    columns makes no difference.

    `budget` is the share of the best total that FAIR may give up. Raises MatchingError when
    OR-tools is not installed (the extra `reviewhub[batch]`), and for a budget that is no share.
    """
    problem = problem.canonical()
    market, edges = market_of(problem)
    optimal = optimum(market, edges, equal=mode is Mode.EQUAL)
    taken = optimal.taken if mode is not Mode.FAIR else fairest(market, optimal, budget)
    held = _by_row(len(problem.openings), optimal.edges.rows[taken], optimal.edges.columns[taken])
    if problem.has_needs:
        panels = Panels(problem, held)
        panels.repair()
        even, guarded = mode is Mode.EQUAL, mode is Mode.FAIR
        Trading(problem, panels, even=even, guarded=guarded).run()
        held = [sorted(columns) for columns in panels.held]
    return _outcome(problem, mode, optimal, held)


def _by_row(rows: int, taken_rows: Ints, taken_columns: Ints) -> list[list[int]]:
    held: list[list[int]] = [[] for _ in range(rows)]
    for row, column in zip(taken_rows.tolist(), taken_columns.tolist(), strict=True):
        held[row].append(column)
    return held


def _outcome(
    problem: Problem, mode: Mode, optimal: Optimal, held: Sequence[Sequence[int]]
) -> Outcome:
    prices = _prices(optimal, mode)
    placements, sums = [], []
    for row, points in enumerate(_points(problem, optimal.edges, held)):
        members = sorted(points, key=lambda column: (-points[column], column))
        sums.append(sum(points.values()))
        for slot, column in seated(problem, row, members):
            score = points[column] / POINTS
            reviewer = problem.reviewers[column].id
            placements.append(
                Placement(problem.openings[row].id, slot, reviewer, score, prices[column])
            )
    loads = np.bincount(
        [column for columns in held for column in columns], minlength=len(problem.reviewers)
    )
    wanting = [points for points, demand in zip(sums, problem.demand, strict=True) if demand]
    ids = [reviewer.id for reviewer in problem.reviewers]
    return Outcome(
        mode=mode,
        placements=tuple(placements),
        total=sum(sums) / POINTS,
        upper_bound=optimal.bound / POINTS,
        worst=min(wanting, default=0) / POINTS,
        loads=dict(zip(ids, loads.tolist(), strict=True)),
        prices=dict(zip(ids, prices, strict=True)),
        short=shorts(problem, held, loads),
    )


def _points(
    problem: Problem, edges: Edges, held: Sequence[Sequence[int]]
) -> Iterator[dict[int, int]]:
    """The points of each row's members, by column; the pairs that are candidates are at hand."""
    width = len(problem.reviewers)
    for row, columns in enumerate(held):
        keys = [row * width + column for column in columns]
        places = np.searchsorted(edges.keys, keys).tolist()
        known = [
            place < len(edges) and edges.keys[place] == key
            for place, key in zip(places, keys, strict=True)
        ]
        if all(known):
            points = edges.points[places].tolist() if columns else []
        else:
            points = problem.row(row)[list(columns)].tolist()
        yield dict(zip(columns, points, strict=True))


def _prices(optimal: Optimal, mode: Mode) -> list[float]:
    """In units of scores. Where loads come first, what one review more costs everybody alike is
    taken off."""
    common = min(optimal.price.tolist(), default=0) if mode is Mode.EQUAL else 0
    return [
        math.inf if price > optimal.scarce else (price - common) / POINTS
        for price in optimal.price.tolist()
    ]
