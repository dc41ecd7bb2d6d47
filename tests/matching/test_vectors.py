"""Likeness by vectors: the same answers, from whatever source of vectors a hub brings."""

from collections.abc import Sequence

import numpy as np
import pytest

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Document, Evidence, Likeness
from reviewhub.matching.text import TextIndex
from reviewhub.matching.vectors import VectorIndex


class Letters:
    """A source that counts letters."""

    def __init__(self, letters: str = "abc") -> None:
        self.letters = letters

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[text.count(one) for one in self.letters] for text in texts], np.float32)


DOCUMENTS = [
    Document(id=1, reviewer_id=5, text="aaa"),
    Document(id=2, reviewer_id=5, text="b"),
    Document(id=3, reviewer_id=2, text="c"),
]


def test_vectors_answer_like_words_do() -> None:
    index = VectorIndex.build(DOCUMENTS, Letters())
    measures: list[Likeness] = [index, TextIndex.build(DOCUMENTS)]
    assert [one.reviewer_ids.tolist() for one in measures] == [[2, 5], [2, 5]]
    assert index.scores("aa").tolist() == [0, 0.5]
    assert index.evidence_of_each("aa", [5, 2]) == {5: Evidence(1, 1.0, ())}
    assert not index.scores("nothing").any()
    assert VectorIndex.build([], Letters()).scores("a").tolist() == []


def test_vectors_that_are_none_are_refused() -> None:
    class Broken(Letters):
        def vectors(self, texts: Sequence[str]) -> np.ndarray:
            return np.full((len(texts), 2), np.nan, np.float32)

    class Fewer(Letters):
        def vectors(self, texts: Sequence[str]) -> np.ndarray:
            return np.ones((1, 2), np.float32)

    with pytest.raises(MatchingError, match="not finite"):
        VectorIndex.build(DOCUMENTS, Broken())
    with pytest.raises(MatchingError, match="3 texts"):
        VectorIndex.build(DOCUMENTS, Fewer())
    source = Letters()
    index = VectorIndex.build(DOCUMENTS, source)
    source.letters = "abcd"
    with pytest.raises(MatchingError, match="build anew"):
        index.scores("a")
