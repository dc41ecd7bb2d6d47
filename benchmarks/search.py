"""Searching the library with many resources in it: how much work, how much memory, how fresh.

    python -m benchmarks.search --items 10000,100000 --database sqlite,postgresql

For each number of resources: the processor's time for a whole search (words, filters, the counts
beside every value, the first twenty rows), PostgreSQL's share included; the time of a publication
with its commit; what a process keeps in memory; and how many of its readings missed what another
process had published before they began. Prints one JSON object.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from benchmarks import filling
from reviewhub.app import create_app
from reviewhub.core.db import db, reading
from reviewhub.library.facets import FACETS
from reviewhub.library.index.loading import forget, up_to_date
from reviewhub.library.query import Query
from reviewhub.library.search import engine
from reviewhub.migrations import upgrade
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests import databases
from tests.library.index.process import Process
from tests.library.shelf import put

QUERIES, WARM_UP = 400, 20
PUBLICATIONS = 200
READERS, READINGS = 2, 5  # of each reader after each publication


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    found = {
        database: {str(items): measure(database, items) for items in asked.items}
        for database in asked.database
    }
    print(json.dumps(found, indent=2))
    return 0


def measure(database: str, items: int) -> dict[str, Any]:
    """The figures for so many resources."""
    with (
        tempfile.TemporaryDirectory(prefix="rh-search-") as folder,
        _empty(database, Path(folder)) as url,
    ):
        app = create_app(var=Path(folder), database_url=url, secret_key="k" * 40, testing=True)
        with app.app_context():
            upgrade()
            load(hub_folder("migration"))
            db.session.commit()
            begun = time.process_time()
            filling.fill_library(items)
            filled = time.process_time() - begun
            try:
                return {"fill_cpu_s": round(filled, 1), **_figures(url, Path(folder))}
            finally:
                db.session.remove()
                db.engine.dispose()


def _figures(url: str, folder: Path) -> dict[str, Any]:
    with up_to_date() as memory:
        size = memory.size()
    db.session.rollback()
    reading_ = _reading()
    publications, stale, readings = _freshness(url, folder)
    return {
        "loading_cpu_ms": round(_once(_load)),
        "search_cpu_ms": reading_,
        "publish_ms": _spread(publications),
        "memory_mb": {name: round(number / 1e6, 2) for name, number in size.items()},
        "stale": stale,
        "readings": readings,
    }


def _reading() -> dict[str, float]:
    chance = Random(11)
    asked = [_query(chance) for _ in range(QUERIES)]
    for query in asked[:WARM_UP]:
        _search(query)
    cpu = _processor()
    return _spread([_once(partial(_search, query), cpu) for query in asked])


def _search(query: Query) -> None:
    with reading():
        engine.search(query)
        db.session.rollback()


def _load() -> None:
    forget()
    with up_to_date():
        pass
    db.session.rollback()


def _query(chance: Random) -> Query:
    """One or two words, and values of one to three facets."""
    hub = catalogue()
    words = chance.choices(filling.WORDS, cum_weights=filling.WEIGHTS, k=chance.choice((1, 1, 2)))
    facets = chance.sample(FACETS, chance.choice((1, 2, 3)))
    chosen = {
        facet.name: tuple(chance.sample(facet.values(hub), chance.choice((1, 1, 2))))
        for facet in facets
    }
    db.session.rollback()
    return Query(text=" ".join(words), chosen=MappingProxyType(chosen))


def _freshness(url: str, folder: Path) -> tuple[list[float], int, int]:
    """How long each publication took, and how often a reader did not see it."""
    readers = [Process(url, folder) for _ in range(READERS)]
    for reader in readers:
        reader.ask("search", "")
    took, stale, readings = [], 0, 0
    for number in range(PUBLICATIONS):
        title = f"Zymurgy {number:05d}"
        begun = time.perf_counter()
        put(title, description=" ".join(filling.WORDS[number : number + 40]))
        db.session.commit()
        took.append((time.perf_counter() - begun) * 1000)
        for _ in range(READINGS):
            for reader in readers:
                reader.tell("search", title)
            stale += sum(title not in reader.answer() for reader in readers)
            readings += len(readers)
    for reader in readers:
        reader.end()
    return took, stale, readings


def _processor() -> Callable[[], float]:
    """Seconds of the processor, with those of this session's PostgreSQL process."""
    if db.engine.dialect.name != "postgresql":
        return time.thread_time
    pid = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
    db.session.rollback()
    used = Path(f"/proc/{pid}/schedstat")
    if not used.exists() or not os.access(used, os.R_OK):
        return time.thread_time
    return lambda: time.thread_time() + int(used.read_text().split()[0]) / 1e9


def _once(what: Callable[[], None], cpu: Callable[[], float] = time.thread_time) -> float:
    begun = cpu()
    what()
    return (cpu() - begun) * 1000


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--items", type=_numbers, default=[10_000], help="numbers of resources")
    parser.add_argument("--database", type=_names, default=["sqlite"], help="on which")
    parser.add_argument("--json", action="store_true", default=True, help="print JSON; always so")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    return text.split(",")


@contextmanager
def _empty(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'search.db'}"
        return
    with databases.postgresql() as url:
        yield url


if __name__ == "__main__":
    sys.exit(main())
