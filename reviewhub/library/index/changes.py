"""The index's version, and what each version changed: how a process learns what it has missed."""

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from reviewhub.core.db import Model, db
from reviewhub.library.analyser import VERSION
from reviewhub.library.models import SearchChange, SearchVersion

KEPT = 5_000  # changes; a process that has missed more reads everything anew
_SWEEP = 500
_NO_RESOURCE = 0
_OPEN = "search.changes"  # on a connection: the stamps that its transaction has made
# Stamps of transactions that were undone; a process that has believed one must read anew.
undone: deque[str] = deque(maxlen=1_000)

_ROW = Model.metadata.tables[SearchVersion.__tablename__].c
_CURRENT = sa.select(_ROW.version, _ROW.stamp, _ROW.analyser)


@dataclass(frozen=True)
class State:
    """Where the index stands, as this session sees it."""

    version: int
    stamp: str
    analyser: str = VERSION


def current() -> State:
    """The state as this session sees it: one small query."""
    return State(*db.session.connection().execute(_CURRENT).one())


def note(resource_id: int) -> None:
    """Move the version on for a change of this resource.

    Until the transaction ends, every other one that changes the index waits here, so the order of
    the changes is the order of the commits.
    """
    stamp = secrets.token_hex(8)
    version = _move_on(stamp)
    db.session.execute(
        sa.insert(SearchChange).values(version=version, stamp=stamp, resource_id=resource_id)
    )
    if version % _SWEEP == 0:
        db.session.execute(sa.delete(SearchChange).where(SearchChange.version <= version - KEPT))


def begin_anew() -> None:
    """Move the version on so that every process reads everything again."""
    stamp = secrets.token_hex(8)
    version = _move_on(stamp, analyser=VERSION)
    db.session.execute(sa.delete(SearchChange))
    db.session.execute(
        sa.insert(SearchChange).values(version=version, stamp=stamp, resource_id=_NO_RESOURCE)
    )


def claim() -> None:
    """Say that this analyser filed what is there: nothing yet."""
    db.session.execute(sa.update(SearchVersion).values(analyser=VERSION))


def since(known: State) -> list[tuple[int, str, int]] | None:
    """The changes after a known state, oldest first, as (version, stamp, resource).

    None where they can't be told: that state was undone, or is too old.
    """
    rows = [
        (version, stamp, resource_id)
        for version, stamp, resource_id in db.session.execute(
            sa.select(SearchChange.version, SearchChange.stamp, SearchChange.resource_id)
            .where(SearchChange.version >= known.version)
            .order_by(SearchChange.version)
        )
    ]
    if rows and rows[0][:2] == (known.version, known.stamp):
        return rows[1:]
    return None


def _move_on(stamp: str, **further: str) -> int:
    statement = (
        sa.update(SearchVersion)
        .values(version=SearchVersion.version + 1, stamp=stamp, **further)
        .returning(SearchVersion.version)
    )
    version = db.session.execute(statement).scalar_one()
    db.session.connection().info.setdefault(_OPEN, []).append(stamp)
    return version


@event.listens_for(Engine, "commit")
def _committed(connection: sa.Connection) -> None:
    connection.info.pop(_OPEN, None)


@event.listens_for(Engine, "rollback")
def _rolled_back(connection: sa.Connection) -> None:
    undone.extend(connection.info.pop(_OPEN, ()))


@event.listens_for(Engine, "rollback_savepoint")
def _rolled_back_in_part(connection: sa.Connection, _name: str, _context: Any) -> None:
    undone.extend(connection.info.get(_OPEN, ()))  # perhaps not all of them: it costs a reading
