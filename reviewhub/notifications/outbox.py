"""Writing to the outbox and emptying it.

A mail is promised with `tell` in the transaction of its cause. Delivery claims one row in a
transaction of its own (a lease, so that a dead worker's row comes back), sends it, and marks it
where the claim is still ours. A crash between sending and marking sends the same Message-ID again.
"""

import random
import secrets
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from jinja2 import TemplateError

from reviewhub.audit.operations import Recorded
from reviewhub.core import clock
from reviewhub.core.db import db, insert_into, reading
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.core.mailer import ServerAway
from reviewhub.core.nudges import nudge
from reviewhub.notifications import bounces, choices
from reviewhub.notifications.kinds import How, Kind
from reviewhub.notifications.mails import kind_of
from reviewhub.notifications.models import Message, MessageState, Notice
from reviewhub.notifications.mornings import next_morning

LEASE = timedelta(seconds=30)
# From the end of the dialogue with the mail server, whatever it does, to the end of the lease:
# time enough to write down what came of it, so that nobody else takes the mail up meanwhile.
TO_SETTLE = timedelta(seconds=12)
MOST_ATTEMPTS = 12
AWAY = timedelta(seconds=15)  # how long a mail waits for a server that did not answer
RETRY_CAP = timedelta(hours=1)
DELIVER = "notifications.deliver"
DIGEST = "notifications/digest"  # the event of a mail that is made of lines
ON_THE_WAY = (
    MessageState.QUEUED, MessageState.SENDING, MessageState.WAITING, MessageState.BUNDLED,
)  # fmt: skip
UNSENT = (MessageState.QUEUED, MessageState.WAITING, MessageState.SILENT)
RESENDABLE = frozenset({MessageState.FAILED, MessageState.DEAD, MessageState.HELD})


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes, in which language, and where the reader's mornings are."""

    id: int
    address: str
    locale: str
    timezone: str = ""  # none: the hub's
    reachable: bool = True  # no, while mail to the address comes back


@dataclass(frozen=True)
class Target:
    """The page a message leads to: an endpoint, its values, and the link that opens it."""

    endpoint: str = ""
    values: tuple[tuple[str, Any], ...] = ()
    link_id: int | None = None


def page(endpoint: str, *, link_id: int | None = None, **values: Any) -> Target:
    """A target, written the way `url_for` is."""
    return Target(endpoint, tuple(sorted(values.items())), link_id)


def tell(
    event: str,
    to: Recipient,
    about: Recorded,
    *,
    target: Target,
    occurrence: str = "",
    at: datetime | None = None,
    reply_to: str = "",
    **context: Any,
) -> None:
    """Promise a mail and show a notice, once per event, object, recipient and occurrence.

    `event` names the template, as in "reviews/invite"; `context` must be JSON. Nothing is sent
    unless the caller's transaction commits, and not before `at`. What can wait, as its `mail`
    declares, comes as its reader wants mails of this kind; everything else goes out at once.
    """
    moment, kind = clock.now(), kind_of(event)
    shown_at = at or moment
    state, due_at = _when(to, kind, shown_at)
    values = {
        "event": event,
        "object_type": about.__tablename__,
        "object_id": about.id,
        "occurrence": occurrence,
        "recipient_id": to.id,
        "address": to.address,
        "locale": to.locale,
        "context": {
            **context,
            "endpoint": target.endpoint,
            "values": dict(target.values),
            "link_id": target.link_id,
            **({"choices_link_id": choices.link_of(to.id)} if kind else {}),
        },
        "state": state,
        "created_at": moment,
        "due_at": due_at,
        "attempts": 0,
        "last_error": "",
        "kind": kind or "",
        "reply_to": reply_to,
    }
    db.session.flush()
    written = db.session.scalar(
        insert_into(Message).values(values).on_conflict_do_nothing().returning(Message.id)
    )
    if written is None:
        return
    db.session.add(
        Notice(
            person_id=to.id,
            message_id=written,
            event=event,
            endpoint=target.endpoint,
            values=dict(target.values),
            context=context,
            created_at=shown_at,
        )
    )
    if state is MessageState.QUEUED:
        nudge(DELIVER)


def _when(to: Recipient, kind: Kind | None, earliest: datetime) -> tuple[MessageState, datetime]:
    """How this mail leaves, and when: now, with the digest of a morning, or not at all."""
    if kind is None:
        return MessageState.QUEUED, earliest
    how = choices.wanted(to.id, kind) if to.reachable else How.NONE
    if how is How.NONE:
        return MessageState.SILENT, earliest
    if how is How.DIGEST:
        return MessageState.WAITING, next_morning(earliest, to.timezone)
    return MessageState.QUEUED, earliest


def unsay(event: str, about: Recorded) -> int:
    """Take back this event's mails that wait, and their notices; returns how many."""
    result = db.session.execute(
        sa.delete(Message).where(
            Message.event == event,
            Message.object_type == about.__tablename__,
            Message.object_id == about.id,
            Message.state.in_(UNSENT),
        )
    )
    return int(getattr(result, "rowcount", 0))


def resend(message: Message) -> None:
    """Queue a failed, dead or held mail once more. Raises WrongState for any other."""
    if message.state not in RESENDABLE:
        raise WrongState(_("This mail has been sent or is on its way already."))
    message.state = MessageState.QUEUED
    message.digest_id = None  # a line of a digest goes out as a mail of its own now
    message.bounced_at = None
    message.attempts = 0
    message.due_at = clock.now()
    message.last_error = ""
    nudge(DELIVER)


