"""Likeness by vectors: for a hub that brings embeddings of its own. Same answers as `text`.

    index = VectorIndex.build(documents, source)

The source is anything that turns texts into vectors, such as a model behind the optional extra
`reviewhub[embeddings]`; this module knows none, and loads none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Document, Evidence, Floats, Owners, in_order


class VectorSource(Protocol):
    """What turns texts into vectors."""

    def vectors(self, texts: Sequence[str]) -> Floats:
        """One row per text; all rows of one length."""


@dataclass(frozen=True, eq=False, kw_only=True)
class VectorIndex:
    """The documents of a roster as vectors of length one."""

    held: Floats
    reviewers: NDArray[np.int64]
    documents: NDArray[np.int64]
    source: VectorSource = field(repr=False)

    @classmethod
    def build(cls, documents: Iterable[Document], source: VectorSource) -> "VectorIndex":
        """Ask the source for the documents' vectors. Raises MatchingError for a document's id given
        twice and for vectors that are not finite or do not fit."""
        ordered = in_order(documents)
        return cls(
            held=_unit(source, [one.text for one in ordered]),
            reviewers=np.array([one.reviewer_id for one in ordered], dtype=np.int64),
            documents=np.array([one.id for one in ordered], dtype=np.int64),
            source=source,
        )

    @property
    def reviewer_ids(self) -> NDArray[np.int64]:
        return self._owners.ids

    def scores(self, text: str) -> Floats:
        return self._owners.mean_of_best(self._alike(text))

    def evidence(self, text: str, reviewer_id: int) -> Evidence | None:
        return self.evidence_of_each(text, [reviewer_id]).get(reviewer_id)

    def evidence_of_each(self, text: str, reviewer_ids: Iterable[int]) -> dict[int, Evidence]:
        alike = self._alike(text)
        found = {}
        for reviewer in reviewer_ids:
            held = self._owners.of(reviewer)
            if alike[held].any():
                place = held.start + int(alike[held].argmax())
                found[reviewer] = Evidence(int(self.documents[place]), float(alike[place]), ())
        return found

    @cached_property
    def _owners(self) -> Owners:
        return Owners(self.reviewers, self.documents)

    def _alike(self, text: str) -> Floats:
        """The cosine of the text with every document, opposites counting as unrelated."""
        if not len(self.held):
            return np.zeros(0, dtype=np.float32)
        query = _unit(self.source, [text])
        if query.shape[1] != self.held.shape[1]:
            raise MatchingError("the source's vectors have changed their length: build anew")
        alike: Floats = np.clip(self.held @ query[0], 0, 1)
        return alike


def _unit(source: VectorSource, texts: Sequence[str]) -> Floats:
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    vectors = np.asarray(source.vectors(texts), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise MatchingError(f"{len(texts)} texts, but vectors of shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise MatchingError("the source gave a number that is not finite")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit
