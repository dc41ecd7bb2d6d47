"""Changing a CHECK constraint of a table that has rows, on SQLite and PostgreSQL alike.

SQLite can't alter a constraint. Building the table anew would let go of what refers to it, so its
text in the schema is changed instead, by the steps that SQLite documents for this case.
"""

import re

import sqlalchemy as sa
from alembic import op


def change_check(table: str, name: str, *, before: str, after: str) -> None:
    """Let the constraint `name` of `table` say `after` where it said `before`; both as SQL.

    Raises RuntimeError when the table doesn't say `before`.
    """
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(table, f"CHECK ({before})", f"CHECK ({after})")
        return
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, after)


def drop_check(table: str, name: str, *, said: str) -> None:
    """Take the constraint `name`, which says `said`, out of `table`.

    Raises RuntimeError when the table doesn't have it.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        return
    found = re.search(rf",?\s*CONSTRAINT {name} CHECK \({re.escape(said)}\)", _text_of(table))
    _rewrite(table, found.group() if found else f"CHECK ({said})", "")


def _text_of(table: str) -> str:
    found = op.get_bind().scalar(
        sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :table"),
        {"table": table},
    )
    return found or ""


def _rewrite(table: str, before: str, after: str) -> None:
    connection = op.get_bind()
    said = _text_of(table)
    if said.count(before) != 1:
        raise RuntimeError(f"The table {table} does not have the constraint {before}.")
    version = int(connection.exec_driver_sql("PRAGMA schema_version").scalar_one())
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :table"),
        {"sql": said.replace(before, after), "table": table},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
