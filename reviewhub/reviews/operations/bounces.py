"""A mail to a reviewer came back: an invitation that nobody has read is a silence at once."""

from reviewhub.accounts.actor import SYSTEM
from reviewhub.notifications.models import Message
from reviewhub.reviews import emails
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.panels import look_for_reviewers, move_assignment
from reviewhub.reviews.queries import get, reread
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.queries import lock

INVITING = frozenset({"reviews/invite", "reviews/remind_invitation"})


def bounce(message: Message) -> None:
    """Where the mail was an invitation that waits for its answer, ask the next candidate now.

    The editor hears of it. Any other mail that came back stands on the item's page.
    """
    if message.object_type != Assignment.__tablename__ or message.event not in INVITING:
        return
    assignment = get(message.object_id)
    lock(assignment.submission_id)
    reread(assignment)
    if assignment.state is not A.INVITED:
        return
    move_assignment("expire", assignment, by=SYSTEM, note=message.last_error)
    assignment.next_tick_at = None
    emails.bounce(assignment)
    look_for_reviewers(assignment.round)
