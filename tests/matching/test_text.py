"""Likeness by words: who wrote about it comes first, and the evidence says where and how."""

import numpy as np
import pytest

from reviewhub.matching.errors import MatchingError
from reviewhub.matching.likeness import BEST, Document
from reviewhub.matching.terms import terms
from reviewhub.matching.text import TextIndex

DOCUMENTS = [
    Document(id=1, reviewer_id=7, text="Rainwater harvesting in dry cities. Tanks and roofs."),
    Document(id=2, reviewer_id=7, text="A history of public libraries."),
    Document(id=3, reviewer_id=9, text="Teaching mathematics to small children."),
    Document(id=4, reviewer_id=3, text="Mathematics of rainwater: a model of tanks."),
    Document(id=5, reviewer_id=4, text="The of and."),
]
ASKED = "Harvesting rainwater on roofs: tanks for dry cities"


def by_reviewer(index: TextIndex, text: str) -> dict[int, float]:
    return dict(zip(index.reviewer_ids.tolist(), index.scores(text).tolist(), strict=True))


def test_whoever_wrote_about_it_comes_first() -> None:
    scores = by_reviewer(TextIndex.build(DOCUMENTS), ASKED)
    assert scores[7] > scores[3] > scores[9] == scores[4] == 0
    assert all(0 <= score <= 1 for score in scores.values())


def test_a_text_is_wholly_like_itself() -> None:
    index = TextIndex.build(DOCUMENTS[2:3])
    assert by_reviewer(index, DOCUMENTS[2].text) == {9: pytest.approx(1)}


def test_the_evidence_is_the_best_document_and_the_words_as_they_are_spelled() -> None:
    index = TextIndex.build(DOCUMENTS)
    evidence = index.evidence_of_each(ASKED, [7])[7]
    assert evidence.document_id == 1
    names = [name for name, _ in evidence.terms]
    assert "harvesting" in names
    assert "dry cities" in names
    assert [share for _, share in evidence.terms] == sorted(
        (share for _, share in evidence.terms), reverse=True
    )
    both = index.evidence_of_each("Mathematics of rainwater", [3])[3]
    assert sum(share for _, share in both.terms) == pytest.approx(1)
    assert index.evidence_of_each(ASKED, [9, 1234]) == {}
    assert index.evidence(ASKED, 7) == evidence
    assert index.evidence(ASKED, 9) is None


def test_only_the_best_documents_count() -> None:
    alike = [Document(id=id, reviewer_id=1, text="open data portals") for id in range(BEST)]
    others = [Document(id=100 + id, reviewer_id=1, text="sea birds") for id in range(BEST)]
    index = TextIndex.build([*others, *alike])
    assert by_reviewer(index, "open data portals")[1] == pytest.approx(1)


def test_an_index_is_kept_as_bytes_and_does_not_depend_on_the_order() -> None:
    index = TextIndex.build(DOCUMENTS)
    again = TextIndex.from_bytes(index.to_bytes())
    turned = TextIndex.build(reversed(DOCUMENTS))
    for other in (again, turned):
        assert by_reviewer(other, ASKED) == by_reviewer(index, ASKED)
        assert other.evidence_of_each(ASKED, [7, 3]) == index.evidence_of_each(ASKED, [7, 3])
    for bad in (b"", b"no index", index.to_bytes()[:200]):
        with pytest.raises(MatchingError, match="no index"):
            TextIndex.from_bytes(bad)


def test_an_empty_roster_and_an_empty_text_are_answered() -> None:
    assert TextIndex.build([]).scores(ASKED).tolist() == []
    assert TextIndex.from_bytes(TextIndex.build([]).to_bytes()).evidence_of_each(ASKED, [7]) == {}
    assert not TextIndex.build(DOCUMENTS).scores("").any()
    with pytest.raises(MatchingError, match="id is given twice"):
        TextIndex.build([DOCUMENTS[0], DOCUMENTS[0]])


def test_terms_are_stems_and_pairs_in_any_script() -> None:
    assert terms("The cities, the City and the tanks") == {
        "citi": 2, "tank": 1, "citi citi": 1, "citi tank": 1,
    }  # fmt: skip
    assert set(terms("مياه الأمطار")) == {"مياه", "الأمطار", "مياه الأمطار"}
    assert set(terms("雨水")) == {"雨", "水", "雨 水"}


def test_many_reviewers_are_ranked_by_the_mean_of_their_own_documents() -> None:
    random = np.random.default_rng(5)
    words = [f"word{n}" for n in range(40)]
    documents = [
        Document(id=id, reviewer_id=id % 5, text=" ".join(random.choice(words, 12)))
        for id in range(30)
    ]
    index, asked = TextIndex.build(documents), " ".join(words[:9])
    alone = {one.id: Document(id=one.id, reviewer_id=one.id, text=one.text) for one in documents}
    each = by_reviewer(TextIndex.build(alone.values()), asked)
    for reviewer, score in by_reviewer(index, asked).items():
        own = [each[one.id] for one in documents if one.reviewer_id == reviewer]
        assert score == pytest.approx(sum(own) / len(own), abs=1e-6)
