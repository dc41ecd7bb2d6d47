"""Vectors of texts, beside the words that were counted, for hubs with a model.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviewer_texts", sa.Column("vectors", sa.LargeBinary(), nullable=True))
    op.add_column("item_texts", sa.Column("vector", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("item_texts", "vector")
    op.drop_column("reviewer_texts", "vectors")
