"""Panels for many items at once: the row that a task works on, and that an editor looks at.

It is asked for, planned by a task, looked at, confirmed, and applied by a task: whole, or not at
all and with what differs from the plan that was looked at.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewhub.core import clock
from reviewhub.core.db import Model, db, enum_type, locked
from reviewhub.jobs.models import Job

MOST = 500
KIND = "assign_panels"


class BatchStage(StrEnum):
    """Where a batch is. A plan that no longer holds when it is applied is planned once more."""

    ASKED = "asked"
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    APPLIED = "applied"


class Batch(Model):
    """Many items whose panels are made together, the plan, and what became of it.

    `plan` and `differs` are as reviews/outlooks.py writes them.
    """

    __tablename__ = "panel_batches"
    __table_args__ = (
        sa.CheckConstraint(
            "stage = 'asked' OR planned_at IS NOT NULL", name="confirmed_after_a_plan"
        ),
        sa.CheckConstraint(
            "(stage = 'applied') = (applied_at IS NOT NULL)", name="applied_has_time"
        ),
        sa.Index(
            "ix_panel_batches_waiting", "stage", "id",
            sqlite_where=sa.text("stage IN ('asked', 'confirmed')"),
            postgresql_where=sa.text("stage IN ('asked', 'confirmed')"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[BatchStage] = mapped_column(enum_type(BatchStage), default=BatchStage.ASKED)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("jobs.id"))
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    planned_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    submission_ids: Mapped[list[Any]] = mapped_column(default=list)
    tuning: Mapped[dict[str, Any]] = mapped_column(default=dict)
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    differs: Mapped[list[Any]] = mapped_column(default=list)

    job: Mapped[Job] = relationship(lazy="joined", innerjoin=True)


def find(batch_id: int) -> Batch | None:
    """The batch with this number, if there is one."""
    return db.session.get(Batch, batch_id)


def lock(batch_id: int) -> Batch:
    """The batch, locked until the transaction ends, with its present values."""
    return locked(Batch, batch_id)


def waiting(*, limit: int = 5) -> Sequence[int]:
    """The batches that a task has to plan or to apply, oldest first."""
    return db.session.scalars(
        sa.select(Batch.id)
        .where(Batch.stage.in_([BatchStage.ASKED, BatchStage.CONFIRMED]))
        .order_by(Batch.id)
        .limit(limit)
    ).all()
