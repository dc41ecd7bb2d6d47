"""Celery's way in."""

from celery import shared_task

from reviewhub.core.db import db
from reviewhub.jobs import operations
from reviewhub.jobs.queries import WORKER


@shared_task(name="jobs.beat")
def beat() -> int:
    """Give a sign of life, and give up the jobs whose process is gone; returns how many."""
    operations.beat(WORKER)
    failed = operations.fail_silent()
    db.session.commit()
    return failed
