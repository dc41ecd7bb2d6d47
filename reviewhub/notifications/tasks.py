"""Celery's way in."""

from celery import shared_task

from reviewhub.core import config
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
        mailer.send(render(message), message.address)

    return deliver_due(send)
