"""A suggestion for one item: how long the search for its panel takes beside a large roster.

    python -m benchmarks.suggestion --one-item 5000x15
    python -m benchmarks.suggestion --database sqlite,postgresql --members 5000

For so many reviewers with so many documents each: the panel of one item with the likeness of texts
as a page reads it (the row that a worker kept), the comparing of one item's text with every
document, which is the worker's, and both together. Nothing is read from a database, so these are
the figures of the search alone.

With `--database` it is the whole that a page waits for: `suggestion` is the panel of one item with
everything read from a database of so many members and of what they were asked to review, and
`roster` the reading of the members in it. These are of the processor, with PostgreSQL's share, and
each is read anew, as by a request of its own. Prints one JSON object, times in milliseconds.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from benchmarks.filling import settle
from benchmarks.filling_roster import fill_roster
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.matching.likeness import Document
from reviewhub.matching.panel import propose
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.rules import PanelRule
from reviewhub.matching.text import TextIndex
from reviewhub.migrations import upgrade
from reviewhub.reviews.candidates import roster_now
from reviewhub.reviews.operations.screening import preview
from reviewhub.reviews.texts import ItemText, packed
from reviewhub.roster.models import Membership
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests import databases

TODAY = date(2026, 7, 1)
TOPICS = [f"topic{number}" for number in range(23)]
WORDS, WORDS_EACH = 20_000, 60  # the vocabulary, and what an abstract has of it
ITEMS, WARM_UP = 100, 5
HOUSES = 900  # where members have their mail
CONFLICTED = 0.1  # of the members have declared a conflict


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    if asked.database:
        found: dict[str, Any] = {
            database: measure_whole(database, asked.members, asked.assignments)
            for database in asked.database.split(",")
        }
    else:
        found = measure(*(int(part) for part in asked.one_item.split("x")))
    print(json.dumps(found, indent=2))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.suggestion",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--one-item", default="5000x15", metavar="REVIEWERSxDOCUMENTS")
    parser.add_argument("--database", default="", help="sqlite, postgresql or both")
    parser.add_argument("--members", type=int, default=5_000, help="of the roster")
    parser.add_argument("--assignments", type=int, default=20_000, help="over five years")
    return parser


def measure_whole(database: str, members: int, assignments: int) -> dict[str, Any]:
    """The figures of a database with so many members, who were asked for so many reviews."""
    with (
        tempfile.TemporaryDirectory(prefix="rh-suggestion-") as folder,
        databases.of_kind(database, Path(folder)) as url,
    ):
        app = create_app(var=Path(folder), database_url=url, secret_key="k" * 40)
        with app.app_context():
            upgrade()
            load(hub_folder("migration"))
            fill_roster(members, assignments)
            items = _fill_further(Random(7))
            settle()
            try:
                return _figures(items)
            finally:
                db.session.remove()
                db.engine.dispose()


def _figures(items: Sequence[int]) -> dict[str, Any]:
    def suggest(number: int) -> None:
        db.session.remove()
        assert preview(db.session.get_one(Submission, items[number])).complete

    def read(_number: int) -> None:
        db.session.remove()
        roster_now()

    members = len(roster_now())
    db.session.remove()
    return {
        "askable_members": members,
        "suggestion": _times(suggest, _processor()),
        "roster": _times(read, _processor()),
    }


def _fill_further(chance: Random) -> Sequence[int]:
    """What a suggestion reads and the filled roster lacks: houses, themes, backgrounds, conflicts,
    and how alike the texts are. Returns the items to suggest somebody for."""
    hub = catalogue()
    themes = [term.code for term in hub.vocabulary(Vocabulary.THEMES)]
    countries = [term.code for term in hub.vocabulary(Vocabulary.COUNTRIES)]
    people = list(db.session.scalars(sa.select(Membership.person_id).order_by(Membership.id)))
    works = list(db.session.scalars(sa.select(Submission.id).order_by(Submission.id.desc())))
    items = list(islice(cycle(works), ITEMS + WARM_UP))
    connection = db.session.connection()
    connection.execute(
        sa.update(Person).where(Person.id == sa.bindparam("who")),
        [
            {"who": person, "email": f"member{person}@house{person % HOUSES}.example"}
            for person in people
        ],
    )
    connection.execute(
        sa.update(Membership).where(Membership.person_id == sa.bindparam("who")),
        [
            {
                "who": person,
                "themes": chance.sample(themes, 2),
                "backgrounds": chance.sample(["policy", "research", "practice", "law"], 1),
            }
            for person in people
        ],
    )
    db.session.add_all(
        DeclaredConflict(person_id=person, country=chance.choice(countries))
        for person in people
        if chance.random() < CONFLICTED
    )
    for item in set(items):
        ids, alike = packed(people, [chance.random() for _person in people])
        db.session.add(ItemText(submission_id=item, stamp="", people=ids, alike=alike))
    db.session.commit()
    return items


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


def _times(
    do: Callable[[int], None], cpu: Callable[[], float] = time.process_time
) -> dict[str, float]:
    taken = []
    for number in range(ITEMS + WARM_UP):
        started = cpu()
        do(number)
        if number >= WARM_UP:
            taken.append(1000 * (cpu() - started))
    cuts = statistics.quantiles(taken, n=20)
    return {"p50": round(statistics.median(taken), 1), "p95": round(cuts[18], 1)}


def _processor() -> Callable[[], float]:
    """Seconds of the processor so far, with those of this session's PostgreSQL process."""
    if db.engine.dialect.name != "postgresql":
        return time.process_time
    used = Path(f"/proc/{db.session.scalar(sa.text('SELECT pg_backend_pid()'))}/schedstat")
    return lambda: time.process_time() + int(used.read_text().split()[0]) / 1e9


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
