"""Reading jobs."""

from datetime import datetime

import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.jobs.models import Heartbeat, Job, JobState

WORKER = "worker"  # the name that the worker's sign of life goes by


def get(job_id: int) -> Job:
    """The job. Raises NoResultFound."""
    return db.session.get_one(Job, job_id)


def lock(job_id: int) -> Job:
    """The job, locked until the transaction ends, with its present values."""
    return db.session.execute(
        sa.select(Job)
        .where(Job.id == job_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def find(job_id: int, kind: str) -> Job | None:
    """The job, if it is there and of this kind."""
    return db.session.scalar(sa.select(Job).where(Job.id == job_id, Job.kind == kind))


def lock_waiting(kind: str) -> Job | None:
    """The oldest job of this kind that waits, locked; rows that somebody else takes are left."""
    return db.session.scalar(
        sa.select(Job)
        .where(Job.kind == kind, Job.state == JobState.WAITING)
        .order_by(Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def recent(*, limit: int = 50) -> list[Job]:
    """The newest jobs, the latest first."""
    return list(db.session.scalars(sa.select(Job).order_by(Job.id.desc()).limit(limit)))


def silent_since(moment: datetime) -> list[Job]:
    """Unfinished jobs without progress since then; rows that somebody is changing are left out."""
    return list(
        db.session.scalars(
            sa.select(Job)
            .where(Job.state.in_([JobState.WAITING, JobState.RUNNING]), Job.advanced_at <= moment)
            .order_by(Job.id)
            .with_for_update(skip_locked=True)
        )
    )


def last_seen(name: str) -> datetime | None:
    """When this kind of process last gave a sign of life; None when it never has."""
    return db.session.scalar(sa.select(Heartbeat.seen_at).where(Heartbeat.name == name))
