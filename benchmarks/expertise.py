"""How often text likeness ranks what reviewers know as they do themselves.

The loss of Stelmakh et al., "A Gold Standard Dataset for the Reviewer Assignment Problem"
(arXiv 2303.16750): of every two papers that a reviewer rated differently, the difference is lost
when the prediction orders them wrongly, half of it on a tie; as a share of all differences, and as
the mean over samples of the reviewers' documents.
"""

import gzip
import json
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from reviewhub.matching.encoder import Encoder
from reviewhub.matching.likeness import Document, Floats, Likeness
from reviewhub.matching.openings import Opening, Reviewer
from reviewhub.matching.rules import Slot
from reviewhub.matching.stream import Desk
from reviewhub.matching.text import TextIndex
from reviewhub.matching.vectors import ByMeaning, VectorIndex

ASKED = 100
WORDS, LENGTH = 30_000, 100


def loss(file: Path, embeddings: Path | None = None) -> dict[str, Any]:
    """The mean loss, and that of each sample; with a model also that of words."""
    with gzip.open(file, "rt", encoding="utf-8") as held:
        gold = json.load(held)
    began = time.process_time()
    source = _Once(Encoder.load(embeddings)) if embeddings else None
    if source is not None:  # all at once, which is quicker than each when it is wanted
        papers = [*gold["documents"].values(), *gold["submissions"].values()]
        source.vectors([_text(paper) for paper in papers])
    found = {
        "reviewers": len(gold["reviewers"]),
        "samples": len(next(iter(gold["reviewers"].values()))["documents_by_sample"]),
        **_losses(gold, lambda documents: _measure(documents, source)),
    }
    if source is not None:
        found["by_words"] = _losses(gold, TextIndex.build)
    return {**found, "cpu_seconds": round(time.process_time() - began, 2)}


def suggestion(reviewers: int, documents_each: int, seed: int) -> dict[str, Any]:
    """How long it takes, in a roster of this size, to say whom to ask about one text: likeness to
    every document, the choice with its reserve, and the evidence for those chosen."""
    texts = _Texts(seed)
    documents = [
        Document(id=number, reviewer_id=number % reviewers, text=texts.one())
        for number in range(reviewers * documents_each)
    ]
    began = time.process_time()
    index = TextIndex.build(documents)
    built = time.process_time() - began
    times, cpu_times = [], []
    desk = Desk([Reviewer(id=id, capacity=10) for id in range(reviewers)])
    for number in range(ASKED):
        text = texts.one()
        began, cpu_began = time.perf_counter(), time.thread_time()
        scores = dict(zip(index.reviewer_ids.tolist(), index.scores(text).tolist(), strict=True))
        chosen = desk.arrive(Opening(id=number, seats={Slot.ANY: 3}), scores).seats[Slot.ANY]
        evidence = index.evidence_of_each(text, chosen)
        times.append(time.perf_counter() - began)
        cpu_times.append(time.thread_time() - cpu_began)
        desk.done(number)
        assert len(evidence) == len(chosen)
    return {
        "reviewers": reviewers,
        "documents": len(documents),
        "postings": len(index.postings),
        "index_mb": round(len(index.to_bytes()) / 2**20, 1),
        "build_cpu_seconds": round(built, 1),
        "suggestion_ms_p50": round(1000 * float(np.median(times)), 1),
        "suggestion_ms_p95": round(1000 * float(np.quantile(times, 0.95)), 1),
        "suggestion_cpu_ms_p95": round(1000 * float(np.quantile(cpu_times, 0.95)), 1),
    }


class _Texts:
    """Texts of a hundred words, each with a subject of its own; words by Zipf, function words left
    out."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._words = np.array([f"w{number:05d}" for number in range(WORDS)])
        shares = 1 / np.arange(50, WORDS + 50)
        self._shares = np.cumsum(shares / shares.sum())

    def one(self) -> str:
        common = np.searchsorted(self._shares, self._random.random(LENGTH))
        subject = self._random.integers(0, WORDS - 200) + self._random.integers(0, 200, LENGTH // 3)
        return " ".join(self._words[np.concatenate([common, subject])])


class _Once:
    """A model that is asked once for each text."""

    def __init__(self, model: Encoder) -> None:
        self._model = model
        self._known: dict[str, Floats] = {}

    def vectors(self, texts: Sequence[str]) -> Floats:
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        if missing:
            self._known |= zip(missing, self._model.vectors(missing), strict=True)
        return np.array([self._known[text] for text in texts])


def _measure(documents: Sequence[Document], source: _Once | None) -> Likeness:
    """What a hub judges by: words, or vectors where it has a model."""
    words = TextIndex.build(documents)
    if source is None:
        return words
    return ByMeaning(words=words, vectors=VectorIndex.build(documents, source))


def _losses(
    gold: dict[str, Any], measure: Callable[[Sequence[Document]], Likeness]
) -> dict[str, Any]:
    samples = len(next(iter(gold["reviewers"].values()))["documents_by_sample"])
    losses = [_loss_of(gold, sample, measure) for sample in range(samples)]
    return {
        "loss": round(sum(losses) / len(losses), 4),
        "by_sample": [round(one, 4) for one in losses],
    }


def _loss_of(
    gold: dict[str, Any], sample: int, measure: Callable[[Sequence[Document]], Likeness]
) -> float:
    index = measure(_documents(gold, sample))
    column = {reviewer: place for place, reviewer in enumerate(index.reviewer_ids.tolist())}
    scores = {key: index.scores(_text(paper)) for key, paper in gold["submissions"].items()}
    lost = weight = 0.0
    for number, reviewer in enumerate(gold["reviewers"].values()):
        rated = [
            (rating, float(scores[key][column[number]]))
            for key, rating in reviewer["ratings"].items()
        ]
        for (rating, score), (other_rating, other_score) in combinations(rated, 2):
            difference = rating - other_rating
            weight += abs(difference)
            agreement = difference * (score - other_score)
            lost += abs(difference) * (0.5 if agreement == 0 else agreement < 0)
    return lost / weight


def _documents(gold: dict[str, Any], sample: int) -> list[Document]:
    return [
        Document(id=(number << 32) + place, reviewer_id=number, text=_text(gold["documents"][key]))
        for number, reviewer in enumerate(gold["reviewers"].values())
        for place, key in enumerate(reviewer["documents_by_sample"][sample])
    ]


def _text(paper: dict[str, Any]) -> str:
    return f"{paper['title'] or ''}. {paper['abstract'] or ''}"
