"""Celery's way in."""

from celery import shared_task

from reviewhub.core.db import db
from reviewhub.jobs import (
    models,  # noqa: F401
    operations,
)


@shared_task(name="jobs.beat")
def beat() -> int:
    """Give up the jobs whose process is gone; returns how many."""
    failed = operations.fail_silent()
    db.session.commit()
    return failed
