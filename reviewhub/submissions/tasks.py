"""Celery's way in: one task that finds its own work, so losing it or doubling it is harmless."""

import logging
from collections.abc import Callable, Sequence

from celery import shared_task

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.submissions import operations, queries
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations import clocks

log = logging.getLogger(__name__)


@shared_task(name="submissions.tick")
def tick() -> int:
    """Send the reminders that are due; returns how many rows were looked at."""
    now = clock.now()
    late = queries.screening_overdue(now, waits=clocks.screening_waits())
    waiting = queries.unconfirmed(sent_before=now - clocks.CONFIRM_AFTER)
    changing = queries.changes_to_remind(now, waits=clocks.changes_waits())
    return (
        _each(late, operations.remind_screening)
        + _each(waiting, operations.remind_confirm)
        + _each(changing, operations.remind_changes)
    )


def _each(ids: Sequence[int], remind: Callable[[Submission], bool]) -> int:
    """One after another, each in a transaction of its own; one that fails holds up no other."""
    db.session.rollback()
    for id in ids:
        try:
            remind(queries.get(id))
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("no reminder could be sent for submission %s", id)
    return len(ids)
