"""Invitations to the roster, and people who were merged, want to be erased, or have been.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime
from reviewhub.migrations.checks import change_check

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LINKS_BEFORE = "capability IN ('submission', 'assignment', 'application', 'account', 'mail')"
LINKS_AFTER = (
    "capability IN ('submission', 'assignment', 'application', 'account', 'mail', 'invitation')"
)
MERGED = "merged_into_id IS NULL OR (password_hash IS NULL AND suspended_at IS NOT NULL)"
ERASED = "erased_at IS NULL OR (password_hash IS NULL AND suspended_at IS NOT NULL)"
PLANNED = sa.text("erase_at IS NOT NULL")


def upgrade() -> None:
    change_check("links", "ck_links_capability", before=LINKS_BEFORE, after=LINKS_AFTER)
    op.create_table(
        "roster_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", UTCDateTime(), nullable=False),
        sa.Column("lapses_at", UTCDateTime(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("declined_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "lapses_at > invited_at", name=op.f("ck_roster_invitations_time_to_answer")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["people.id"], name=op.f(f"fk_roster_invitations_{column}_people")
            )
            for column in ("person_id", "invited_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_invitations")),
        sa.UniqueConstraint("person_id", name="uq_roster_invitations_one_each"),
    )
    op.create_index(
        op.f("ix_roster_invitations_invited_by_id"), "roster_invitations", ["invited_by_id"]
    )
    op.create_index("ix_roster_invitations_lapses", "roster_invitations", ["lapses_at", "id"])
    _people()


def _people() -> None:
    """Each column with its rules in one statement, which SQLite takes for a table with rows."""
    moment = sa.DateTime(timezone=True).compile(dialect=op.get_bind().dialect)
    op.execute(
        "ALTER TABLE people ADD COLUMN merged_into_id INTEGER"
        " CONSTRAINT fk_people_merged_into_id_people REFERENCES people (id)"
        f" CONSTRAINT ck_people_merged_is_closed CHECK ({MERGED})"
    )
    op.execute(f"ALTER TABLE people ADD COLUMN erase_at {moment}")
    op.execute(
        f"ALTER TABLE people ADD COLUMN erased_at {moment}"
        f" CONSTRAINT ck_people_erased_is_closed CHECK ({ERASED})"
    )
    op.create_index(op.f("ix_people_merged_into_id"), "people", ["merged_into_id"])
    op.create_index(
        "ix_people_erase",
        "people",
        ["erase_at", "id"],
        sqlite_where=PLANNED,
        postgresql_where=PLANNED,
    )


def downgrade() -> None:
    op.drop_index("ix_people_erase", table_name="people")
    op.drop_index(op.f("ix_people_merged_into_id"), table_name="people")
    for column in ("erased_at", "erase_at", "merged_into_id"):
        op.drop_column("people", column)
    op.execute("DELETE FROM links WHERE capability = 'invitation'")
    op.drop_table("roster_invitations")
    change_check("links", "ck_links_capability", before=LINKS_AFTER, after=LINKS_BEFORE)
