"""Celery's way in: each task finds its own work, so losing one or running it twice is harmless."""

import logging
from collections.abc import Callable, Sequence

from celery import shared_task

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews import operations, queries
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations.panels import FILL_PANELS
from reviewhub.submissions import queries as submissions

log = logging.getLogger(__name__)


@shared_task(name=FILL_PANELS)
def fill_panels() -> int:
    """Find and invite reviewers wherever a seat is open; returns how many rounds were looked at."""
    return _each(
        queries.rounds_to_fill(clock.now()),
        lambda id: operations.fill(db.session.get_one(ReviewRound, id)),
    )


@shared_task(name="reviews.tick")
def tick() -> int:
    """Move every clock that is due; returns how many rows were looked at."""
    now = clock.now()
    return (
        _each(queries.due_assignments(now), lambda id: operations.tick(queries.get(id)))
        + _each(
            queries.waiting_on_owner(now), lambda id: operations.remind_owner(submissions.get(id))
        )
        + _each(queries.unanswered(now), lambda id: operations.lapse(submissions.get(id)))
    )


def _each(ids: Sequence[int], do: Callable[[int], object]) -> int:
    """Do one after another, each in a transaction of its own; one that fails holds up no other."""
    db.session.rollback()
    for id in ids:
        try:
            do(id)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("a periodic step failed for row %s", id)
    return len(ids)