def hold_waiting() -> int:
    """Hold back every mail that waits or was on its way; returns how many. For a restore."""
    result = db.session.execute(
        sa.update(Message)
        .where(Message.state.in_(ON_THE_WAY))
        .values(state=MessageState.HELD, claim=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))


Send = Callable[[Message], None]


def deliver_due(send: Send, *, limit: int = 200) -> int:
    """Send what is due, oldest first, one transaction each; returns how many were handed over."""
    sent = 0
    for _attempt in range(limit):
        claimed = _claim()
        if claimed is None:
            break
        try:
            sent += _deliver(*claimed, send)
        except ServerAway as error:
            _put_back(*claimed, str(error))
            break  # the others would fare no better: they wait for the next sweep
    return sent


def _claim() -> tuple[int, str] | None:
    """Take one due row, or one whose lease ran out because its worker died."""
    moment, claim = clock.now(), secrets.token_hex(16)
    due = (
        sa.select(Message.id)
        .where(
            sa.or_(
                sa.and_(Message.state == MessageState.QUEUED, Message.due_at <= moment),
                sa.and_(Message.state == MessageState.SENDING, Message.lease_until < moment),
            )
        )
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message_id = db.session.scalar(
        sa.update(Message)
        .where(Message.id == due.scalar_subquery())
        .values(
            state=MessageState.SENDING,
            claim=claim,
            lease_until=moment + LEASE,
            attempts=Message.attempts + 1,
        )
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return (message_id, claim) if message_id is not None else None


def _deliver(message_id: int, claim: str, send: Send) -> int:
    try:
        with reading():  # sending takes seconds: it must not hold the write lock
            send(_within_attempts(message_id))
    except smtplib.SMTPResponseException as error:
        permanent = 500 <= error.smtp_code < 600
        _failed(message_id, claim, f"{error.smtp_code} {error.smtp_error!r}", permanent=permanent)
        return 0
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()), (550, b"refused"))
        _failed(message_id, claim, f"{code} {answer!r}", permanent=code >= 500)
        if code >= 500:
            _came_back(message_id)
        return 0
    except TemplateError as error:  # before OSError: a template that is missing is one
        _failed(message_id, claim, f"{type(error).__name__}: {error}", permanent=True)
        return 0
    except ServerAway:
        raise
    except (OSError, smtplib.SMTPException) as error:
        _failed(message_id, claim, f"{type(error).__name__}: {error}", permanent=False)
        return 0
    except Exception as error:  # a mail that can't be rendered must not hold up the others
        _failed(message_id, claim, f"{type(error).__name__}: {error}", permanent=True)
        return 0
    _settle(message_id, claim, state=MessageState.SENT, sent_at=clock.now(), last_error="")
    return 1


def _came_back(message_id: int) -> None:
    """The server would not take mail for this address: as good as a report that comes later."""
    message = db.session.get_one(Message, message_id, populate_existing=True)
    if message.state is MessageState.FAILED and message.bounced_at is None:
        bounces.came_back(message, message.last_error)
    db.session.commit()


def _put_back(message_id: int, claim: str, error: str) -> None:
    """The server was away: the mail waits, and no attempt is counted against it."""
    wait = AWAY * random.uniform(0.5, 1.5)
    _settle(
        message_id,
        claim,
        state=MessageState.QUEUED,
        due_at=clock.now() + wait,
        attempts=Message.attempts - 1,
        last_error=error[:500],
    )


def _within_attempts(message_id: int) -> Message:
    """The message; TimeoutError where every worker that tried it so far has died of it."""
    message = db.session.get_one(Message, message_id, populate_existing=True)
    if message.attempts > MOST_ATTEMPTS:
        raise TimeoutError("no attempt came to an end")
    return message


def _failed(message_id: int, claim: str, error: str, *, permanent: bool) -> None:
    db.session.rollback()
    attempts = db.session.get_one(Message, message_id).attempts
    if permanent or attempts >= MOST_ATTEMPTS:
        state = MessageState.FAILED if permanent else MessageState.DEAD
        _settle(message_id, claim, state=state, last_error=error[:500])
        return
    wait = min(timedelta(seconds=30) * 2 ** (attempts - 1), RETRY_CAP)
    wait *= random.uniform(0.5, 1.5)  # so that a recovered server is not hit by all at once
    _settle(
        message_id,
        claim,
        state=MessageState.QUEUED,
        due_at=clock.now() + wait,
        last_error=error[:500],
    )


def _settle(message_id: int, claim: str, **values: Any) -> None:
    """Write the outcome, unless somebody else has taken the row over meanwhile."""
    db.session.rollback()  # what was read before this began without the right to write
    settled = db.session.scalar(
        sa.update(Message)
        .where(Message.id == message_id, Message.claim == claim)
        .values(claim=None, lease_until=None, **values)
        .returning(Message.event)
    )
    if settled == DIGEST and values["state"] is not MessageState.QUEUED:
        _settle_lines(message_id, values)
    db.session.commit()


def _settle_lines(digest_id: int, values: dict[str, Any]) -> None:
    """What became of a digest became of its lines, in the same transaction."""
    told = {name: values.get(name) for name in ("state", "sent_at")}
    db.session.execute(
        sa.update(Message)
        .where(Message.digest_id == digest_id)
        .values(**told, last_error=values["last_error"])
        .execution_options(synchronize_session=False)
    )
