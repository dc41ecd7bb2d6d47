"""Reaching a reviewer anew: the same page on another device, or a link that only they hold."""

from reviewhub.accounts import links
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.audit.operations import record
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import seat_emails
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A

# What there is to open: the two answers, the form, or what was sent.
OPEN = frozenset({A.INVITED, A.EXPIRED, A.ACCEPTED, A.RETURNED, A.SURPLUS, A.SUBMITTED})


def renew(assignment: Assignment) -> None:
    """Mail the reviewer their link, at most once a minute; a closed one is opened anew."""
    if assignment.state in OPEN:
        seat_emails.renew(assignment)


def disown(assignment: Assignment, *, by: Actor) -> None:
    """Whoever holds the link is not the reviewer: it is closed, and they get one of their own."""
    if assignment.state not in OPEN:
        raise WrongState(_("There is nothing to do here any more."))
    links.revoke(Capability.ASSIGNMENT, assignment.id, person_id=assignment.person_id)
    record(assignment, "disown", role="reviewer", actor_id=by.acting_person_id)
    renew(assignment)
