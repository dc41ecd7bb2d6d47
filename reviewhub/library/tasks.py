"""Celery's way in."""

import logging
from concurrent.futures import ThreadPoolExecutor

from celery import shared_task
from sqlalchemy.exc import SQLAlchemyError

from reviewhub.accounts.actor import SYSTEM
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.core.fetch import Fetched, FetchError, safe_fetch
from reviewhub.library import link_checks, operations, queries

logger = logging.getLogger(__name__)

LINKS_AT_ONCE = 6  # of as many hosts
ENOUGH_OF_A_PAGE = 16 * 1024  # bytes: whether it is there shows at once


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


@shared_task(name="library.check_links")
def check_links() -> int:
    """Look whether some links still lead somewhere; returns how many were looked at."""
    if not config.current().check_links:
        return 0
    link_checks.enrol()
    db.session.commit()
    waiting = link_checks.claim(most=LINKS_AT_ONCE)
    db.session.commit()  # other people's servers are slow: nothing is held open for them
    if not waiting:
        return 0
    with ThreadPoolExecutor(LINKS_AT_ONCE, thread_name_prefix="looking") as pool:
        answers = list(pool.map(_look, waiting))
    for due, fetched in zip(waiting, answers, strict=True):
        link_checks.settle(due, fetched)
    db.session.commit()
    return len(waiting)


def _look(due: link_checks.Due) -> Fetched | None:
    try:
        return safe_fetch(
            due.url, limit=ENOUGH_OF_A_PAGE, etag=due.etag, last_modified=due.last_modified
        )
    except FetchError:
        return None
    except Exception:  # whatever a server answers, the others are to be looked at
        logger.exception("a link could not be looked at")
        return None
