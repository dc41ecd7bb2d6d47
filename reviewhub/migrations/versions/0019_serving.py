"""Absences in any number, asking to return, what somebody was asked of, and late conflicts.

Revision ID: 0019
Revises: 0018
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime
from reviewhub.migrations.checks import drop_check

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PAUSE_FORWARD = "paused_from IS NULL OR paused_to IS NULL OR paused_from <= paused_to"
CHANGED = sa.text("affiliation_changed_at IS NOT NULL")


def upgrade() -> None:
    _absences()
    drop_check("roster_memberships", "ck_roster_memberships_pause_forward", said=PAUSE_FORWARD)
    op.drop_column("roster_memberships", "paused_from")
    op.drop_column("roster_memberships", "paused_to")
    _add(
        "roster_memberships", "return_asked_at", _moment(),
        ended_asks="return_asked_at IS NULL OR state = 'ended'",
    )  # fmt: skip
    _add("assignments", "asked_of", "INTEGER", asked_of_sensible="asked_of >= 1")
    _add("assignments", "conflict_found_at", _moment())
    _add("assignments", "conflict_kept_at", _moment())
    _add(
        "assignments", "conflict_found", "VARCHAR(40) DEFAULT '' NOT NULL",
        conflict_has_date="(conflict_found = '') = (conflict_found_at IS NULL)",
        kept_has_conflict="conflict_kept_at IS NULL OR conflict_found <> ''",
    )  # fmt: skip
    op.add_column("people", sa.Column("affiliation_changed_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_people_affiliation_changed",
        "people",
        ["affiliation_changed_at", "id"],
        sqlite_where=CHANGED,
        postgresql_where=CHANGED,
    )


def _absences() -> None:
    op.create_table(
        "roster_absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("stated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "last_day IS NULL OR first_day <= last_day", name=op.f("ck_roster_absences_forward")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["roster_memberships.id"],
            name=op.f("fk_roster_absences_membership_id_roster_memberships"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_absences")),
        sa.UniqueConstraint("membership_id", "first_day", name="uq_roster_absences_first_day"),
    )
    now = datetime.now(UTC)
    rows = op.get_bind().execute(
        sa.text(
            "SELECT id, paused_from, paused_to FROM roster_memberships WHERE state <> 'ended'"
            " AND (state = 'paused' OR paused_from IS NOT NULL OR paused_to IS NOT NULL)"
        ).columns(id=sa.Integer, paused_from=sa.Date, paused_to=sa.Date)
    )
    stated = [
        {
            "membership_id": row.id,
            "first_day": row.paused_from or min(now.date(), row.paused_to or now.date()),
            "last_day": row.paused_to,
            "stated_at": now,
        }
        for row in rows
    ]
    absences = sa.table(
        "roster_absences",
        sa.column("membership_id", sa.Integer),
        sa.column("first_day", sa.Date),
        sa.column("last_day", sa.Date),
        sa.column("stated_at", UTCDateTime()),
    )
    if stated:
        op.bulk_insert(absences, stated)


def _add(table: str, column: str, kind: str, **checks: str) -> None:
    """A column with its rules in one statement, which SQLite takes for a table with rows."""
    rules = "".join(
        f" CONSTRAINT ck_{table}_{name} CHECK ({says})" for name, says in checks.items()
    )
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}{rules}")


def _moment() -> str:
    return sa.DateTime(timezone=True).compile(dialect=op.get_bind().dialect)


def downgrade() -> None:
    op.drop_index("ix_people_affiliation_changed", table_name="people")
    op.drop_column("people", "affiliation_changed_at")
    for column in ("conflict_found", "conflict_kept_at", "conflict_found_at", "asked_of"):
        op.drop_column("assignments", column)
    op.drop_column("roster_memberships", "return_asked_at")
    op.add_column("roster_memberships", sa.Column("paused_from", sa.Date(), nullable=True))
    _add("roster_memberships", "paused_to", "DATE", pause_forward=PAUSE_FORWARD)
    _first_absences_become_pauses()
    op.drop_table("roster_absences")


def _first_absences_become_pauses() -> None:
    """Of each member the first period that is not over; there is room for one."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT membership_id, first_day, last_day FROM roster_absences"
            " WHERE last_day IS NULL OR last_day >= :today ORDER BY first_day DESC"
        ).columns(first_day=sa.Date, last_day=sa.Date),
        {"today": datetime.now(UTC).date()},
    ).all()
    pauses = [{"id": row[0], "first": row[1], "last": row[2]} for row in rows]
    if pauses:
        connection.execute(
            sa.text(
                "UPDATE roster_memberships SET paused_from = :first, paused_to = :last"
                " WHERE id = :id"
            ).bindparams(sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)),
            pauses,
        )
