"""Likeness by vectors: the same answers, from whatever source of vectors a hub brings."""

from collections.abc import Sequence

import numpy as np
import pytest

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import Document, Evidence, Likeness
from reviewhub.matching.text import TextIndex
from reviewhub.matching.vectors import BEST, ByMeaning, VectorIndex


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


def test_vectors_that_were_kept_are_not_asked_for_again() -> None:
    built = VectorIndex.build(DOCUMENTS, Letters())
    kept = VectorIndex.of_vectors([2, 5, 5], [3, 1, 2], 7 * built.held, Letters())
    assert np.allclose(kept.held, built.held)
    assert kept.scores("aab").tolist() == pytest.approx(built.scores("aab").tolist())
    assert kept.evidence("aa", 5) == built.evidence("aa", 5)


def test_likeness_by_meaning_is_that_of_vectors_and_shows_words_where_there_are_any() -> None:
    documents = [
        Document(id=1, reviewer_id=5, text="aaa pasture"),
        Document(id=2, reviewer_id=5, text="aaa aaa"),
        Document(id=3, reviewer_id=2, text="cab"),
        Document(id=4, reviewer_id=9, text="zz"),
    ]
    words, vectors = TextIndex.build(documents), VectorIndex.build(documents, Letters())
    meant: Likeness = ByMeaning(words=words, vectors=vectors)
    text = "Pasture, aab"
    assert meant.reviewer_ids.tolist() == [2, 5, 9]
    assert meant.scores(text).tolist() == vectors.scores(text).tolist()
    assert meant.evidence(text, 5) == words.evidence(text, 5)
    assert meant.evidence_of_each(text, iter([2, 9])) == {2: vectors.evidence(text, 2)}
    with pytest.raises(MatchingError, match="different reviewers"):
        ByMeaning(words=words, vectors=VectorIndex.build(documents[:2], Letters()))


def test_the_nearest_few_documents_count() -> None:
    near = [Document(id=id, reviewer_id=1, text="abc") for id in range(BEST)]
    far = [Document(id=100 + id, reviewer_id=1, text="xyz") for id in range(BEST)]
    text = "abc"
    some, all_near = (
        VectorIndex.build(given, Letters()).scores(text)[0] for given in (near + far, near)
    )
    mixed = VectorIndex.build(near[1:] + far, Letters()).scores(text)[0]
    assert some == pytest.approx(all_near)
    assert mixed < all_near
