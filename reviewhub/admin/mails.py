"""The outbox as staff see it: what did not arrive first."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.admin import sight
from reviewhub.core.db import db
from reviewhub.core.i18n import _l
from reviewhub.notifications.models import Message, MessageState

PAGE = 50

LABELS = {
    MessageState.QUEUED: _l("waiting"),
    MessageState.SENDING: _l("being sent"),
    MessageState.SENT: _l("sent"),
    MessageState.FAILED: _l("refused"),
    MessageState.DEAD: _l("given up"),
    MessageState.HELD: _l("held"),
    MessageState.WAITING: _l("waits for a digest"),
    MessageState.BUNDLED: _l("in a digest"),
    MessageState.SILENT: _l("as a notice only"),
}
# These want somebody to look at them; the page shows them unless it is asked for others.
TROUBLED = frozenset({MessageState.FAILED, MessageState.DEAD, MessageState.HELD})
RESENDABLE = TROUBLED


def listed(
    states: frozenset[MessageState],
    actor: Actor,
    *,
    before: int | None = None,
    most: int = PAGE + 1,
) -> Sequence[tuple[Message, str]]:
    """At most `most` mails in these states with their recipients' names, the newest first."""
    recipient = aliased(Person)
    query = (
        sa.select(Message, recipient.name)
        .join(recipient, recipient.id == Message.recipient_id)
        .where(Message.state.in_(states), sight.shown_messages(actor))
        .order_by(Message.id.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(Message.id < before)
    return [(message, name) for message, name in db.session.execute(query)]


def shown_to(message_id: int, actor: Actor) -> Message:
    """The mail, locked. Raises NoResultFound where this viewer may not know of it."""
    return db.session.execute(
        sa.select(Message)
        .where(Message.id == message_id, sight.shown_messages(actor))
        .with_for_update()
    ).scalar_one()
