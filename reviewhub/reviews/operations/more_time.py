"""More time than a reviewer can take by themselves: they ask, and an editor gives it or not."""

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean
from reviewhub.reviews import seat_emails
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.policy import is_reviewer, roles_towards
from reviewhub.reviews.queries import reread
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.queries import lock

MOST_DAYS = 90


def ask_for_time(assignment: Assignment, *, by: Actor, days: int, note: str) -> None:
    """Ask the editor for days beyond the policy's limit; the newest wish stands."""
    lock(assignment.submission_id)
    reread(assignment)
    if not is_reviewer(by, assignment):
        raise NotAllowed(_("You may not do this here."))
    if assignment.state not in {A.ACCEPTED, A.RETURNED} or assignment.due_at is None:
        raise WrongState(_("There is no open review to extend."))
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            _("Please give a number of days from 1 to %(most)d.", most=MOST_DAYS), field="days"
        )
    note = clean(note)
    if assignment.wanted_days == days:
        return
    assignment.wanted_days = days
    record(
        assignment, "ask_for_time", actor_id=by.acting_person_id, role="reviewer", note=note,
        days=days,
    )  # fmt: skip
    seat_emails.ask_for_time(assignment, days, note)


def refuse_time(assignment: Assignment, *, by: Actor) -> None:
    """The date stays; the reviewer is told, and how to step back."""
    submission = lock(assignment.submission_id)
    reread(assignment)
    refuse_compromised(submission, by)
    if Role.EDITOR not in roles_towards(by, submission):
        raise NotAllowed(_("You may not do this here."))
    if assignment.wanted_days is None or assignment.state not in {A.ACCEPTED, A.RETURNED}:
        raise WrongState(_("Nobody asks for more time here any more."))
    days, assignment.wanted_days = assignment.wanted_days, None
    record(assignment, "refuse_time", actor_id=by.acting_person_id, role="editor", days=days)
    seat_emails.refuse_time(assignment)
