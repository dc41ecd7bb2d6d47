"""The scores of a whole batch, read in blocks of rows: a table need not fit into memory.

    DenseScores.of(scores, forbidden)              # every pair given
    VectorScores.of(submissions, reviewers, keys)  # the product of two sets of vectors, by block

Scores become whole points (millionths, as in affinity) on the way in. Everything after that is
integer arithmetic: totals, prices and bounds are exact, and the same on every machine.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.errors import MatchingError

Points = NDArray[np.int32]
Indices = NDArray[np.intp]

FORBIDDEN = -1_000_000_000
"""The points of a pair that may not be; below every score there is."""

MAX_SCORE = 100.0
"""The largest score, either way: what sums and prices of a block can hold in 32 bits."""

GRAIN = 2.0**-24
"""To what the numbers of a vector are rounded, so that sums of their products are exact."""

MAX_LENGTHS = 16.0
"""The largest product of two vectors' lengths: beyond, sums would no longer be exact."""

BLOCK_CELLS = 2_000_000
"""How many pairs are looked at in one go."""


class ScoreTable(Protocol):
    """Scores of submissions (rows) by reviewers (columns), in whole points."""

    @property
    def shape(self) -> tuple[int, int]:
        """How many submissions and reviewers."""

    def block(self, start: int, stop: int) -> Points:
        """The rows from `start` to before `stop`; FORBIDDEN where the pair may not be."""

    def reordered(self, rows: Indices, columns: Indices) -> "ScoreTable":
        """The same scores with the rows and columns in this order."""


@dataclass(frozen=True, eq=False)
class DenseScores:
    """Every pair's points, held in memory: four bytes each."""

    points: Points

    @classmethod
    def of(cls, scores: NDArray[Any], forbidden: NDArray[np.bool_] | None = None) -> "DenseScores":
        """From scores as numbers; negative ones are allowed. Raises MatchingError unless all that
        are not forbidden are finite and within MAX_SCORE, and the shapes agree."""
        if scores.ndim != 2:
            raise MatchingError("scores must have one row per submission, one column per reviewer")
        if forbidden is None:
            forbidden = np.zeros(scores.shape, dtype=bool)
        if forbidden.shape != scores.shape:
            raise MatchingError(
                f"{scores.shape} scores, {forbidden.shape} marks of what may not be"
            )
        return cls(_whole_points(np.where(forbidden, 0, scores), forbidden))

    @property
    def shape(self) -> tuple[int, int]:
        return self.points.shape[0], self.points.shape[1]

    def block(self, start: int, stop: int) -> Points:
        return self.points[start:stop]

    def reordered(self, rows: Indices, columns: Indices) -> "DenseScores":
        return DenseScores(np.ascontiguousarray(self.points[np.ix_(rows, columns)]))


@dataclass(frozen=True, eq=False)
class VectorScores:
    """Scores as the product of vectors, between 0 and 1, worked out anew for every block.

    Products of multiples of GRAIN, and their sums up to MAX_LENGTHS, fit into a double: whatever
    the order in which a machine adds them, the size of the block included, they come out the same.
    """

    submissions: NDArray[np.float32]
    reviewers: NDArray[np.float32]
    forbidden: NDArray[np.int64]
    """The pairs that may not be, as row × columns + column, ascending."""

    @classmethod
    def of(
        cls,
        submissions: NDArray[np.float32],
        reviewers: NDArray[np.float32],
        forbidden: NDArray[np.int64],
    ) -> "VectorScores":
        """From vectors of one dimension. Raises MatchingError for numbers that are not finite, and
        for vectors that are too long."""
        longest = 1.0
        for vectors in (submissions, reviewers):
            if not np.isfinite(vectors).all():
                raise MatchingError("a vector holds a number that is not finite")
            longest *= np.linalg.norm(vectors, axis=1).max(initial=0.0)
        if longest > MAX_LENGTHS:
            raise MatchingError(
                f"the lengths of two vectors may be {MAX_LENGTHS:g} multiplied, not {longest:g}"
            )
        return cls(_grained(submissions), _grained(reviewers), np.unique(forbidden))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.submissions), len(self.reviewers)

    @cached_property
    def _columns(self) -> NDArray[np.float64]:
        return self.reviewers.T.astype(np.float64)

    def block(self, start: int, stop: int) -> Points:
        width = len(self.reviewers)
        product = self.submissions[start:stop].astype(np.float64) @ self._columns
        np.clip(product, 0, 1, out=product)
        product *= POINTS
        points: Points = np.rint(product, out=product).astype(np.int32)
        first, last = np.searchsorted(self.forbidden, (start * width, stop * width))
        points.reshape(-1)[self.forbidden[first:last] - start * width] = FORBIDDEN
        return points

    def reordered(self, rows: Indices, columns: Indices) -> "VectorScores":
        width = len(self.reviewers)
        to_row, to_column = np.argsort(rows), np.argsort(columns)
        keys = to_row[self.forbidden // width] * width + to_column[self.forbidden % width]
        return VectorScores(self.submissions[rows], self.reviewers[columns], np.sort(keys))


def blocks(table: ScoreTable) -> list[tuple[int, int]]:
    """Where the blocks of a table begin and end."""
    rows, columns = table.shape
    step = max(1, BLOCK_CELLS // max(1, columns))
    return [(start, min(rows, start + step)) for start in range(0, rows, step)]


def _grained(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The nearest multiples of GRAIN: numbers below one have them as they are, or nearly so."""
    return (np.rint(vectors.astype(np.float64) / GRAIN) * GRAIN).astype(np.float32)


def _whole_points(scores: NDArray[Any], forbidden: NDArray[np.bool_]) -> Points:
    if not np.isfinite(scores).all():
        row, column = np.argwhere(~np.isfinite(scores))[0]
        raise MatchingError(f"the score in row {row}, column {column} is not a finite number")
    if scores.size and np.abs(scores).max() > MAX_SCORE:
        raise MatchingError(f"scores must lie between -{MAX_SCORE:g} and {MAX_SCORE:g}")
    points = np.rint(scores.astype(np.float64) * POINTS).astype(np.int32)
    points[forbidden] = FORBIDDEN
    return points
