"""When an editor paused a panel, and whom they want asked before everybody else.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review_rounds", sa.Column("paused_at", UTCDateTime(), nullable=True))
    op.add_column(
        "review_rounds",
        sa.Column("wanted", sa.JSON(none_as_null=True), server_default="[]", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("review_rounds", "wanted")
    op.drop_column("review_rounds", "paused_at")
