"""Likeness by words: TF-IDF over words and pairs of words, kept as an inverted index in numpy.

    index = TextIndex.build(documents)            # everything the reviewers wrote
    index.scores("Title. Abstract …")             # one number per reviewer
    index.evidence("Title. …", reviewer_id=7)     # the best document, and the terms they share
    TextIndex.from_bytes(index.to_bytes())        # to keep it

The weight of a term in a document is (1 + ln count) · (1 + ln((1 + documents) / (1 + documents with
the term))), and documents have length one. That terms are stems, and how many documents count, was
chosen by figures: ADR 10 says on what, and why those flatter. The index holds no text: terms are
numbers, and the names in an explanation are read off the submission.
"""

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Document, Evidence, Floats, Owners, in_order
from reviewhub.matching.terms import key, spelled, terms

SHOWN_TERMS = 6
"""How many shared terms an explanation names."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TextIndex:
    """The documents of a roster, by term: those with term i are postings starts[i]:starts[i+1]."""

    keys: NDArray[np.int64]
    """The number of each term, ascending."""
    starts: NDArray[np.int64]
    postings: NDArray[np.int32]
    """Places of documents."""
    weights: Floats
    """What each posting's document holds of the term, its length being one."""
    reviewers: NDArray[np.int64]
    documents: NDArray[np.int64]
    """Whose document, and which, stands at each place."""

    @classmethod
    def build(cls, documents: Iterable[Document]) -> "TextIndex":
        """Count the documents' words. Raises MatchingError when a document's id is given twice."""
        ordered = in_order(documents)
        return cls.of_counts(
            [one.reviewer_id for one in ordered], [one.id for one in ordered], *_counted(ordered)
        )

    @classmethod
    def of_counts(
        cls,
        reviewers: Sequence[int],
        documents: Sequence[int],
        places: NDArray[np.int64],
        term_keys: NDArray[np.int64],
        counts: NDArray[np.float64],
    ) -> "TextIndex":
        """The index of documents whose terms were counted before, in the order of reviewer and
        document: for each term of each, its place among them, its key, and how often."""
        keys, found_at = np.unique(term_keys, return_inverse=True)
        order = np.lexsort((places, found_at))
        places, found_at, counts = places[order], found_at[order], counts[order]
        starts = np.searchsorted(found_at, np.arange(len(keys) + 1)).astype(np.int64)
        rarity = _rarity(np.diff(starts), len(documents))
        weights = (1 + np.log(counts)) * rarity[found_at]
        lengths = np.sqrt(np.bincount(places, weights**2, minlength=len(documents)))
        return cls(
            keys=keys,
            starts=starts,
            postings=places.astype(np.int32),
            weights=(weights / lengths[places]).astype(np.float32),
            reviewers=np.array(reviewers, dtype=np.int64),
            documents=np.array(documents, dtype=np.int64),
        )

    @property
    def reviewer_ids(self) -> NDArray[np.int64]:
        return self._owners.ids

    def scores(self, text: str) -> Floats:
        return self._owners.mean_of_best(self._documents_alike(self._query(text)))

    def evidence(self, text: str, reviewer_id: int) -> Evidence | None:
        return self.evidence_of_each(text, [reviewer_id]).get(reviewer_id)

    def evidence_of_each(self, text: str, reviewer_ids: Iterable[int]) -> dict[int, Evidence]:
        query, names = self._query(text), spelled(text)
        alike = self._documents_alike(query)
        found = {}
        for reviewer in reviewer_ids:
            held = self._owners.of(reviewer)
            if alike[held].any():
                place = held.start + int(alike[held].argmax())
                value = float(alike[place])
                shares = self._shares(query, place, value)
                named = tuple((names[term], share) for term, share in shares)
                found[reviewer] = Evidence(int(self.documents[place]), value, named)
        return found

    def to_bytes(self) -> bytes:
        """The index as bytes, about eight per term of a document."""
        file = io.BytesIO()
        arrays = {name: getattr(self, name) for name in self.__dataclass_fields__}
        np.savez(file, allow_pickle=False, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "TextIndex":
        """The index again. Raises MatchingError for bytes that hold none."""
        try:
            with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
                return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})
        except (ValueError, OSError, KeyError, EOFError, BadZipFile) as error:
            raise MatchingError("these bytes hold no index of texts") from error

    @cached_property
    def _owners(self) -> Owners:
        return Owners(self.reviewers, self.documents)

    def _query(self, text: str) -> list[tuple[str, int, float]]:
        """The text's terms that the index knows: name, place and weight. The text as a whole has
        length one, terms that no document holds included."""
        counts = terms(text)
        names = list(counts)
        wanted = np.array([key(name) for name in names], dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, wanted), max(0, len(self.keys) - 1))
        known = self.keys[at] == wanted if len(self.keys) else np.zeros(len(names), dtype=bool)
        total, found = 0.0, []
        for place, (name, count) in enumerate(counts.items()):
            term = int(at[place])
            holders = int(self.starts[term + 1] - self.starts[term]) if known[place] else 0
            weight = (1 + math.log(count)) * _rarity_of(holders, len(self.documents))
            total += weight**2
            if known[place]:
                found.append((name, term, weight))
        return [(name, place, weight / math.sqrt(total)) for name, place, weight in found]

    def _documents_alike(self, query: Sequence[tuple[str, int, float]]) -> Floats:
        """The cosine of the text with every document."""
        alike = np.zeros(len(self.documents), dtype=np.float32)
        for _, place, weight in query:
            start, stop = self.starts[place], self.starts[place + 1]
            # No document stands twice among the postings of a term.
            alike[self.postings[start:stop]] += self.weights[start:stop] * np.float32(weight)
        return alike

    def _shares(
        self, query: Sequence[tuple[str, int, float]], place: int, value: float
    ) -> tuple[tuple[str, float], ...]:
        shares = []
        for name, i, weight in query:
            start, stop = int(self.starts[i]), int(self.starts[i + 1])
            at = start + int(np.searchsorted(self.postings[start:stop], place))
            if at < stop and self.postings[at] == place:
                shares.append((name, weight * float(self.weights[at]) / value))
        return tuple(sorted(shares, key=lambda share: (-share[1], share[0]))[:SHOWN_TERMS])


def _counted(
    documents: Sequence[Document],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Place of the document, number of the term, and how often: one entry for each pair."""
    known: dict[str, int] = {}
    places, keys, counts = [], [], []
    for place, document in enumerate(documents):
        for term, count in terms(document.text).items():
            if term not in known:
                known[term] = key(term)
            places.append(place)
            keys.append(known[term])
            counts.append(count)
    return (
        np.array(places, dtype=np.int64),
        np.array(keys, dtype=np.int64),
        np.array(counts, dtype=np.float64),
    )


def _rarity(holders: NDArray[np.int64], documents: int) -> NDArray[np.float64]:
    rarity: NDArray[np.float64] = 1 + np.log((1 + documents) / (1 + holders))
    return rarity


def _rarity_of(holders: int, documents: int) -> float:
    return 1 + math.log((1 + documents) / (1 + holders))
