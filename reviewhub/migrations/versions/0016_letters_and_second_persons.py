"""Letters with their sources, decisions that a second person confirms, and notices of the shelf.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OUTCOMES = ("confirmed", "sent_back", "taken_back", "overtaken", "alone")


def upgrade() -> None:
    _letters()
    _sign_offs()
    op.add_column("resources", sa.Column("archived_at", UTCDateTime(), nullable=True))
    op.add_column(
        "resources",
        sa.Column("archive_reason", sa.String(500), server_default="", nullable=False),
    )
    op.add_column(
        "assignments",
        sa.Column("follows", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("sources", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("released", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("people", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_letters_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_letters_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_letters_written_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("decision_id", name="uq_letters_decision"),
    )
    op.create_index(op.f("ix_letters_submission_id"), "letters", ["submission_id"])


def _sign_offs() -> None:
    op.create_table(
        "sign_offs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("kind", _text_of("approved", "rejected", name="decision_kind"), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("release", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", _text_of(*OUTCOMES, name="sign_off_outcome"), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "second_id <> proposed_by_id", name=op.f("ck_sign_offs_second_is_another")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_sign_offs_answered_has_outcome"),
        ),
        sa.CheckConstraint(
            "outcome <> 'sent_back' OR note <> ''", name=op.f("ck_sign_offs_sent_back_has_reason")
        ),
        sa.CheckConstraint(
            "(second_id IS NULL) = (COALESCE(outcome, '') = 'alone')",
            name=op.f("ck_sign_offs_alone_has_no_second"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_sign_offs_{column}_{table}")
            )
            for column, table in (
                ("proposed_by_id", "people"),
                ("second_id", "people"),
                ("answered_by_id", "people"),
                ("decision_id", "decisions"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_sign_offs_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_offs")),
    )
    op.create_index(op.f("ix_sign_offs_submission_id"), "sign_offs", ["submission_id"])
    op.create_index("ix_sign_offs_decision", "sign_offs", ["decision_id"])
    op.create_index(
        "uq_sign_offs_open",
        "sign_offs",
        ["submission_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def _text_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def downgrade() -> None:
    op.drop_column("assignments", "follows")
    op.drop_column("resources", "archive_reason")
    op.drop_column("resources", "archived_at")
    op.drop_table("sign_offs")
    op.drop_table("letters")
