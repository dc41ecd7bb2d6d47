"""Every process sees what every other one has published, at once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.app import create_app
from reviewhub.core.db import db as _db
from reviewhub.library import operations
from reviewhub.library.index import changes, loading
from reviewhub.library.index.loading import OtherAnalyser
from reviewhub.library.index.verifying import verify
from reviewhub.library.models import SearchChange, SearchVersion
from reviewhub.library.query import Query
from reviewhub.library.search import engine
from reviewhub.migrations import upgrade
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load
from tests import databases
from tests.constraints import refused_by
from tests.library.index.process import Process
from tests.library.shelf import SYSTEM, put

Begin = Callable[[], Process]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins processes on a database of their own."""
    begun: list[Process] = []
    with databases.fresh(tmp_path) as url:
        app = create_app(var=tmp_path, database_url=url, secret_key="k" * 40, testing=True)
        with app.app_context():
            upgrade()
            load(hub_folder("migration"))
            _db.session.commit()

            def _begin() -> Process:
                begun.append(Process(url, tmp_path))
                return begun[-1]

            yield _begin
            for process in begun:
                process.end()
            _db.session.remove()
            _db.engine.dispose()


@pytest.mark.slow
def test_what_one_process_publishes_every_other_one_finds_at_once(begin: Begin) -> None:
    processes = [begin(), begin()]
    stale = 0
    for number in range(40):
        title = f"Study number {number}"
        processes[number % 2].ask("publish", [title])
        for process in processes:
            stale += title not in process.ask("search", f"study {number}")
    assert stale == 0
    assert verify() == []


@pytest.mark.slow
def test_publications_at_the_same_time_stand_in_one_line(begin: Begin) -> None:
    """Only publications happen, so a process at version n must show n resources, at any moment."""
    writers, reader = [begin(), begin()], begin()
    for place, writer in enumerate(writers):
        writer.tell("publish", [f"Study {place} {number}" for number in range(25)])
    seen = []
    while sum(len(one) for one in seen) < 2_000 and (not seen or seen[-1][-1][0] < 50):
        seen.append(reader.ask("look", 20))
    assert [writer.answer() for writer in writers] == [25, 25]
    states = [tuple(pair) for one in seen for pair in one]
    assert all(version == shown for version, shown in states)
    assert states == sorted(states)
    assert verify() == []
    versions = _db.session.scalars(sa.select(SearchChange.version).order_by(SearchChange.version))
    assert list(versions) == list(range(1, 51))


def test_what_was_rolled_back_is_forgotten(db: Any, clock: Any) -> None:
    put("Kept study")
    db.commit()
    nested = db.begin_nested()
    put("Undone study")
    assert engine.search(Query(text="study")).total == 2
    nested.rollback()
    assert engine.search(Query(text="study")).total == 1
    put("Another study")  # with the version number of the one that was undone
    titles = [row.title for row in engine.search(Query(text="study")).resources]
    assert titles == ["Another study", "Kept study"]


def test_a_process_that_has_missed_a_lot_reads_everything_anew(
    db: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_MISSED", 2)
    for number in range(3):
        put(f"Study {number}")
    engine.search(Query())
    memory = loading._kept.memory
    for number in range(3):
        put(f"Paper {number}")
    assert engine.search(Query()).total == 6
    assert loading._kept.memory is not memory
    put("One more")
    memory = loading._kept.memory
    assert engine.search(Query()).total == 7
    assert loading._kept.memory is memory


def test_old_changes_are_swept_away(db: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_SWEEP", 2)
    monkeypatch.setattr(changes, "KEPT", 3)
    resource = put("A study")
    engine.search(Query())
    for number in range(9):
        operations.correct(resource, by=SYSTEM, changes={"title": f"Study {number}"}, note="")
    assert db.scalar(sa.select(sa.func.count()).select_from(SearchChange)) <= 5
    assert [row.title for row in engine.search(Query(text="study")).resources] == ["Study 8"]


def test_an_index_of_another_analyser_is_refused_with_the_way_out(db: Any, clock: Any) -> None:
    resource = put("A study")
    db.execute(sa.update(SearchVersion).values(analyser="0", stamp="other"))
    for refused in (
        lambda: engine.search(Query(text="study")),
        lambda: put("Another"),
        lambda: operations.archive(resource, by=SYSTEM, note=""),
    ):
        nested = db.begin_nested()
        with pytest.raises(OtherAnalyser, match="reviewhub search rebuild") as error:
            refused()
        nested.rollback()
        assert error.value.status == 503
    assert verify() == ["the index was made by another version of this hub"]
    engine.rebuild()
    assert [row.title for row in engine.search(Query(text="study")).resources] == ["A study"]


def test_there_is_one_version(db: Any) -> None:
    with refused_by(db, "ck_search_version_one_row"):
        db.add(SearchVersion(id=2, version=1, stamp="", analyser=""))
