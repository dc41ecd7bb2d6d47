"""Mails that can wait: what each person wants of them, digests, and word of what did not arrive.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from reviewhub.core.db import UTCDateTime
from reviewhub.migrations.checks import change_check

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES_BEFORE = "state IN ('queued', 'sending', 'sent', 'failed', 'dead', 'held')"
STATES_AFTER = (
    "state IN ('queued', 'sending', 'sent', 'failed', 'dead', 'held', 'waiting', 'bundled', "
    "'silent')"
)
LINKS_BEFORE = "capability IN ('submission', 'assignment', 'application', 'account')"
LINKS_AFTER = "capability IN ('submission', 'assignment', 'application', 'account', 'mail')"
# Named and checked as the models say it; the words are written out, because models move on.
KINDS = ("arrivals", "desk", "outcomes", "library", "weekly")
HOW = ("at_once", "digest", "none")
BUNDLED = "state <> 'bundled' OR digest_id IS NOT NULL"
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    change_check("outbox", "ck_outbox_message_state", before=STATES_BEFORE, after=STATES_AFTER)
    change_check("links", "ck_links_capability", before=LINKS_BEFORE, after=LINKS_AFTER)
    op.add_column("outbox", sa.Column("kind", sa.String(20), server_default="", nullable=False))
    op.add_column(
        "outbox", sa.Column("reply_to", sa.String(254), server_default="", nullable=False)
    )
    op.add_column("outbox", sa.Column("bounced_at", UTCDateTime(), nullable=True))
    op.add_column("people", sa.Column("bouncing_since", UTCDateTime(), nullable=True))
    _add_digest()
    op.create_index("ix_outbox_digest_id", "outbox", ["digest_id"])
    op.create_index(
        "ix_outbox_waiting", "outbox", ["recipient_id", "due_at"],
        sqlite_where=WAITING, postgresql_where=WAITING,
    )  # fmt: skip
    op.create_table(
        "mail_choices",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("kind", KINDS), nullable=False),
        sa.Column("how", _words("how", HOW), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"],
            name=op.f("fk_mail_choices_person_id_people"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_mail_choices")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("mail_choices")
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    op.drop_index("ix_outbox_digest_id", table_name="outbox")
    op.execute("UPDATE outbox SET state = 'held' WHERE state IN ('waiting', 'bundled', 'silent')")
    op.execute("DELETE FROM links WHERE capability = 'mail'")
    for column in ("digest_id", "bounced_at", "reply_to", "kind"):
        op.drop_column("outbox", column)
    op.drop_column("people", "bouncing_since")
    change_check("links", "ck_links_capability", before=LINKS_AFTER, after=LINKS_BEFORE)
    change_check("outbox", "ck_outbox_message_state", before=STATES_AFTER, after=STATES_BEFORE)


def _add_digest() -> None:
    """The column with its rules: as one statement, which SQLite takes for a table with rows."""
    op.execute(
        "ALTER TABLE outbox ADD COLUMN digest_id INTEGER"
        " CONSTRAINT fk_outbox_digest_id_outbox REFERENCES outbox (id)"
        f" CONSTRAINT ck_outbox_bundled_has_digest CHECK ({BUNDLED})"
    )


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
