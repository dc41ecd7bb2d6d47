"""Celery's way in: the roster's clock."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from celery import shared_task

from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _, force_locale
from reviewhub.jobs import operations as jobs
from reviewhub.jobs import queries as job_queries
from reviewhub.jobs.models import Job
from reviewhub.roster import invitations as find_invitations
from reviewhub.roster.operations import absences, applications, imports, invitations, memberships
from reviewhub.roster.queries import applications as find_applications
from reviewhub.roster.queries import members as find_members
from reviewhub.taxonomy.queries import catalogue

MOST_AT_ONCE = 100
T = TypeVar("T")

logger = logging.getLogger(__name__)


@shared_task(name="roster.tick")
def tick() -> int:
    """Do what has come due, each in a transaction of its own; returns how much was."""
    return _tick_applications() + _tick_members() + _tick_invitations()


@shared_task(name="roster.sweep")
def sweep() -> int:
    """Remove the bytes of CVs and lists that nobody can miss; returns how many files."""
    return applications.sweep_cvs() + imports.sweep()


def _tick_applications() -> int:
    old = clock.now() - timedelta(days=catalogue().policy["guest_draft_days"])
    drafts = find_applications.unconfirmed_before(old, limit=MOST_AT_ONCE)
    asked = find_applications.questions_due(limit=MOST_AT_ONCE)
    late = find_applications.overdue(applications.overdue_steps(), limit=MOST_AT_ONCE)
    lock = find_applications.lock
    return (
        _each(drafts, lock, applications.lapse)
        + _each(asked, lock, applications.remind)
        + _each(late, lock, applications.chase)
    )


def _tick_members() -> int:
    today = clock.today()
    pauses = find_members.pauses_to_move(today, limit=MOST_AT_ONCE)
    terms = find_members.terms_ending(today, memberships.reminder_days(), limit=MOST_AT_ONCE)
    lock = find_members.lock
    return _each(pauses, lock, absences.move_pause) + _each(terms, lock, memberships.move_term)


def _tick_invitations() -> int:
    unanswered = find_invitations.lapsing(clock.now(), limit=MOST_AT_ONCE)
    return _each(unanswered, find_invitations.lock, invitations.lapse)


def _each(numbers: Iterable[int], lock: Callable[[int], T], do: Callable[[T], bool]) -> int:
    """Do one after the other; one that fails is logged and does not hold up the rest."""
    done = 0
    for number in numbers:
        try:
            done += do(lock(number))
            db.session.commit()
        except Exception:
            db.session.rollback()
            logger.exception("the roster's clock stumbled over row %d", number)
    return done


@shared_task(name="roster.import_files")
def import_files() -> int:
    """Check and apply the lists that wait, one after the other; returns how many."""
    done = 0
    while (job := jobs.take_up(imports.KIND)) is not None:
        job_id = job.id
        db.session.commit()
        try:
            with force_locale(job_queries.get(job_id).report["locale"]):
                _import(job_id)
        except DomainError as error:
            _give_up(job_id, str(error))
        except Exception:
            logger.exception("the list of job %d stumbled", job_id)
            _give_up(job_id, str(_("This came to a halt by a fault of ours. Try it again.")))
        done += 1
    db.session.rollback()
    return done


def _import(job_id: int) -> None:
    job = job_queries.get(job_id)
    content, name = imports.content_of(job), job.report["file"]
    by, locale = _asker(job), job.report["locale"]
    if job.report["dry_run"]:
        found = imports.check(content, name, by=by, locale=locale)
        jobs.finish(job_id, **imports.report(found))
        db.session.commit()
        return
    total, outcome, batches = imports.batches(content, name)
    jobs.measure(job_id, total=total)
    for batch in batches:
        outcome += invitations.invite(batch, by=by, locale=locale)
        jobs.advance(job_id, steps=len(batch), **imports.report(outcome))
        db.session.commit()
    imports.drop_file(jobs.finish(job_id, **imports.report(outcome)))
    db.session.commit()


def _asker(job: Job) -> Actor:
    assert job.started_by_id is not None  # imports.put_down
    person = people.get(job.started_by_id)
    roles = frozenset() if person.suspended_at else person.roles
    return Actor(person_id=person.id, roles=roles)


def _give_up(job_id: int, sentence: str) -> None:
    db.session.rollback()
    jobs.fail(job_id, because=sentence)
    db.session.commit()
