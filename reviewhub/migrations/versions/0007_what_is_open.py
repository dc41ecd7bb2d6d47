"""What is open, in order, in one index of its own; and the lists that staff keep.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = (
    "draft", "submitted", "in_review", "reviewed", "changes_requested", "approved", "rejected",
    "published", "withdrawn",
)  # fmt: skip
OPEN = sa.text("state IN ('submitted', 'in_review', 'reviewed', 'changes_requested', 'approved')")
SHORT = sa.text("shortage IS NOT NULL")
SCREEN = sa.text("screen_at IS NOT NULL")
LINK = "fk_submission_progress_submission_id_submissions"


def upgrade() -> None:
    op.drop_index("ix_submissions_state", table_name="submissions")
    op.create_index("ix_submissions_state", "submissions", ["state", "id"], unique=True)
    op.add_column("submission_progress", sa.Column("state", sa.String(32), nullable=True))
    op.execute(
        "UPDATE submission_progress SET state = (SELECT submissions.state FROM submissions"
        " WHERE submissions.id = submission_progress.submission_id)"
    )
    op.drop_index("ix_submission_progress_screen", table_name="submission_progress")
    with op.batch_alter_table("submission_progress") as progress:
        progress.alter_column("state", existing_type=sa.String(32), nullable=False)
        progress.create_check_constraint(op.f("ck_submission_progress_state"), _known("state"))
        progress.drop_constraint(op.f(LINK), type_="foreignkey")
        progress.create_foreign_key(
            op.f(LINK),
            "submissions",
            ["submission_id", "state"],
            ["id", "state"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        )
    _screening_index()
    op.create_index(
        "ix_submission_progress_open",
        "submission_progress",
        ["due_at", "submission_id", "state", "editor_id", "owner_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_submission_progress_since",
        "submission_progress",
        ["since", "submission_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_submission_progress_short",
        "submission_progress",
        ["submission_id"],
        sqlite_where=SHORT,
        postgresql_where=SHORT,
    )
    op.create_table(
        "saved_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_lists_named")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_saved_lists_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_lists")),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_lists_once"),
    )


def downgrade() -> None:
    op.drop_table("saved_lists")
    op.drop_index("ix_submission_progress_short", table_name="submission_progress")
    op.drop_index("ix_submission_progress_since", table_name="submission_progress")
    op.drop_index("ix_submission_progress_open", table_name="submission_progress")
    op.drop_index("ix_submission_progress_screen", table_name="submission_progress")
    with op.batch_alter_table("submission_progress") as progress:
        progress.drop_constraint(op.f(LINK), type_="foreignkey")
        progress.drop_constraint(op.f("ck_submission_progress_state"), type_="check")
        progress.create_foreign_key(
            op.f(LINK), "submissions", ["submission_id"], ["id"], ondelete="CASCADE"
        )
        progress.drop_column("state")
    _screening_index()
    op.drop_index("ix_submissions_state", table_name="submissions")
    op.create_index("ix_submissions_state", "submissions", ["state", "id"], unique=False)


def _screening_index() -> None:
    """Drawn anew: a table that SQLite copies may lose what an index is limited to."""
    op.create_index(
        "ix_submission_progress_screen",
        "submission_progress",
        ["screen_at", "submission_id"],
        sqlite_where=SCREEN,
        postgresql_where=SCREEN,
    )


def _known(column: str) -> str:
    return f"{column} IN ({', '.join(repr(state) for state in STATES)})"
