"""The one database handle, the base class of every model, and the column types they share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase

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

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Units of work inside only read: on SQLite they begin without taking the write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def begin_reading(only_reads: bool) -> None:
    """Say, for the present context (one web request), whether its unit of work only reads."""
    _reading.set(only_reads)


def configure_engine(engine: Engine) -> None:
    """Make SQLite behave: WAL, foreign keys, and the write lock taken when a writer begins.

    A deferred transaction that reads first and writes later fails at once with "database is
    locked" when another one wrote in between; BEGIN IMMEDIATE waits its turn instead.
    """
    if engine.dialect.name != "sqlite":
        return

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
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


def among(kind: Any, number: Any, pairs: Iterable[tuple[str, int]]) -> sa.ColumnElement[bool]:
    """Whether the columns hold one of these pairs of type and id, in a form that an index answers.

    A list of pairs as such makes SQLite read the whole table.
    """
    by_kind: dict[str, list[int]] = {}
    for name, id in pairs:
        by_kind.setdefault(name, []).append(id)
    either = (sa.and_(kind == name, number.in_(ids)) for name, ids in by_kind.items())
    return sa.or_(sa.false(), *either)


def in_savepoint() -> Any:
    """A nested unit of work: what fails inside is undone without losing what came before."""
    return db.session.begin_nested()
