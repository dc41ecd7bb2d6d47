"""How alike a submission's text is to what a reviewer has written: what any measure must answer.

`text.TextIndex` counts words and needs nothing but numpy; `vectors.VectorIndex` compares vectors of
whichever source a hub brings (the optional embeddings). Both answer the same questions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError

BEST = 15
"""By words, a reviewer is as alike as the mean of this many of their best documents; or of all they
have.

That is a usual profile as a whole, while whoever wrote a lot is judged by what comes nearest. The
mean of fewer rests on chance: on half of the expertise gold standard the loss is .271 with 5, .256
with 10, .250 with 15 and .255 with all."""

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something a reviewer wrote or reviewed: `id` is the caller's, one of its own per document."""

    id: int
    reviewer_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a pair: the document most alike (0 to 1), and the terms the two share, each
    with its share of the likeness, largest first. A measure without words has no terms."""

    document_id: int
    value: float
    terms: tuple[tuple[str, float], ...]


class Likeness(Protocol):
    """A measure over the documents of a roster."""

    @property
    def reviewer_ids(self) -> NDArray[np.int64]:
        """Everybody with a document, ascending."""

    def scores(self, text: str) -> Floats:
        """How alike the text is to each of `reviewer_ids`, 0 to 1."""

    def evidence(self, text: str, reviewer_id: int) -> Evidence | None:
        """The best document of this reviewer; None when nothing is alike."""

    def evidence_of_each(self, text: str, reviewer_ids: Iterable[int]) -> dict[int, Evidence]:
        """The best document of each of these, at the cost of one; nobody with nothing alike."""


class Owners:
    """Whose document each one is; documents are held in the order of reviewer and document id."""

    def __init__(self, reviewers: NDArray[np.int64], documents: NDArray[np.int64]) -> None:
        self.documents = documents
        self.ids, self._first = np.unique(reviewers, return_index=True)
        self._counts = np.diff(np.append(self._first, len(reviewers)))
        most = int(self._counts.max(initial=0))
        places = np.arange(most)[None, :]
        # One row per reviewer; where they have fewer documents, the place after the last.
        held = self._first[:, None] + places
        self._table = np.where(places < self._counts[:, None], held, len(reviewers))

    def of(self, reviewer_id: int) -> slice:
        """Where this reviewer's documents stand; empty when they have none."""
        place = int(np.searchsorted(self.ids, reviewer_id))
        if place == len(self.ids) or self.ids[place] != reviewer_id:
            return slice(0, 0)
        return slice(int(self._first[place]), int(self._first[place] + self._counts[place]))

    def mean_of_best(self, values: Floats, best: int = BEST) -> Floats:
        """Each reviewer's mean over their `best` most alike documents."""
        if not len(self.ids):
            return np.zeros(0, dtype=np.float32)
        table = np.append(values, np.float32(0))[self._table]
        if table.shape[1] > best:
            table = -np.partition(-table, best - 1, axis=1)[:, :best]
        counted = np.minimum(self._counts, best).astype(np.float32)
        means: Floats = (table.sum(axis=1, dtype=np.float32) / counted).astype(np.float32)
        return np.clip(means, 0, 1)


def in_order(documents: Iterable[Document]) -> Sequence[Document]:
    """The documents by reviewer and id. Raises MatchingError for an id given twice."""
    ordered = sorted(documents, key=lambda one: (one.reviewer_id, one.id))
    if len({one.id for one in ordered}) < len(ordered):
        raise MatchingError("a document's id is given twice")
    return ordered
