"""A suggestion for one item: how long the search for its panel takes beside a large roster.

    python -m benchmarks.suggestion --one-item 5000x15

For so many reviewers with so many documents each: the panel of one item with the likeness of texts
as a page reads it (the row that a worker kept), the comparing of one item's text with every
document, which is the worker's, and both together. Nothing is read from a database, so these are
the figures of the search alone. Prints one JSON object, times in milliseconds.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

from reviewhub.matching.likeness import Document
from reviewhub.matching.panel import propose
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.rules import PanelRule
from reviewhub.matching.text import TextIndex

TODAY = date(2026, 7, 1)
TOPICS = [f"topic{number}" for number in range(23)]
WORDS, WORDS_EACH = 20_000, 60  # the vocabulary, and what an abstract has of it
ITEMS, WARM_UP = 100, 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.suggestion")
    parser.add_argument("--one-item", default="5000x15", metavar="REVIEWERSxDOCUMENTS")
    asked = parser.parse_args(arguments)
    reviewers, documents = (int(part) for part in asked.one_item.split("x"))
    print(json.dumps(measure(reviewers, documents), indent=2))
    return 0


def measure(reviewers: int, documents: int) -> dict[str, Any]:
    """The figures for so many reviewers with so many documents each."""
    chance = Random(1)
    people = [_candidate(number, chance) for number in range(reviewers)]
    started = time.perf_counter()
    index = TextIndex.build(
        Document(id=n, reviewer_id=n // documents, text=_text(chance))
        for n in range(reviewers * documents)
    )
    built = time.perf_counter() - started
    texts = [_text(chance) for _one in range(ITEMS + WARM_UP)]
    ids = index.reviewer_ids.tolist()
    kept = [dict(zip(ids, index.scores(text).tolist(), strict=True)) for text in texts]
    items = [_item(number, chance) for number in range(len(texts))]

    def suggest(number: int) -> None:
        _suggest(items[number], people, kept[number])

    def compare(number: int) -> None:
        index.scores(texts[number])

    def both(number: int) -> None:
        alike = index.scores(texts[number]).tolist()
        _suggest(items[number], people, dict(zip(ids, alike, strict=True)))

    return {
        "reviewers": reviewers,
        "documents": reviewers * documents,
        "suggestion": _times(suggest),
        "comparing_its_text": _times(compare),
        "both": _times(both),
        "index_built_s": round(built, 2),
        "index_mb": round(len(index.to_bytes()) / 1e6, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _suggest(item: Item, people: Sequence[Candidate], alike: dict[int, float]) -> None:
    best = max(alike.values(), default=1.0) or 1.0
    compared = Item(
        **{name: getattr(item, name) for name in Item.__slots__ if name != "likeness"},
        likeness={who: value / best for who, value in alike.items()},
    )
    panel = propose(compared, people, PanelRule(), today=TODAY)
    assert panel.complete


def _times(do: Callable[[int], None]) -> dict[str, float]:
    taken = []
    for number in range(ITEMS + WARM_UP):
        started = time.process_time()
        do(number)
        if number >= WARM_UP:
            taken.append(1000 * (time.process_time() - started))
    cuts = statistics.quantiles(taken, n=20)
    return {"p50": round(statistics.median(taken), 1), "p95": round(cuts[18], 1)}


def _candidate(number: int, chance: Random) -> Candidate:
    return Candidate(
        id=number,
        internal=number % 4 == 0,
        email=f"person{number}@house{number % 900}.example",
        organisation_id=number % 900,
        government=None,
        country=f"C{chance.randrange(190)}",
        languages=frozenset(chance.sample(["en", "fr", "es", "ar", "ru", "zh"], 2)),
        topics={topic: chance.choice([2, 3]) for topic in chance.sample(TOPICS, 3)},
        themes=frozenset(chance.sample(["a", "b", "c", "d"], 2)),
        regions=frozenset(chance.sample(["R1", "R2", "R3", "R4", "R5"], 2)),
        backgrounds=frozenset(chance.sample(["policy", "research", "practice", "law"], 1)),
        capacity=4,
        load=chance.randrange(5),
    )


def _item(number: int, chance: Random) -> Item:
    topics = tuple(chance.sample(TOPICS, 3))
    return Item(
        id=number,
        submitter_id=None,
        submitter_email="sender@sender.example",
        submitter_organisation_id=None,
        state_country=None,
        topics=topics,
        primary_topic=topics[0],
        themes=frozenset({"a", "b"}),
        regions=frozenset({"R1"}),
        countries=frozenset({"C7"}),
        languages=frozenset({chance.choice(["en", "fr", "es"])}),
    )


def _text(chance: Random) -> str:
    """Words as they come in texts: few of them often, most of them seldom."""
    return " ".join(f"w{int(WORDS * chance.random() ** 3)}" for _one in range(WORDS_EACH))


if __name__ == "__main__":
    raise SystemExit(main())
