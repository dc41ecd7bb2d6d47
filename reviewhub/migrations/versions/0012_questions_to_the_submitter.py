"""Questions to the submitter, and their answers.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submission_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answer_by", UTCDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("due_before", UTCDateTime(), nullable=True),
        sa.Column("due_after", UTCDateTime(), nullable=True),
        sa.CheckConstraint("length(text) >= 1", name=op.f("ck_submission_questions_text_given")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer = '')",
            name=op.f("ck_submission_questions_answer_has_time"),
        ),
        sa.CheckConstraint(
            "answer_by > asked_at", name=op.f("ck_submission_questions_time_to_answer")
        ),
        sa.CheckConstraint(
            "(due_before IS NULL) = (due_after IS NULL)",
            name=op.f("ck_submission_questions_date_moved_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["people.id"],
            name=op.f("fk_submission_questions_asked_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_submission_questions_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_questions")),
        sa.UniqueConstraint("submission_id", "number", name="uq_submission_questions_number"),
    )
    op.create_index(
        op.f("ix_submission_questions_submission_id"), "submission_questions", ["submission_id"]
    )


def downgrade() -> None:
    op.drop_table("submission_questions")
