"""Moments keep their zone, enums are held by the database, and SQLite waits its turn."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session, scoped_session

from reviewhub.core.db import (
    JSON,
    UTCDateTime,
    among,
    begin_reading,
    configure_engine,
    enum_type,
    in_savepoint,
    is_any_of,
    numbers,
    one_of,
    reading,
)

METADATA = sa.MetaData()


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


PAINT = sa.Table(
    "paint",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UTCDateTime()),
    sa.Column("colour", enum_type(Colour)),
    sa.Column("data", JSON),
    sa.Column("number", sa.Integer, default=0),
)


@pytest.fixture
def paint(db: scoped_session[Session]) -> Iterator[sa.Connection]:
    """A table of its own on the database of the test run."""
    connection = db.connection()
    METADATA.create_all(connection)
    yield connection
    METADATA.drop_all(connection)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file the way the application opens it."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'paint.db'}")
    configure_engine(engine)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(PAINT.insert().values(id=1, number=0))
    yield engine
    engine.dispose()


def test_a_moment_without_a_zone_is_refused(paint: sa.Connection) -> None:
    with pytest.raises(StatementError, match="without a time zone"), paint.begin_nested():
        paint.execute(PAINT.insert().values(at=datetime(2026, 3, 2, 9)))  # noqa: DTZ001


def test_a_moment_comes_back_in_utc_to_the_microsecond(paint: sa.Connection) -> None:
    moment = datetime(
        2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45))
    )
    paint.execute(PAINT.insert().values(at=moment))
    found = paint.scalar(sa.select(PAINT.c.at))
    assert found == moment
    assert found.tzinfo is UTC
    assert paint.scalar(sa.select(PAINT.c.id).where(PAINT.c.at == moment)) is not None


def test_no_moment_stays_none(paint: sa.Connection) -> None:
    paint.execute(PAINT.insert().values(at=None))
    assert paint.scalar(sa.select(PAINT.c.at)) is None


def test_an_enum_is_stored_as_its_value_and_read_as_its_member(paint: sa.Connection) -> None:
    paint.execute(PAINT.insert().values(colour=Colour.RED))
    assert paint.scalar(sa.text("SELECT colour FROM paint")) == "red"
    assert paint.scalar(sa.select(PAINT.c.colour)) is Colour.RED


def test_the_database_refuses_a_value_outside_the_enum(paint: sa.Connection) -> None:
    with pytest.raises(IntegrityError, match="colour"), paint.begin_nested():
        paint.execute(sa.text("INSERT INTO paint (colour) VALUES ('green')"))


def test_no_json_is_null_in_the_database(paint: sa.Connection) -> None:
    paint.execute(PAINT.insert().values(data=None))
    assert paint.scalar(sa.text("SELECT count(*) FROM paint WHERE data IS NULL")) == 1


def test_a_savepoint_undoes_only_what_came_after_it(db: scoped_session[Session]) -> None:
    METADATA.create_all(db.connection())
    db.execute(PAINT.insert().values(id=7))
    with pytest.raises(IntegrityError), in_savepoint():
        _add_eight_and_another_seven(db)
    assert list(db.scalars(sa.select(PAINT.c.id))) == [7]
    METADATA.drop_all(db.connection())


def _add_eight_and_another_seven(db: scoped_session[Session]) -> None:
    db.execute(PAINT.insert().values(id=8))
    db.execute(PAINT.insert().values(id=7))


def test_sqlite_keeps_its_foreign_keys_and_writes_ahead(engine: Engine) -> None:
    with engine.connect() as connection:
        for pragma, value in {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


@pytest.mark.lasting
def test_two_that_read_and_then_write_never_fail_and_lose_nothing(engine: Engine) -> None:
    def count_up() -> None:
        for _ in range(200):
            with engine.begin() as connection:
                number = connection.scalar(sa.select(PAINT.c.number))
                connection.execute(PAINT.update().values(number=number + 1))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(count_up) for _ in range(2)]:
            done.result()
    with engine.connect() as connection:
        assert connection.scalar(sa.select(PAINT.c.number)) == 400


def test_one_that_only_reads_does_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(PAINT.update().values(number=5))
        began = time.monotonic()
        with reading(), engine.connect() as reader:
            assert reader.scalar(sa.select(PAINT.c.number)) == 0
        assert time.monotonic() - began < 0.5


def test_reading_is_said_for_one_thread_and_ends_with_its_block(engine: Engine) -> None:
    begin_reading(False)
    took_the_lock: list[bool] = []

    def take() -> None:
        took_the_lock.append(_takes_the_write_lock(engine))

    with reading():
        assert not _takes_the_write_lock(engine)
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
    assert took_the_lock == [True]
    assert _takes_the_write_lock(engine)
    begin_reading(True)
    assert not _takes_the_write_lock(engine)
    begin_reading(False)
    assert _takes_the_write_lock(engine)


def test_among_finds_these_pairs_and_no_others_by_an_index() -> None:
    kinds = sa.Table(
        "kinds", sa.MetaData(), sa.Column("kind", sa.Text), sa.Column("row", sa.Integer)
    )
    sa.Index("ix_kinds", kinds.c.kind, kinds.c.row)
    pairs = [("lamp", 1), ("door", 2)]
    wanted = numbers({"lamp": [1], "door": [2]})
    chosen = sa.select(kinds.c.kind, kinds.c.row).where(
        among(kinds.c.kind, kinds.c.row, ("lamp", "door"))
    )
    none = sa.select(kinds).where(among(kinds.c.kind, kinds.c.row, ()))
    with sa.create_engine("sqlite://").connect() as connection:
        kinds.create(connection)
        rows = [*pairs, ("lamp", 2), ("door", 1)]
        connection.execute(sa.insert(kinds), [{"kind": kind, "row": row} for kind, row in rows])
        assert {tuple(row) for row in connection.execute(chosen, wanted)} == set(pairs)
        assert connection.execute(none).all() == []
        text = str(
            chosen.params(wanted).compile(connection, compile_kwargs={"literal_binds": True})
        )
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
    steps = [step.detail for step in plan if "kinds" in step.detail]
    assert steps
    assert all("(kind=? AND row=?)" in step for step in steps), plan


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_one_of_is_a_condition_and_no_value_to_compare(dialect: sa.Dialect) -> None:
    both = sa.select(PAINT.c.id).where(one_of(PAINT.c.id, "ids"), one_of(PAINT.c.number, "numbers"))
    text = str(both.compile(dialect=dialect))
    assert " AND " in text
    assert "= 1" not in text


def test_any_of_a_few_values_needs_no_list() -> None:
    some = sa.select(PAINT.c.id).where(is_any_of(PAINT.c.colour, list(Colour)))
    none = sa.select(PAINT.c.id).where(is_any_of(PAINT.c.colour, ()))
    assert "POSTCOMPILE" not in str(some)
    with sa.create_engine("sqlite://").connect() as connection:
        METADATA.create_all(connection)
        connection.execute(
            sa.insert(PAINT), [{"id": n, "colour": c} for n, c in enumerate([*Colour, None])]
        )
        assert connection.scalars(some).all() == [0, 1]
        assert connection.scalars(none).all() == []


def _takes_the_write_lock(engine: Engine) -> bool:
    """Whether a unit of work that has only read keeps another one from writing."""
    with engine.connect() as connection:
        connection.execute(sa.select(PAINT.c.number)).all()
        other = engine.raw_connection()
        try:
            other.cursor().execute("PRAGMA busy_timeout=1")
            other.cursor().execute("BEGIN IMMEDIATE")
            other.cursor().execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        finally:
            other.cursor().execute("PRAGMA busy_timeout=10000")
            other.close()
    return False
