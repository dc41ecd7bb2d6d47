"""What staff change on pages across packages: mails are sent again, lists are kept."""

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.admin.mails import RESENDABLE
from reviewhub.admin.models import SavedList
from reviewhub.audit.operations import record
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.notifications import outbox
from reviewhub.notifications.models import Message

MOST_LISTS = 20
LONGEST_NAME = 60


def resend(message: Message, *, by: Actor) -> None:
    """Queue a mail that was refused, given up or held. Raises WrongState for any other."""
    if message.state not in RESENDABLE:
        raise WrongState(_("This mail has been sent or is on its way already."))
    outbox.resend(message)
    role = min(by.roles) if by.roles else ""
    record(message, "resend", actor_id=by.acting_person_id, role=role, event=message.event)


def keep_list(name: str, query: str, *, by: Actor) -> SavedList:
    """Keep an address of the desk under a name; a name that this person used goes to the new one.

    Raises InvalidInput without a name, and where there are MOST_LISTS already.
    """
    name = clean_line(name)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput(
            _("Give the list a name of at most %(most)s letters.", most=LONGEST_NAME)
        )
    mine = list(db.session.scalars(sa.select(SavedList).where(SavedList.person_id == by.person_id)))
    known = next((one for one in mine if one.name == name), None)
    if known is None and len(mine) >= MOST_LISTS:
        raise InvalidInput(
            _("You keep %(most)s lists already. Forget one of them first.", most=MOST_LISTS)
        )
    kept = known or SavedList(person_id=by.person_id, name=name)
    kept.query = query
    db.session.add(kept)
    return kept


def forget_list(kept: SavedList) -> None:
    """Not needed any more; what it showed stays as it is."""
    db.session.delete(kept)
