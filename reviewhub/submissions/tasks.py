"""Celery's way in: tasks that find their own work, so losing or doubling one is harmless."""

import logging
from collections.abc import Callable, Sequence

from celery import shared_task

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.fetch import MEBIBYTE, FetchError, safe_fetch
from reviewhub.submissions import attachments, messages, operations, queries, readings
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations import clocks
from reviewhub.submissions.operations.cleaning import CLEAN_FILES
from reviewhub.submissions.progress import CALL_EVERY
from reviewhub.submissions.proposals import Proposals, proposals_from

log = logging.getLogger(__name__)

LINKS_AT_ONCE = 4
LONGEST_FILE = 4 * MEBIBYTE  # a PDF keeps at its end where everything stands


@shared_task(name="submissions.tick")
def tick() -> int:
    """Send the reminders that are due; returns how many rows were looked at."""
    now = clock.now()
    late = queries.screening_overdue(now, waits=clocks.screening_waits(), apart=CALL_EVERY)
    waiting = queries.unconfirmed(sent_before=now - clocks.CONFIRM_AFTER)
    changing = queries.changes_to_remind(now, waits=clocks.changes_waits())
    return (
        _remind(late, operations.remind_screening)
        + _remind(waiting, operations.remind_confirm)
        + _remind(changing, operations.remind_changes)
        + _each(messages.to_remind(now), operations.remind_question, "no reminder of question %s")
    )


@shared_task(name=CLEAN_FILES)
def clean_files() -> int:
    """Make the copies for reviewers who must not know whose a file is; returns how many."""
    ids = queries.files_to_clean(all_open=attachments.hides_submitter())
    return _each(ids, operations.clean, "no copy could be made of file %s")


@shared_task(name="submissions.sweep")
def sweep() -> int:
    """Remove the bytes that nobody can miss any more; returns how many files."""
    removed = operations.sweep()
    db.session.commit()
    return removed


@shared_task(name=readings.READ)
def read_links() -> int:
    """Read the links that somebody asked us to look up; returns how many were read."""
    waiting = readings.claim(most=LINKS_AT_ONCE)
    db.session.commit()  # other people's servers are slow: nothing is held open for them
    for submission_id, url in waiting:
        proposals, failure = _read(url)
        readings.settle(submission_id, url, found=proposals.found(), failure=failure)
        db.session.commit()
    return len(waiting)


def _read(url: str) -> tuple[Proposals, str]:
    """What can be proposed, and a word for us where nothing could be read."""
    try:
        fetched = safe_fetch(url, limit=LONGEST_FILE)
        if fetched.status != 200:
            return Proposals(), f"status {fetched.status}"
        return proposals_from(fetched), ""
    except FetchError as error:
        return Proposals(), type(error).__name__.lower()
    except Exception:  # a page made to break us must not hold up the others
        log.exception("a page could not be read")
        return Proposals(), "broken"


def _remind(ids: Sequence[int], remind: Callable[[Submission], bool]) -> int:
    return _each(
        ids,
        lambda id: remind(queries.get(id)),
        "no reminder could be sent for submission %s",
    )


def _each(ids: Sequence[int], do: Callable[[int], object], failure: str) -> int:
    """One after another, each in a transaction of its own; one that fails holds up no other."""
    db.session.rollback()
    for id in ids:
        try:
            do(id)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception(failure, id)
    return len(ids)
