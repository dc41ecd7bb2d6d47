"""What the flow can't see: one per organisation, one who reads the language, one who covers it.

    panels = Panels(problem, held)
    panels.repair()      # panels.held

Each panel that lacks something gives up as few members as it must, and is filled again by the exact
panel search, from everybody with room. Where that leaves a seat open, members of other panels are
tried who can be replaced there, in turn by people who can be replaced elsewhere.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from reviewhub.matching.lacking import standing
from reviewhub.matching.problem import Problem
from reviewhub.matching.selection import Demand, Standing, finalists, fullest_panel
from reviewhub.matching.tables import FORBIDDEN

DEPTH = 3
"""How many panels one after the other may pass a member on."""

TRIES = 60
"""How many replacements are tried for one submission."""


class Panels:
    """Who sits where: columns by row, and what is left of everybody's room."""

    def __init__(self, problem: Problem, held: Sequence[Sequence[int]]) -> None:
        self._problem = problem
        self.held = [set(columns) for columns in held]
        loads = Counter(column for columns in held for column in columns)
        self.room = [one.capacity - loads[at] for at, one in enumerate(problem.reviewers)]
        self._tries = 0
        # The flow knows no needs: with them, there can't be more.
        self._most = sum(len(columns) for columns in held)
        self._points = lru_cache(maxsize=1024)(problem.row)

    def repair(self) -> None:
        """Make every panel meet its needs as far as it is filled, and fill it as far as can be."""
        for row in range(len(self.held)):
            if not self.holds(row, self.held[row]):
                self.put(row, self._best_part(row))
        for row, opening in enumerate(self._problem.openings):
            if len(self.held[row]) < opening.demand.total_open:
                self._fill(row)

    def _standing(self, row: int, column: int) -> Standing:
        """One reviewer as the panel search sees them, known by their column."""
        found = standing(self._problem, row, column, int(self._points(row)[column]))
        return found._replace(candidate_id=column)

    def holds(self, row: int, columns: set[int]) -> bool:
        """Whether the members break no need, seats that stay open being kept for it."""
        demand = self._problem.openings[row].demand
        members = [self._standing(row, column) for column in columns]
        readers = sum(member.reads for member in members)
        specialists = sum(member.covers for member in members)
        return (
            (not demand.distinct_organisations or _distinct(members))
            and readers >= demand.needed(demand.readers, len(members))
            and specialists >= demand.needed(demand.specialists, len(members))
        )

    def _best_part(self, row: int) -> set[int]:
        """The most members, and the best of so many, that break no need together."""
        columns = sorted(self.held[row], key=lambda one: (-self._points(row)[one], one))
        for size in range(len(columns), 0, -1):
            parts = (set(part) for part in combinations(columns, size))
            best = max(
                (part for part in parts if self.holds(row, part)),
                key=lambda part: sum(int(self._points(row)[one]) for one in part),
                default=None,
            )
            if best is not None:
                return best
        return set()

    def _fill(self, row: int) -> None:
        """Fill the row's open seats, with people from other panels if need be."""
        self._refill(row, without=None)
        self._tries = TRIES
        wanted = self._problem.openings[row].demand.total_open
        while len(self.held[row]) < wanted and self._may_grow():
            if not self._borrow(row, without=None, depth=DEPTH):
                return

    def _may_grow(self) -> bool:
        return max(self.room) > 0 and sum(len(columns) for columns in self.held) < self._most

    def _refill(self, row: int, *, without: int | None) -> None:
        """The fullest panel from the members and everybody with room."""
        panel = self._fullest(row, self._pool(row, without))
        if without in self.held[row] or len(panel) > len(self.held[row]):
            self.put(row, panel)

    def _borrow(self, row: int, *, without: int | None, depth: int) -> bool:
        """Whether somebody without room made the row fuller, their own panel as full as before."""
        pool = self._pool(row, without)
        before = len(self.held[row] - {without})
        for column in self._full_up(row, without):
            if self._tries <= 0:
                return False
            self._tries -= 1
            panel = self._fullest(row, [*pool, column])
            if len(panel) <= before:
                continue
            kept = self._kept()
            self.put(row, panel)
            if self._replace(column, row, depth):
                return True
            self.held, self.room = kept
        return False

    def _replace(self, column: int, row: int, depth: int) -> bool:
        """Whether another panel could do without this reviewer, who is one over their room."""
        if self.room[column] >= 0:
            return True
        for other in range(len(self.held)):
            if other == row or column not in self.held[other]:
                continue
            size = len(self.held[other])
            kept = self._kept()
            self._refill(other, without=column)
            if len(self.held[other]) == size:
                return True
            if depth > 1 and self._borrow(other, without=column, depth=depth - 1):
                return True
            self.held, self.room = kept
        return False

    def _full_up(self, row: int, without: int | None) -> Iterator[int]:
        """Who could sit in the row but has no room, best first."""
        points = self._points(row)
        full = np.array(self.room) <= 0
        columns = np.flatnonzero((points > FORBIDDEN) & full & (self._problem.capacity > 0))
        for column in columns[np.argsort(-points[columns], kind="stable")].tolist():
            if column not in self.held[row] and column != without:
                yield column

    def _pool(self, row: int, without: int | None) -> list[int]:
        roomy = np.array(self.room) > 0
        able = np.flatnonzero((self._points(row) > FORBIDDEN) & roomy).tolist()
        return sorted((set(able) | self.held[row]) - {without})

    def _fullest(self, row: int, columns: Sequence[int]) -> set[int]:
        demand: Demand = self._problem.openings[row].demand
        standings = sorted(
            (self._standing(row, column) for column in columns), key=Standing.rank_key
        )
        return {column for _, column in fullest_panel(finalists(standings, demand), demand)}

    def _kept(self) -> tuple[list[set[int]], list[int]]:
        """All panels as they are, to come back to."""
        return list(self.held), list(self.room)

    def put(self, row: int, columns: set[int]) -> None:
        """Seat these in the row, instead of whoever sat there."""
        for column in self.held[row]:
            self.room[column] += 1
        for column in columns:
            self.room[column] -= 1
        self.held[row] = set(columns)


def _distinct(members: Sequence[Standing]) -> bool:
    known = [one.organisation_id for one in members if one.organisation_id is not None]
    return len(set(known)) == len(known)
