"""Alembic's way in: one history for SQLite and PostgreSQL."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from flask import current_app

from reviewhub.core.db import JSON, Model, UTCDateTime


def _render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types by name, so that a migration reads like the models."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        autogen.imports.add("from reviewhub.core.db import UTCDateTime")
        return "UTCDateTime()"
    if kind == "type" and thing is JSON:
        return "sa.JSON(none_as_null=True)"
    return False


def _run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        _migrate(connection)


def _migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
