"""Called off for somebody faster, paused for a question, and when an owner was last called on.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PAUSED = sa.text("paused_from IS NOT NULL")


def upgrade() -> None:
    op.add_column("assignments", sa.Column("called_off_at", UTCDateTime(), nullable=True))
    op.add_column("assignments", sa.Column("paused_for", sa.Integer(), nullable=True))
    op.add_column("assignments", sa.Column("paused_from", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_assignments_paused",
        "assignments",
        ["submission_id", "id"],
        sqlite_where=PAUSED,
        postgresql_where=PAUSED,
    )
    op.create_index("ix_resources_review_by", "resources", ["state", "review_by", "id"])
    op.add_column("submission_progress", sa.Column("reminded_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("submission_progress", "reminded_at")
    op.drop_index("ix_resources_review_by", table_name="resources")
    op.drop_index("ix_assignments_paused", table_name="assignments")
    op.drop_column("assignments", "paused_from")
    op.drop_column("assignments", "paused_for")
    op.drop_column("assignments", "called_off_at")
