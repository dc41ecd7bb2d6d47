"""A hub with a model: likeness by vectors, made once, and gone again with the setting."""

import logging
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from reviewhub.core import config
from reviewhub.core.db import _reading
from reviewhub.matching.encoder import Encoder, digest
from reviewhub.matching.likeness import Document
from reviewhub.matching.text import TextIndex
from reviewhub.matching.vectors import ByMeaning, VectorIndex
from reviewhub.reviews import operations, tasks
from reviewhub.reviews.operations import outlook, texts, vectors
from reviewhub.reviews.texts import ItemText, ReviewerText, likeness_of
from reviewhub.reviews.tuning import UNTUNED
from reviewhub.roster.publications import Publication
from tests.matching.models import tiny
from tests.reviews.scene import Scene

TITLE, DESCRIPTION = (
    "Herders and the law of pasture",
    "A season of agreement at the border, and what the law of the city has to say of it.",
)
ITEM = f"{TITLE}. . {DESCRIPTION}"
SAME_WORDS, OTHER_WORDS = "Pasture law", "Rent of housing"


@pytest.fixture
def scene(make, db, clock) -> Scene:
    scene = Scene(make, db, internal=3, external=6)
    scene.submission.title, scene.submission.title_en = TITLE, ""
    scene.submission.description = DESCRIPTION
    scene.members[0].statement, scene.members[1].statement = SAME_WORDS, OTHER_WORDS
    db.flush()
    return scene


