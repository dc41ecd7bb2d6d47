"""Celery's way in."""

from celery import shared_task

from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.mailer import Mailer
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import DELIVER, deliver_due
from reviewhub.notifications.rendering import render


@shared_task(name=DELIVER)
def deliver() -> int:
    """Send what is due. Without a mail server everything stays queued; returns how many went."""
    url = config.current().smtp_url
    if not url:
        return 0
    mailer = Mailer(url)

    def send(message: Message) -> None:
        mail, address = render(message), message.address
        db.session.rollback()  # a slow mail server must not hold a transaction open
        mailer.send(mail, address)

    return deliver_due(send)
