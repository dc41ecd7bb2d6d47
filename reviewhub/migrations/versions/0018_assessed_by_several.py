"""What roster managers say of an application, who has to act on it, and reviews for practice.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

RECOMMENDATIONS = ("include", "include_corrected", "do_not_include", "cannot_judge")


def upgrade() -> None:
    _assessments()
    _practice()
    # Written out: SQLite takes a reference with its column, and no other way without a rebuild.
    op.execute(
        "ALTER TABLE roster_applications ADD COLUMN owner_id INTEGER"
        " CONSTRAINT fk_roster_applications_owner_id_people REFERENCES people (id)"
    )


def _assessments() -> None:
    op.create_table(
        "roster_assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "vote", _text_of("approve", "decline", "more_information", name="vote"), nullable=False
        ),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["roster_applications.id"],
            name=op.f("fk_roster_assessments_application_id_roster_applications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_roster_assessments_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_assessments")),
        sa.UniqueConstraint("application_id", "person_id", name="uq_roster_assessments_person"),
    )
    op.create_index("ix_roster_assessments_by", "roster_assessments", ["person_id", "id"])


def _practice() -> None:
    op.create_table(
        "practice_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "recommendation", _text_of(*RECOMMENDATIONS, name="recommendation"), nullable=True
        ),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (recommendation IS NULL)",
            name=op.f("ck_practice_reviews_sent_recommends"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_practice_reviews_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_practice_reviews_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_reviews")),
        sa.UniqueConstraint("person_id", name="uq_practice_reviews_person"),
    )
    op.create_index(
        op.f("ix_practice_reviews_submission_id"), "practice_reviews", ["submission_id"]
    )


def _text_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def downgrade() -> None:
    op.drop_column("roster_applications", "owner_id")
    op.drop_table("practice_reviews")
    op.drop_table("roster_assessments")
