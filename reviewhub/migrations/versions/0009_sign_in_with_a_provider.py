"""Identities at providers, visits to them, and locked secrets of second factors.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.accounts import keys
from reviewhub.core.db import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FACTORS = sa.table(
    "second_factors", sa.column("person_id", sa.Integer), sa.column("secret", sa.String)
)
LOCKED = "substr(secret, 1, 2) = '1.' AND length(secret) >= 80"


def upgrade() -> None:
    _create_identities()
    _create_visits()
    with op.batch_alter_table("second_factors") as batch:
        batch.drop_constraint(op.f("ck_second_factors_secret_long"), type_="check")
        batch.alter_column(
            "secret", existing_type=sa.String(64), type_=sa.String(200), existing_nullable=False
        )
    _change(keys.lock)
    with op.batch_alter_table("second_factors") as batch:
        batch.create_check_constraint(op.f("ck_second_factors_secret_locked"), LOCKED)


def downgrade() -> None:
    with op.batch_alter_table("second_factors") as batch:
        batch.drop_constraint(op.f("ck_second_factors_secret_locked"), type_="check")
    _change(keys.unlock)
    with op.batch_alter_table("second_factors") as batch:
        batch.alter_column(
            "secret", existing_type=sa.String(200), type_=sa.String(64), existing_nullable=False
        )
        batch.create_check_constraint(
            op.f("ck_second_factors_secret_long"), "length(secret) >= 32"
        )
    op.drop_table("provider_visits")
    op.drop_index(op.f("ix_identities_person_id"), table_name="identities")
    op.drop_table("identities")


def _change(turn) -> None:  # type: ignore[no-untyped-def]
    """Lock or unlock every secret with the hub's key; without a row no key is asked for."""
    bind = op.get_bind()
    for person_id, secret in bind.execute(sa.select(FACTORS)).all():
        turned = turn(secret, about=f"second factor of {person_id}")
        bind.execute(
            sa.update(FACTORS).where(FACTORS.c.person_id == person_id).values(secret=turned)
        )


def _create_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("shown", sa.String(length=254), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "issuer <> '' AND subject <> ''", name=op.f("ck_identities_identity_given")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_identities_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_once"),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"])


def _create_visits() -> None:
    op.create_table(
        "provider_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("target", sa.String(length=2000), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mfa", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "length(token_hash) = 64", name=op.f("ck_provider_visits_visit_token_hashed")
        ),
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_provider_visits_visit_expires_later")
        ),
        sa.CheckConstraint(
            "subject = '' OR answered_at IS NOT NULL",
            name=op.f("ck_provider_visits_answered_first"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_provider_visits_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_visits")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_provider_visits_token_hash")),
    )
