"""What members say of their gender, and indexes that count who was asked and what was sent.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out: SQLite takes a constraint with its column, and no other way without a rebuild.
    op.execute(
        "ALTER TABLE roster_memberships ADD COLUMN gender VARCHAR(32)"
        " CONSTRAINT ck_roster_memberships_gender"
        " CHECK (gender IN ('woman', 'man', 'another', 'prefer_not_to_say'))"
    )
    op.create_index("ix_assignments_asked", "assignments", ["invited_at", "person_id", "state"])
    op.create_index("ix_submissions_sent", "submissions", ["submitted_at", "state"])


def downgrade() -> None:
    op.drop_index("ix_submissions_sent", table_name="submissions")
    op.drop_index("ix_assignments_asked", table_name="assignments")
    op.drop_column("roster_memberships", "gender")
