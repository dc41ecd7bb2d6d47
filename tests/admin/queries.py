"""Counting the statements of a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from reviewhub.core.db import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SELECTs made inside, as they are sent; savepoints and writes are left out."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    engine = db.session.get_bind()
    target = engine.engine if isinstance(engine, sa.Connection) else engine
    sa.event.listen(target, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(target, "before_cursor_execute", note)
