"""Why each reviewer was chosen, panels made many at once, and how alike texts are.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _batches()
    _choices()
    _texts()
    op.add_column(
        "assignments",
        sa.Column(
            "choice_id",
            sa.Integer(),
            sa.ForeignKey("panel_choices.id", name="fk_assignments_choice_id_panel_choices"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "review_rounds",
        sa.Column("kept_off", sa.JSON(none_as_null=True), server_default="[]", nullable=False),
    )


def _texts() -> None:
    op.create_table(
        "reviewer_texts",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("analyser", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(120), nullable=False),
        sa.Column("documents", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("analyser >= 1", name=op.f("ck_reviewer_texts_analyser_is_numbered")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_reviewer_texts_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reviewer_texts")),
    )
    op.create_table(
        "item_texts",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(120), nullable=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.Column("alike", sa.LargeBinary(), nullable=False),
        sa.Column("shared", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "length(people) = length(alike)", name=op.f("ck_item_texts_one_figure_each")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_item_texts_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_item_texts")),
    )


def _choices() -> None:
    op.create_table(
        "panel_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("policy_number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tuning", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("demand", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("chosen", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("line", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("blocked", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "policy_number >= 1", name=op.f("ck_panel_choices_policy_is_numbered")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["panel_batches.id"], name=op.f("fk_panel_choices_batch_id_panel_batches")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_panel_choices_made_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["review_rounds.id"], name=op.f("fk_panel_choices_round_id_review_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_choices")),
    )
    op.create_index(op.f("ix_panel_choices_round_id"), "panel_choices", ["round_id"])


def _batches() -> None:
    op.create_table(
        "panel_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("planned_at", UTCDateTime(), nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.Column("submission_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tuning", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("differs", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "stage IN ('asked', 'planned', 'confirmed', 'applied')",
            name=op.f("ck_panel_batches_batch_stage"),
        ),
        sa.CheckConstraint(
            "stage = 'asked' OR planned_at IS NOT NULL",
            name=op.f("ck_panel_batches_confirmed_after_a_plan"),
        ),
        sa.CheckConstraint(
            "(stage = 'applied') = (applied_at IS NOT NULL)",
            name=op.f("ck_panel_batches_applied_has_time"),
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_panel_batches_job_id_jobs")),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["people.id"], name=op.f("fk_panel_batches_started_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_batches")),
    )
    op.create_index(
        "ix_panel_batches_waiting",
        "panel_batches",
        ["stage", "id"],
        sqlite_where=sa.text("stage IN ('asked', 'confirmed')"),
        postgresql_where=sa.text("stage IN ('asked', 'confirmed')"),
    )


def downgrade() -> None:
    op.drop_table("item_texts")
    op.drop_table("reviewer_texts")
    op.drop_column("review_rounds", "kept_off")
    op.drop_column("assignments", "choice_id")
    op.drop_table("panel_choices")
    op.drop_table("panel_batches")
