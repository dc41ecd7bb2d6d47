"""Celery's way in: each task finds its own work, so losing one or running it twice is harmless."""

import logging
from collections.abc import Callable, Sequence

from celery import shared_task

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.operations import LOOK_AT_CONFLICTS
from reviewhub.core import clock
from reviewhub.core.db import db, reading
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _, force_locale
from reviewhub.jobs import operations as jobs
from reviewhub.reviews import batches, operations, queries, questions
from reviewhub.reviews.batches import BatchStage
from reviewhub.reviews.histories import count_waiting_times
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations import affiliations
from reviewhub.reviews.operations.batches import ASSIGN
from reviewhub.reviews.operations.panels import FILL_PANELS
from reviewhub.reviews.operations.pauses import clocks_to_set
from reviewhub.reviews.operations.texts import READ_TEXTS
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.waiting import keep

log = logging.getLogger(__name__)


@shared_task(name=FILL_PANELS)
def fill_panels() -> int:
    """Find and invite reviewers wherever a seat is open; returns how many rounds were looked at."""
    return _each(
        queries.rounds_to_fill(clock.now()),
        lambda id: operations.fill(db.session.get_one(ReviewRound, id)),
    )


@shared_task(name=LOOK_AT_CONFLICTS)
def look_at_conflicts() -> int:
    """See what a change of employer means for open reviews; returns how many people it was."""
    return _each(affiliations.changed(), operations.look_at_conflicts)


@shared_task(name=ASSIGN)
def assign() -> int:
    """Plan and apply the panels that are made many at once; returns how many were looked at."""
    ids = batches.waiting()
    db.session.rollback()
    for id in ids:
        try:
            _work_on(id)
        except DomainError as error:
            db.session.rollback()
            operations.give_up_batch(id, str(error))
            db.session.commit()
        except Exception:  # one plan must not keep the others
            db.session.rollback()
            log.exception("the panels of batch %s", id)
            operations.give_up_batch(id, _("Something went wrong. Nothing was sent; try again."))
            db.session.commit()
    return len(ids)


@shared_task(name=READ_TEXTS)
def read_texts() -> int:
    """Count the words of whoever changed, and compare what waits; returns how many rows."""
    with reading():  # a model takes its time: it must not hold the write lock
        operations.encode_texts()
        db.session.commit()
    found = operations.read_texts()
    db.session.commit()
    found += operations.compare_items()
    db.session.commit()
    return found


def _work_on(id: int) -> None:
    batch = batches.find(id)
    assert batch is not None
    job_id, locale = batch.job_id, accounts.get(batch.started_by_id).locale

    def progress(steps: int) -> None:
        jobs.advance(job_id, steps=steps)
        db.session.commit()

    with force_locale(locale):  # refusals are sentences for whoever started it
        if batch.stage is BatchStage.ASKED:
            operations.plan_batch(id, progress)
        elif not operations.apply_batch(id):  # in one transaction, so without a sign of life
            db.session.rollback()  # the world moved in between: the next tick tries again
        db.session.commit()


@shared_task(name="reviews.screen")
def screen() -> int:
    """Start the reviews that need no editor's look; returns how many rows were looked at."""
    return _each(queries.to_screen(clock.now()), lambda id: operations.screen(submissions.get(id)))


@shared_task(name="reviews.count")
def count() -> int:
    """Count how long finished items took, for estimates; returns how many rows are kept."""
    kept = keep(count_waiting_times())
    db.session.commit()
    return kept


@shared_task(name="reviews.sweep")
def sweep() -> int:
    """Forget plans of panels that nobody applied; returns how many."""
    swept = operations.sweep_batches()
    db.session.commit()
    return swept


@shared_task(name="reviews.tick")
def tick() -> int:
    """Move every clock that is due; returns how many rows were looked at.

    First what puts a date off, then what falls due: a clock that stood still harms nobody.
    """
    now = clock.now()
    return (
        _each(clocks_to_set(now), lambda id: operations.set_clock(queries.get(id)))
        + _each(queries.without_owner(now), lambda id: operations.stand_in(submissions.get(id)))
        + _each(queries.due_assignments(now), lambda id: operations.tick(queries.get(id)))
        + _each(
            queries.waiting_on_owner(now), lambda id: operations.remind_owner(submissions.get(id))
        )
        + _each(queries.unanswered(now), lambda id: operations.lapse(submissions.get(id)))
        + _each(
            questions.answered_by_submitter(), lambda id: operations.pass_back(questions.get(id))
        )
        + _each(questions.due(now), lambda id: operations.remind_question(questions.get(id)))
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
