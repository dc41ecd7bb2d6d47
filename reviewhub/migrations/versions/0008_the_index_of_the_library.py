"""The library's index: postings, their version, and what each version changed.

Revision ID: 0008
Revises: 0007
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_postings",
        sa.Column(
            "term",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("chunk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("term", "chunk", name=op.f("pk_search_postings")),
        sqlite_with_rowid=False,
    )
    version = op.create_table(
        "search_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=16), nullable=False),
        sa.Column("analyser", sa.String(length=16), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_search_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_version")),
    )
    op.create_table(
        "search_changes",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.String(length=16), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_search_changes")),
    )
    # What is published already is filed by `reviewhub search rebuild`.
    op.bulk_insert(
        version, [{"id": 1, "version": 0, "stamp": secrets.token_hex(8), "analyser": ""}]
    )


def downgrade() -> None:
    op.drop_table("search_changes")
    op.drop_table("search_version")
    op.drop_table("search_postings")
