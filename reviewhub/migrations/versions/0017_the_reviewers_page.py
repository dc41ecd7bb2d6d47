"""Drafts with a number, reviewers' questions, answers entered for somebody, and waiting times.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "reviews", sa.Column("draft_version", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "reviews", sa.Column("draft_tab", sa.String(32), server_default="", nullable=False)
    )
    op.add_column("assignments", sa.Column("wanted_days", sa.Integer(), nullable=True))
    op.add_column("submission_questions", sa.Column("remind_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_submission_questions_remind",
        "submission_questions",
        ["remind_at", "id"],
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    _reviewer_questions()
    _entered_for()
    op.create_table(
        "waiting_times",
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("path", sa.String(40), nullable=False),
        sa.Column("days", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "path", name=op.f("pk_waiting_times")),
    )


def _reviewer_questions() -> None:
    op.create_table(
        "reviewer_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("forwarded_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", UTCDateTime(), nullable=True),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(text) >= 1", name=op.f("ck_reviewer_questions_text_given")),
        sa.CheckConstraint(
            "(replied_at IS NULL) = (reply = '')",
            name=op.f("ck_reviewer_questions_reply_has_time"),
        ),
        sa.CheckConstraint(
            "replied_at IS NULL OR next_at IS NULL",
            name=op.f("ck_reviewer_questions_replied_waits_no_more"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_reviewer_questions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["forwarded_id"],
            ["submission_questions.id"],
            name=op.f("fk_reviewer_questions_forwarded_id_submission_questions"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["review_rounds.id"],
            name=op.f("fk_reviewer_questions_round_id_review_rounds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer_questions")),
        sa.UniqueConstraint("round_id", "number", name="uq_reviewer_questions_number"),
    )
    op.create_index(
        op.f("ix_reviewer_questions_assignment_id"), "reviewer_questions", ["assignment_id"]
    )
    op.create_index(
        op.f("ix_reviewer_questions_forwarded_id"), "reviewer_questions", ["forwarded_id"]
    )
    op.create_index(
        "ix_reviewer_questions_next",
        "reviewer_questions",
        ["next_at", "id"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )


def _entered_for() -> None:
    op.create_table(
        "entered_for",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("corrected_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "entered_by_id <> person_id", name=op.f("ck_entered_for_for_somebody_else")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people.id"], name=op.f("fk_entered_for_entered_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_entered_for_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entered_for")),
    )
    op.create_index("ix_entered_for_object", "entered_for", ["object_type", "object_id", "id"])


def downgrade() -> None:
    op.drop_table("waiting_times")
    op.drop_table("entered_for")
    op.drop_table("reviewer_questions")
    op.drop_index("ix_submission_questions_remind", table_name="submission_questions")
    op.drop_column("submission_questions", "remind_at")
    op.drop_column("assignments", "wanted_days")
    op.drop_column("reviews", "draft_tab")
    op.drop_column("reviews", "draft_version")
