"""Celery's way in: the mail at the beginning of the week, and erasures whose day has come."""

import logging

import sqlalchemy as sa
from celery import shared_task

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.admin import emails
from reviewhub.admin.people import erasing
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.notifications.models import Message
from reviewhub.notifications.mornings import is_first_morning_of_week

log = logging.getLogger(__name__)

WHO = (Role.EDITOR, Role.ROSTER_MANAGER, Role.ADMIN)


@shared_task(name="admin.monday")
def monday() -> int:
    """Write to staff whose week has begun what needs doing; returns how many were looked at."""
    now = clock.now()
    ids = [
        person.id
        for person in accounts.with_role(*WHO)
        if is_first_morning_of_week(now, person.timezone) and not _is_told(person)
    ]
    db.session.rollback()
    for id in ids:
        try:
            emails.monday(accounts.get(id))
            db.session.commit()
        except Exception:  # one person's week must not keep the others' mails
            db.session.rollback()
            log.exception("the mail of the week for person %s", id)
    return len(ids)


@shared_task(name="admin.erase_due")
def erase_due() -> int:
    """Erase whoever asked for it and whose day has come, one transaction each; returns how many."""
    erased = 0
    for id in erasing.due(clock.now()):
        try:
            gone = erasing.erase_due(id)
            db.session.commit()
        except Exception:  # somebody else's day must not wait for it
            db.session.rollback()
            log.exception("the erasure of person %s", id)
            continue
        if gone is not None:
            gone.clear()
            erased += 1
    return erased


def _is_told(person: Person) -> bool:
    told = sa.select(Message.id).where(
        Message.event == "admin/monday",
        Message.object_type == "people",
        Message.object_id == person.id,
        Message.occurrence == emails.week_of(person, clock.now()),
    )
    return db.session.scalar(told) is not None
