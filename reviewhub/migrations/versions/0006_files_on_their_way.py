"""Files that arrive piece by piece, and copies of files without their metadata.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CLEANING = ("not_asked", "waiting", "clean", "failed")


def upgrade() -> None:
    op.create_table(
        "submission_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("touched_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_submission_uploads_not_empty")),
        sa.CheckConstraint(
            "received >= 0 AND received <= size",
            name=op.f("ck_submission_uploads_received_within"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_submission_uploads_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_uploads")),
        sa.UniqueConstraint("path", name=op.f("uq_submission_uploads_path")),
        sa.UniqueConstraint("submission_id", "fingerprint", name="uq_submission_uploads_once"),
    )
    op.create_index(
        "ix_submission_uploads_touched", "submission_uploads", ["touched_at", "id"], unique=False
    )
    with op.batch_alter_table("submission_files") as files:
        files.add_column(
            sa.Column(
                "cleaning",
                sa.Enum(
                    *CLEANING, name="cleaning", native_enum=False, create_constraint=True, length=32
                ),
                nullable=False,
                server_default="not_asked",
            )
        )
        files.add_column(sa.Column("clean_path", sa.String(length=120), nullable=True))
        files.create_unique_constraint(op.f("uq_submission_files_clean_path"), ["clean_path"])
        files.create_check_constraint(
            op.f("ck_submission_files_clean_has_a_copy"),
            "(cleaning = 'clean') = (clean_path IS NOT NULL)",
        )


def downgrade() -> None:
    with op.batch_alter_table("submission_files") as files:
        files.drop_constraint(op.f("ck_submission_files_clean_has_a_copy"), type_="check")
        files.drop_constraint(op.f("uq_submission_files_clean_path"), type_="unique")
        files.drop_column("clean_path")
        files.drop_constraint(op.f("ck_submission_files_cleaning"), type_="check")
        files.drop_column("cleaning")
    op.drop_table("submission_uploads")
