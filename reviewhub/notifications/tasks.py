"""Celery's way in."""

import logging

from celery import shared_task

from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.mailer import Mailer
from reviewhub.notifications import digests
from reviewhub.notifications.envelopes import sender_of
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import DELIVER, TO_SETTLE, deliver_due
from reviewhub.notifications.rendering import render

log = logging.getLogger(__name__)


@shared_task(name=DELIVER)
def deliver() -> int:
    """Send what is due. Without a mail server everything stays queued; returns how many went."""
    url = config.current().smtp_url
    if not url:
        return 0
    mailer = Mailer(url)

    def send(message: Message) -> None:
        mail, address, sender = render(message), message.address, sender_of(message)
        assert message.lease_until is not None  # whoever sends a mail has claimed it
        until = message.lease_until - TO_SETTLE
        db.session.rollback()  # a slow mail server must not hold a transaction open
        seconds = (until - clock.now()).total_seconds()
        mailer.send(mail, address, sender=sender, within=seconds)

    return deliver_due(send)


@shared_task(name="notifications.collect")
def collect() -> int:
    """Make the digests of those whose morning has come; returns how many."""
    made = 0
    for person_id in digests.due_readers():
        try:
            made += bool(digests.collect(person_id))
            db.session.commit()
        except Exception:  # one person's lines must not keep the others' digests
            db.session.rollback()
            log.exception("digest of person %s", person_id)
    return made
