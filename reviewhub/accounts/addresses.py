"""An address that mail does not reach: marking it, and putting another one in its place."""

from reviewhub.accounts import emails, links, queries
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import normalise_email
from reviewhub.notifications import bounces
from reviewhub.notifications.models import Message


def mark_bouncing(message: Message) -> None:
    """A mail came back for good: its reader's address is not written to unless it has to be.

    The administrators are told once; a mail to an address that was corrected meanwhile marks
    nothing.
    """
    person = queries.get(message.recipient_id)
    if person.bouncing_since is not None or person.email != message.address:
        return
    person.bouncing_since = clock.now()
    record(person, "bounce", role="system", message=message.id)
    emails.bounce(person, message.last_error)


def require_bouncing(person: Person) -> None:
    """Raise WrongState where mail arrives: then nobody else says what somebody's address is."""
    if person.bouncing_since is None:
        raise WrongState(_("Mail reaches this address. Only the person can say that it changed."))


def correct_address(person: Person, address: str, *, by: int | None = None) -> None:
    """Write to this address from now on; ends the mark, and what was not sent goes there.

    Links to a new password that are on their way to the old address open nothing any more. Raises
    WrongState while mail arrives, and InvalidInput for an address that somebody has.
    """
    require_bouncing(person)
    new = normalise_email(address)
    if queries.by_email(new) is not None:
        raise InvalidInput(_("Somebody here has this address already."), field="email")
    old, person.email = person.email, new
    person.bouncing_since = None
    links.revoke(Capability.ACCOUNT, person.id)
    bounces.readdress(person.id, new)
    record(
        person, "correct_address", actor_id=by, role="admin" if by else "system", old=old, new=new
    )
    db.session.flush()
