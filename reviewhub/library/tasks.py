"""Celery's way in."""

import logging

from celery import shared_task
from sqlalchemy.exc import SQLAlchemyError

from reviewhub.accounts.actor import SYSTEM
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.library import operations, queries

logger = logging.getLogger(__name__)


@shared_task(name="library.publish_due")
def publish_due() -> int:
    """Publish the approved submissions whose time has come, each in a transaction of its own."""
    due = queries.due_submissions(clock.now())
    db.session.commit()
    return sum(_publish(submission_id) for submission_id in due)


def _publish(submission_id: int) -> int:
    try:
        submission = queries.lock_due(submission_id, clock.now())
        if submission is not None:
            operations.publish(submission, by=SYSTEM)
        db.session.commit()
    except (DomainError, SQLAlchemyError):
        # One that can't be published must not hold up the others; it stays due and visible.
        logger.exception("submission %s could not be published", submission_id)
        db.session.rollback()
        return 0
    return int(submission is not None)
