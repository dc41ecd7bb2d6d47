"""Receipts and certificates, what members have published, and more of what they say of themselves.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "roster_memberships",
        sa.Column("languages_written", sa.JSON(none_as_null=True), server_default="[]",
                  nullable=False),
    )
    op.add_column(
        "roster_memberships",
        sa.Column("sector", sa.String(40), server_default="", nullable=False),
    )
    op.add_column(
        "roster_memberships",
        sa.Column("orcid", sa.String(19), server_default="", nullable=False),
    )
    _publications()
    _receipts()


def _publications() -> None:
    op.create_table(
        "roster_publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("authors", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("venue", sa.String(300), nullable=False),
        sa.Column("doi", sa.String(200), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(title) >= 3", name=op.f("ck_roster_publications_title_given")),
        sa.CheckConstraint(
            "year IS NULL OR year BETWEEN 1800 AND 2200",
            name=op.f("ck_roster_publications_year_sensible"),
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["roster_memberships.id"],
            name=op.f("fk_roster_publications_membership_id_roster_memberships"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_publications")),
        sa.UniqueConstraint("membership_id", "key", name="uq_roster_publications_once"),
    )
    op.create_index(
        op.f("ix_roster_publications_membership_id"), "roster_publications", ["membership_id"]
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(assignment_id IS NULL) <> (year IS NULL)", name=op.f("ck_receipts_one_kind")
        ),
        sa.CheckConstraint(
            "(assignment_id IS NULL) = (completed_on IS NULL)",
            name=op.f("ck_receipts_review_has_day"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_receipts_assignment_id_assignments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_receipts_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("assignment_id", name="uq_receipts_review"),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
        sa.UniqueConstraint("person_id", "year", name="uq_receipts_year"),
    )
    op.create_index(op.f("ix_receipts_person_id"), "receipts", ["person_id"])
    op.create_index("ix_receipts_completed", "receipts", ["completed_on", "id"])


def downgrade() -> None:
    op.drop_table("receipts")
    op.drop_table("roster_publications")
    op.drop_column("roster_memberships", "orcid")
    op.drop_column("roster_memberships", "sector")
    op.drop_column("roster_memberships", "languages_written")
