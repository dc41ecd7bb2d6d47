"""What an invited reviewer answers, and how they step back later."""

from datetime import timedelta

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.operations import declare_conflict
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import next_rung, rungs_passed
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.panels import look_for_reviewers, move_assignment
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.workflow import SEATED
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.queries import lock
from reviewhub.taxonomy.queries import catalogue


def accept(assignment: Assignment, *, by: Actor) -> None:
    """Take the review on and declare that there is no conflict: one act.

    An invitation that has expired can still be accepted while its seat is open.
    """
    lock(assignment.submission_id)
    if assignment.state is A.EXPIRED and not _seat_is_open(assignment):
        raise WrongState(_("Thank you, but this seat has been filled in the meantime."))
    rules = rules_of(assignment.round)
    now = clock.now()
    assignment.conflict_denied_at = now
    assignment.due_at = now + timedelta(days=rules.review_days)
    move_assignment("accept", assignment, by=by)
    assignment.answered_at = now
    assignment.reminders = 0
    assignment.next_tick_at = next_rung(rules, assignment)
    emails.accept(assignment)


def _seat_is_open(assignment: Assignment) -> bool:
    current = assignment.round
    if current.closed_at is not None:
        return False
    rules = rules_of(current)
    demand = {**rules.slots, "tie_breaker": current.tie_breakers}[assignment.slot]
    seated = [
        one
        for one in current.assignments
        if one.slot is assignment.slot and one.state in SEATED and one.relieved_at is None
    ]
    return len(seated) < demand


def decline(assignment: Assignment, *, by: Actor, reason: str, note: str = "") -> None:
    """Say no, with a reason; the next candidate is invited. It costs nothing in ranking."""
    known = [one["code"] for one in catalogue().reasons["invitation_decline"]]
    if reason not in known:
        raise InvalidInput(_("Please choose a reason."), field="reason")
    if reason == "conflict":
        recuse(assignment, by=by, note=note)
        return
    lock(assignment.submission_id)
    assignment.decline_reason = reason
    assignment.decline_note = note
    move_assignment("decline", assignment, by=by, note=note)
    assignment.answered_at = clock.now()
    _leave(assignment)


def recuse(assignment: Assignment, *, by: Actor, note: str = "") -> None:
    """Declare a conflict: access ends at once, it is remembered, and somebody else is asked."""
    submission = lock(assignment.submission_id)
    assignment.decline_reason = "conflict"
    assignment.decline_note = note
    move_assignment("recuse", assignment, by=by, note=note)
    assignment.answered_at = clock.now()
    if submission.submitter_id and submission.submitter_id != assignment.person_id:
        declare_conflict(
            accounts.get(assignment.person_id),
            other=accounts.get(submission.submitter_id),
            reason=note,
        )
    _leave(assignment)


def _leave(assignment: Assignment) -> None:
    assignment.next_tick_at = None
    emails.decline(assignment)
    look_for_reviewers(assignment.round)


def extend(assignment: Assignment, *, by: Actor, days: int) -> None:
    """More time, granted at once within the policy's limit over the whole assignment."""
    rules = rules_of(assignment.round)
    if assignment.state not in {A.ACCEPTED, A.RETURNED} or assignment.due_at is None:
        raise WrongState(_("There is no open review to extend."))
    left = rules.extension_days - assignment.extended_days
    if not 1 <= days <= left:
        raise InvalidInput(
            _("You can extend by %(days)d more days; beyond that, please write to us.", days=left),
            field="days",
        )
    assignment.extended_days += days
    assignment.due_at += timedelta(days=days)
    assignment.reminders = rungs_passed(rules, assignment)
    assignment.next_tick_at = next_rung(rules, assignment)
    record(assignment, "extend", actor_id=by.acting_person_id, role="reviewer", days=days)
