"""Celery's way in: the roster's clock."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from celery import shared_task

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.roster.operations import applications, memberships
from reviewhub.roster.queries import applications as find_applications
from reviewhub.roster.queries import members as find_members
from reviewhub.taxonomy.queries import catalogue

MOST_AT_ONCE = 100
T = TypeVar("T")

logger = logging.getLogger(__name__)


@shared_task(name="roster.tick")
def tick() -> int:
    """Do what has come due, each in a transaction of its own; returns how much was."""
    return _tick_applications() + _tick_members()


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
    return _each(pauses, lock, memberships.move_pause) + _each(terms, lock, memberships.move_term)


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
