"""The outbox: a mail is a row first, written with the change that causes it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, enum_type
from reviewhub.notifications.kinds import How, Kind


class MessageState(StrEnum):
    """Where a mail is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"
    HELD = "held"
    WAITING = "waiting"  # for the morning on which its reader gets a digest
    BUNDLED = "bundled"  # one line of a digest that is on its way
    SILENT = "silent"  # its reader wants no such mail: the notice alone


class Message(Model):
    """One mail to one person about one thing; the same one is never written twice."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint(
            "event", "object_type", "object_id", "recipient_id", "occurrence",
            name="uq_outbox_once",
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL AND claim IS NOT NULL)",
            name="sending_has_lease",
        ),
        sa.Index(
            "ix_outbox_due", "due_at", "id",
            sqlite_where=sa.text("state IN ('queued', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
        ),
        sa.Index("ix_outbox_object", "object_type", "object_id", "id"),
        sa.CheckConstraint(
            "state <> 'bundled' OR digest_id IS NOT NULL", name="bundled_has_digest"
        ),
        sa.Index(
            "ix_outbox_waiting", "recipient_id", "due_at",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(sa.String(60))
    object_type: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[int]
    occurrence: Mapped[str] = mapped_column(sa.String(60), default="")
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    locale: Mapped[str] = mapped_column(sa.String(12))
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[MessageState] = mapped_column(
        enum_type(MessageState), default=MessageState.QUEUED
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(sa.String(32))
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.String(500), default="")
    kind: Mapped[str] = mapped_column(sa.String(20), default="")  # none: transactional
    reply_to: Mapped[str] = mapped_column(sa.String(254), default="")  # none: the hub's own desk
    digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("outbox.id"), index=True)
    bounced_at: Mapped[datetime | None]  # when word came that it did not arrive


class MailChoice(Model):
    """How a person wants the mails of one kind; without a row, as the kind usually comes."""

    __tablename__ = "mail_choices"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[Kind] = mapped_column(enum_type(Kind), primary_key=True)
    how: Mapped[How] = mapped_column(enum_type(How))


class Notice(Model):
    """What a signed-in person sees under their bell: written in the same transaction."""

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_person", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    message_id: Mapped[int] = mapped_column(
        sa.ForeignKey("outbox.id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str] = mapped_column(sa.String(60))
    endpoint: Mapped[str] = mapped_column(sa.String(80), default="")
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
