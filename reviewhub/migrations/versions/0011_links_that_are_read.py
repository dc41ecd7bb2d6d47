"""Links that are read for whoever fills in the form, and links that are looked after.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_readings",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("failure", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "read_at IS NULL OR read_at >= asked_at",
            name=op.f("ck_link_readings_read_after_asked"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_link_readings_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_link_readings")),
    )
    op.create_index("ix_link_readings_waiting", "link_readings", ["read_at", "asked_at"])
    op.create_table(
        "link_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "ok", "moved", "gone", "unreachable",
                name="verdict", native_enum=False, create_constraint=True, length=32,
            ),
            nullable=True,
        ),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("moved_to", sa.String(length=2000), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("is_dead", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("last_modified", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(submission_id IS NULL) <> (resource_id IS NULL)",
            name=op.f("ck_link_checks_about_one_thing"),
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (checked_at IS NULL)", name=op.f("ck_link_checks_verdict_has_time")
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_link_checks_failures_counted")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_link_checks_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resources.id"],
            name=op.f("fk_link_checks_resource_id_resources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_checks")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_link_checks_submission_id")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_link_checks_resource_id")),
    )
    op.create_index("ix_link_checks_next", "link_checks", ["next_at", "id"])
    op.create_index("ix_link_checks_dead", "link_checks", ["is_dead", "id"])


def downgrade() -> None:
    op.drop_table("link_checks")
    op.drop_table("link_readings")
