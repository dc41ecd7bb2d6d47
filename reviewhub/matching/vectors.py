"""Likeness by vectors: for a hub that brings embeddings of its own. Same answers as `text`.

    index = VectorIndex.build(documents, source)

The source is anything that turns texts into vectors, such as `encoder.Encoder`, the model behind
the optional extra `reviewhub[embeddings]`; this module knows none, and loads none.

    ByMeaning(words=TextIndex.build(documents), vectors=index)

is what a hub with a model judges by: the likeness of vectors, shown by words. ADR 12 has the
figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Document, Evidence, Floats, Likeness, Owners, in_order

BEST = 5
"""By vectors, a reviewer is as alike as the mean of this many of their nearest documents: fixed
before it was measured, and fewer than by words, for a vector rests on the whole of a text."""


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
        return cls.of_vectors(
            [one.reviewer_id for one in ordered],
            [one.id for one in ordered],
            _asked(source, [one.text for one in ordered]),
            source,
        )

    @classmethod
    def of_vectors(
        cls, reviewers: Sequence[int], documents: Sequence[int], held: Floats, source: VectorSource
    ) -> "VectorIndex":
        """The index of documents whose vectors are known, one row for each, in the order of
        reviewer and document. Raises MatchingError for vectors that are not finite."""
        return cls(
            held=_unit(held),
            reviewers=np.array(reviewers, dtype=np.int64),
            documents=np.array(documents, dtype=np.int64),
            source=source,
        )

    @property
    def reviewer_ids(self) -> NDArray[np.int64]:
        return self._owners.ids

    def scores(self, text: str) -> Floats:
        return self._owners.mean_of_best(self._alike(text), BEST)

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
        query = _unit(_asked(self.source, [text]))
        if query.shape[1] != self.held.shape[1]:
            raise MatchingError("the source's vectors have changed their length: build anew")
        alike: Floats = np.clip(self.held @ query[0], 0, 1)
        return alike


@dataclass(frozen=True, eq=False, kw_only=True)
class ByMeaning:
    """Two measures over the same documents: alike is who is so by the vectors. What it shows of a
    pair is what the words show, so that people can see it for themselves; where a pair shares no
    word, the document whose vector is nearest."""

    words: Likeness
    vectors: Likeness

    def __post_init__(self) -> None:
        """Raises MatchingError when the two do not know the same reviewers."""
        if not np.array_equal(self.words.reviewer_ids, self.vectors.reviewer_ids):
            raise MatchingError("two measures of different reviewers")

    @property
    def reviewer_ids(self) -> NDArray[np.int64]:
        return self.words.reviewer_ids

    def scores(self, text: str) -> Floats:
        return self.vectors.scores(text)

    def evidence(self, text: str, reviewer_id: int) -> Evidence | None:
        return self.evidence_of_each(text, [reviewer_id]).get(reviewer_id)

    def evidence_of_each(self, text: str, reviewer_ids: Iterable[int]) -> dict[int, Evidence]:
        asked = list(reviewer_ids)
        found = self.words.evidence_of_each(text, asked)
        if wordless := [reviewer for reviewer in asked if reviewer not in found]:
            found |= self.vectors.evidence_of_each(text, wordless)
        return found


def _asked(source: VectorSource, texts: Sequence[str]) -> Floats:
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    vectors = np.asarray(source.vectors(texts), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise MatchingError(f"{len(texts)} texts, but vectors of shape {vectors.shape}")
    return vectors


def _unit(vectors: Floats) -> Floats:
    if not np.isfinite(vectors).all():
        raise MatchingError("the source gave a number that is not finite")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit
