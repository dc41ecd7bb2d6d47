"""The one database handle, the base class of every model, and the column types they share."""

import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment in UTC, on SQLite too, which stores none of its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; convert the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give the moment its zone back: in one step, for a list reads a hundred of them."""
        if dialect.name == "sqlite":
            return _moment_of_text
        return _moment_in_utc


def _moment_of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _moment_in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


JSON = sa.JSON(none_as_null=True)


def enum_type(states: type[StrEnum]) -> sa.Enum:
    """A text column that a CHECK holds to the enum's values."""
    return sa.Enum(
        states,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=_snake(states.__name__),
        values_callable=lambda members: [member.value for member in members],
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Model(DeclarativeBase):
    """Base of every table."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON}


# Flask-SQLAlchemy serves the session and the engine only; models derive from `Model` above.
db = SQLAlchemy(metadata=Model.metadata)

PING_AFTER_S = 1.0  # a connection that rested longer may have been closed meanwhile

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Units of work inside only read: they begin without a write lock (SQLite) or at all."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def begin_reading(only_reads: bool) -> None:
    """Say, for the present context (one web request), whether its unit of work only reads."""
    _reading.set(only_reads)


def configure_engine(engine: Engine) -> None:
    """Make each database begin a unit of work as cheaply as what it does allows."""
    if engine.dialect.name == "sqlite":
        _configure_sqlite(engine)
    else:
        _configure_server(engine)


def _configure_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, and the write lock taken when a writer begins.

    A deferred transaction that reads first and writes later fails at once with "database is
    locked" when another one wrote in between; BEGIN IMMEDIATE waits its turn instead.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if _reading.get():  # waits for nobody and can't fail: so by the shortest way
            connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _configure_server(engine: Engine) -> None:
    """No BEGIN and ROLLBACK around what only reads, and a ping only after a rest.

    In READ COMMITTED each statement sees its own moment, inside a transaction or not; so reading
    without one gives the same answers and spares two ways to the server and back.
    """

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if "isolation_level" not in connection.get_execution_options():
            driven: Any = connection.connection.driver_connection
            if driven.autocommit is not _reading.get():
                driven.autocommit = _reading.get()

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["left_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("left_at", math.inf) < PING_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            raise sa.exc.DisconnectionError("the server has closed this connection") from error


class Ids(sa.types.TypeDecorator[list[int]]):
    """Integers as one parameter: an array, or on SQLite a list in JSON."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """An array where the database has them."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.ARRAY(sa.Integer))

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> Any:
        """The list as this database takes it."""
        ids = list(value or ())
        return json.dumps(ids) if dialect.name == "sqlite" else ids


class one_of(FunctionElement[bool]):  # noqa: N801 -- written like the functions of sqlalchemy
    """Whether a column is one of the integers that a parameter of this name gives.

    One statement for any number of them: with IN and as many placeholders as there are integers,
    each number of them is a statement of its own, to be written out, read and planned.
    """

    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, column: Any, parameter: str) -> None:
        super().__init__(column, sa.bindparam(parameter, type_=Ids()))

    def self_group(self, against: Any = None) -> Any:
        """Itself, beside AND and OR too: it is a condition, and not a value to be compared with 1.

        SQLite, which has no booleans, would be asked for `… IN (…) = 1`, and no index answers that.
        """
        return self


@compiles(one_of)
def _one_of_an_array(element: one_of, compiler: SQLCompiler, **how: Any) -> str:
    column, given = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY ({given})"


@compiles(one_of, "sqlite")
def _one_of_a_list(element: one_of, compiler: SQLCompiler, **how: Any) -> str:
    column, given = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 -- names and marks


def is_any_of(column: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Whether a column has one of these few values, which are the same each time.

    With IN, whose list might have any length, the text of the statement is made anew each time.
    """
    return sa.or_(sa.false(), *(column == value for value in values))


@cache
def among(kind: Any, number: Any, names: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """Whether the columns hold a type of `names` and an id that `numbers` gives for it.

    In a form that an index answers: a list of pairs makes SQLite read the whole table.
    """
    either = (sa.and_(kind == name, one_of(number, f"of_{name}")) for name in names)
    return sa.or_(sa.false(), *either)


def numbers(ids: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """What a statement with `among` is sent with: the ids of each type."""
    return {f"of_{name}": list(numbers) for name, numbers in ids.items()}


def insert_into(model: type[Model]) -> Any:
    """An INSERT that can say what becomes of a conflict, in the words of the present database."""
    return import_module(db.session.get_bind().dialect.__module__.rpartition(".")[0]).insert(model)


M = TypeVar("M", bound=Model)


def locked(model: type[M], id: int) -> M:
    """The row, locked until the transaction ends, with its present values.

    The lock is a statement of its own. In one statement with an eagerly joined row, PostgreSQL
    finds nothing at all if that row changed while it waited for the lock.
    Raises NoResultFound when there is no such row.
    """
    key = model.__mapper__.primary_key[0]
    db.session.execute(sa.select(key).where(key == id).with_for_update())
    return db.session.execute(
        sa.select(model).where(key == id).execution_options(populate_existing=True)
    ).scalar_one()


def in_savepoint() -> Any:
    """A nested unit of work: what fails inside is undone without losing what came before."""
    return db.session.begin_nested()
