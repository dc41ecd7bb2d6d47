"""When to see whether a suggestion passes by itself, and which decision was appealed.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission_progress", sa.Column("screen_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_submission_progress_screen",
        "submission_progress",
        ["screen_at", "submission_id"],
        sqlite_where=sa.text("screen_at IS NOT NULL"),
        postgresql_where=sa.text("screen_at IS NOT NULL"),
    )
    op.add_column(
        "decisions",
        sa.Column("appealed", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    # A submission is appealed once, and the rejection was the last decision that stood before.
    op.execute(
        "UPDATE decisions SET appealed = true WHERE kind = 'rejected'"
        " AND superseded_at IS NOT NULL"
        " AND submission_id IN (SELECT id FROM submissions WHERE appeals > 0)"
    )


def downgrade() -> None:
    # Not by building the tables anew, as a batch does: that would let go of their checks.
    op.drop_column("decisions", "appealed")
    op.drop_index("ix_submission_progress_screen", table_name="submission_progress")
    op.drop_column("submission_progress", "screen_at")