@pytest.fixture
def turn(scene, monkeypatch) -> Iterator[Callable[[object], None]]:
    """Sets the folder of the model, in a worker that has built nothing yet."""
    before = config.current()
    monkeypatch.setattr(texts, "_index", ("", None))
    yield lambda folder: config.use(before.model_copy(update={"embeddings": str(folder or "")}))
    config.use(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny(tmp_path / "tiny", seed=4)


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """Every text that a model is asked to read, in order."""
    asked: list[str] = []
    encode = Encoder.vectors

    def counted(self, texts):
        asked.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(Encoder, "vectors", counted)
    return asked


def alike(db, scene) -> dict[int, float]:
    """What is kept of the item: how alike each person is."""
    db.expire_all()
    row = db.get(ItemText, scene.submission.id)
    people, values = array("i"), array("f")
    people.frombytes(row.people)
    values.frombytes(row.alike)
    return dict(zip(people, values, strict=True))


def expected(scene, folder: Path | None) -> dict[int, float]:
    """The same by the pure package alone."""
    held = [
        Document(id=at, reviewer_id=member.person_id, text=member.statement)
        for at, member in enumerate(scene.members[:2])
    ]
    index = TextIndex.build(held)
    if folder is not None:
        measure = ByMeaning(words=index, vectors=VectorIndex.build(held, Encoder.load(folder)))
        return dict(zip(index.reviewer_ids.tolist(), measure.scores(ITEM).tolist(), strict=True))
    return dict(zip(index.reviewer_ids.tolist(), index.scores(ITEM).tolist(), strict=True))


@pytest.mark.lasting
def test_with_a_model_likeness_is_that_of_vectors_and_shown_by_words(
    scene, db, turn, folder
) -> None:
    same, other = (member.person_id for member in scene.members[:2])
    tasks.read_texts()
    by_words = alike(db, scene)
    assert by_words == pytest.approx(expected(scene, None))
    assert by_words[other] == 0
    turn(folder)
    tasks.read_texts()
    by_meaning = alike(db, scene)
    assert by_meaning == pytest.approx(expected(scene, folder), abs=1e-3)
    assert by_meaning[other] > 0.1  # whose words are others
    _likeness, shared = likeness_of(scene.submission.id)
    statement = f"statement:{scene.members[0].id}"
    assert shared[same][0] == statement
    assert "pasture" in shared[same]
    assert shared[other] == (f"statement:{scene.members[1].id}",)  # no word that could be shown
    found = outlook(scene.submission, UNTUNED, by=scene.by_editor)  # as a page asks
    assert "text" in {part["name"] for seat in found.seats for part in seat.reasons["parts"]}
    turn("")
    tasks.read_texts()
    assert alike(db, scene) == by_words
    assert all(row.vectors is None for row in db.query(ReviewerText))
    assert db.get(ItemText, scene.submission.id).vector is None


@pytest.mark.lasting
def test_each_text_is_read_once_and_again_when_it_or_the_model_changes(
    scene, db, turn, folder, read, clock
) -> None:
    turn(folder)
    tasks.read_texts()
    assert sorted(read) == sorted([SAME_WORDS, OTHER_WORDS, ITEM])
    tasks.read_texts()
    clock.advance(hours=1)
    db.add(Publication(membership_id=scene.members[0].id, key="k", title="Housing"))
    db.flush()
    read.clear()
    assert tasks.read_texts() == 2  # the author, and the item that is compared anew
    assert read == ["Housing.  "]
    scene.submission.title = "Rent"
    db.flush()
    read.clear()
    tasks.read_texts()
    assert read == [f"Rent. . {DESCRIPTION}"]
    clock.advance(hours=1)
    before = alike(db, scene)
    tiny(folder, seed=5)
    read.clear()
    tasks.read_texts()
    assert len(read) == 4
    assert alike(db, scene) != before


@pytest.mark.lasting
def test_a_model_reads_while_nothing_is_locked(scene, db, turn, folder, monkeypatch) -> None:
    """It takes its time: on SQLite nobody could write meanwhile."""
    turn(folder)
    only_reads: list[bool] = []
    encode = Encoder.vectors

    def seen(self, texts):
        only_reads.extend(_reading.get() for _ in texts)
        return encode(self, texts)

    monkeypatch.setattr(Encoder, "vectors", seen)
    tasks.read_texts()
    assert only_reads == [True] * 3
    assert not _reading.get()


@pytest.mark.lasting
def test_until_the_model_has_read_everybody_words_alone_count(
    scene, db, turn, folder, monkeypatch
) -> None:
    monkeypatch.setattr(texts, "MOST_DOCUMENTS", 1)
    tasks.read_texts()
    by_words = alike(db, scene)
    turn(folder)
    tasks.read_texts()
    held = [row.vectors is not None for row in db.query(ReviewerText) if row.documents]
    assert sorted(held) == [False, True]
    assert alike(db, scene) == by_words
    while operations.read_texts():
        pass
    operations.compare_items()
    assert alike(db, scene) == pytest.approx(expected(scene, folder), abs=1e-3)


@pytest.mark.lasting
def test_a_model_that_cannot_be_used_leaves_the_words_and_what_was_read(
    scene, db, turn, folder, read, caplog
) -> None:
    turn(folder)
    tasks.read_texts()
    by_meaning = alike(db, scene)
    weights = (folder / "model.safetensors").read_bytes()
    for spoilt, sentence in ((None, "is not there"), (b"no weights", "cannot be read")):
        (folder / "model.safetensors").unlink()
        if spoilt is not None:
            (folder / "model.safetensors").write_bytes(spoilt)
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            tasks.read_texts()
        assert sentence in caplog.text
        assert alike(db, scene) == pytest.approx(expected(scene, None))
        (folder / "model.safetensors").write_bytes(weights)
        read.clear()
        tasks.read_texts()
        assert alike(db, scene) == by_meaning
        assert read == []


@pytest.mark.lasting
def test_vectors_of_what_somebody_wrote_before_do_not_count(
    scene, db, turn, folder, read, monkeypatch
) -> None:
    """The model was away while they wrote more, and comes to them last when it is back."""
    turn(folder)
    tasks.read_texts()
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").unlink()
    db.add(Publication(membership_id=scene.members[1].id, key="k", title="Housing"))
    db.flush()
    tasks.read_texts()
    by_words = alike(db, scene)
    (folder / "model.safetensors").write_bytes(weights)
    monkeypatch.setattr(texts, "MOST_DOCUMENTS", 1)
    read.clear()
    tasks.read_texts()
    assert alike(db, scene) == by_words
    while operations.read_texts():
        pass
    operations.compare_items()
    assert read == ["Housing.  "]
    assert alike(db, scene) != by_words


def test_vectors_are_packed_for_one_model(turn, folder) -> None:
    turn(folder)
    packed = vectors.pack(["rent", "law"], None)
    assert packed is not None
    assert packed[:8].hex() == digest(folder)
    found = vectors.unpack(packed, 2)
    assert np.abs(found - Encoder.load(folder).vectors(["rent", "law"])).max() < 1e-3
    assert vectors.pack(["law", "rent"], packed) != packed
    assert vectors.unpack(None, 1) is None
    assert vectors.pack([], packed) is None
    tiny(folder, seed=6)
    assert vectors.unpack(packed, 2) is None
