"""Write down the last sign of life of each kind of process.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_heartbeats_name_given")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )


def downgrade() -> None:
    op.drop_table("heartbeats")
