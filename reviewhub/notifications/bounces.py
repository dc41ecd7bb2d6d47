"""Mail that comes back: a report about one of our mails, and what follows from it.

Reports come from a mailbox (dsn.py), from a provider's hook, or from the mail server while a mail
is handed over. They all end here. A permanent one fails its mail and is passed on to the packages
above, each of which does what is its own; a temporary one is noted. Whatever names no mail of ours
by its own token changes nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.text import clean_line
from reviewhub.notifications.envelopes import is_token_of, number_in
from reviewhub.notifications.models import Message, MessageState

log = logging.getLogger(__name__)

Listener = Callable[[Message], None]
LONGEST_DETAIL = 400  # characters

_listeners: tuple[Listener, ...] = ()


def use_listeners(*listeners: Listener) -> None:
    """Let these hear, in this order, of every mail that came back for good; called at start.

    What follows for people and for reviews belongs to packages above this one.
    """
    global _listeners  # set once per process
    _listeners = listeners


@dataclass(frozen=True)
class Report:
    """What a mail server said of one of our mails; `address` is the one it was said to."""

    address: str
    is_permanent: bool
    detail: str


def take_in(report: Report) -> bool:
    """Do what follows from the report; whether it was about a mail of ours.

    Doing it twice changes nothing more.
    """
    number = number_in(report.address)
    message = None if number is None else _locked(number)
    if message is None or not is_token_of(report.address, message):
        log.warning("a report of a mail that is not ours: %s", clean_line(report.address)[:200])
        return False
    detail = clean_line(report.detail)[:LONGEST_DETAIL]
    if report.is_permanent and message.state is MessageState.SENT:
        came_back(message, detail)
    elif message.state is MessageState.SENT:
        message.last_error = detail
    log.info("mail %s: %s", message.id, "came back" if report.is_permanent else "is late")
    return True


def came_back(message: Message, detail: str) -> None:
    """This mail did not arrive and never will: its lines, where it is a digest, did not either."""
    now = clock.now()
    db.session.execute(
        sa.update(Message)
        .where(sa.or_(Message.id == message.id, Message.digest_id == message.id))
        .values(state=MessageState.FAILED, sent_at=None, bounced_at=now, last_error=detail)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(message)
    for listener in _listeners:
        listener(message)


def readdress(person_id: int, address: str) -> None:
    """Let what has not reached this person go to another address, once it is sent again."""
    db.session.execute(
        sa.update(Message)
        .where(Message.recipient_id == person_id, Message.state != MessageState.SENT)
        .values(address=address)
    )


def _locked(number: int) -> Message | None:
    return db.session.scalar(sa.select(Message).where(Message.id == number).with_for_update())
