"""The history: one row per change, never altered."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model


class AuditEvent(Model):
    """Who did what to which row, when, and from which state to which."""

    __tablename__ = "audit_events"
    __table_args__ = (
        sa.CheckConstraint("(old_state IS NULL) = (new_state IS NULL)", name="states_paired"),
        sa.Index("ix_audit_events_object", "object_type", "object_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    object_type: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[int]
    verb: Mapped[str] = mapped_column(sa.String(40))
    role: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    old_state: Mapped[str | None] = mapped_column(sa.String(32))
    new_state: Mapped[str | None] = mapped_column(sa.String(32))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
