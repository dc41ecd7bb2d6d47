"""What staff change on pages across packages: mails that did not arrive are sent again."""

from reviewhub.accounts.actor import Actor
from reviewhub.admin.mails import RESENDABLE
from reviewhub.audit.operations import record
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.notifications import outbox
from reviewhub.notifications.models import Message


def resend(message: Message, *, by: Actor) -> None:
    """Queue a mail that was refused, given up or held. Raises WrongState for any other."""
    if message.state not in RESENDABLE:
        raise WrongState(_("This mail has been sent or is on its way already."))
    outbox.resend(message)
    role = min(by.roles) if by.roles else ""
    record(message, "resend", actor_id=by.acting_person_id, role=role, event=message.event)
