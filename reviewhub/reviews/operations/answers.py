"""What an invited reviewer answers, and how they step back later."""

from datetime import timedelta

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.operations import declare_conflict
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails, seat_emails
from reviewhub.reviews.clocks import next_rung, rungs_passed
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations import asking
from reviewhub.reviews.operations.panels import (
    call_off_outrun,
    look_for_reviewers,
    move_assignment,
)
from reviewhub.reviews.operations.waves import fits
from reviewhub.reviews.queries import open_for_same_submitter, reread, rules_of
from reviewhub.reviews.seating import takes_late_answer
from reviewhub.reviews.workflow import ACTIVE
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock
from reviewhub.taxonomy.queries import catalogue


def accept(assignment: Assignment, *, by: Actor) -> None:
    """Take the review on and declare that there is no conflict: one act.

    Whoever accepts first has the seat, and the others who were asked for it are called off. An
    invitation that has expired can still be accepted while its seat is open.
    """
    submission = lock(assignment.submission_id)
    reread(assignment)
    _refuse_if_taken(submission, assignment)
    was_late = assignment.state is A.EXPIRED
    if was_late:
        asking.count_in_late(assignment)
    rules = rules_of(assignment.round)
    now = clock.now()
    assignment.conflict_denied_at = now
    assignment.due_at = now + timedelta(days=rules.review_days)
    move_assignment("accept", assignment, by=by)
    assignment.answered_at = now
    assignment.reminders = 0
    assignment.next_tick_at = next_rung(rules, assignment)
    emails.accept(assignment)
    call_off_outrun(submission, assignment.round, unplanned=was_late)


def _refuse_if_taken(submission: Submission, assignment: Assignment) -> None:
    """Raise WrongState, with thanks, for a yes that came after the seat was gone."""
    current = assignment.round
    taken = assignment.state is A.CANCELLED and assignment.called_off_at is not None
    if assignment.state is A.EXPIRED:
        taken = not takes_late_answer(current, assignment.slot) or not fits(
            submission, current, assignment
        )
    if taken:
        raise WrongState(_("Thank you, but this seat has been filled in the meantime."))


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


def follow(assignment: Assignment, *, by: Actor, wants: bool) -> None:
    """The reviewer wants, or no longer wants, to hear what becomes of the resource once published.

    Raises WrongState before their review is sent.
    """
    if assignment.review is None or assignment.review.submitted_at is None:
        raise WrongState(_("Send your review first."))
    if assignment.follows is not wants:
        assignment.follows = wants
        record(
            assignment, "follow" if wants else "unfollow", actor_id=by.acting_person_id,
            role="reviewer",
        )  # fmt: skip


def recuse(assignment: Assignment, *, by: Actor, note: str = "") -> None:
    """Declare a conflict: access ends at once, it is remembered, and somebody else is asked.

    It ends the person's work on everything else of the same submitter as well.
    """
    others = open_for_same_submitter(assignment)
    # One after another in the order of their numbers, so that no two of these wait for each other.
    for id in sorted({assignment.submission_id, *(one.submission_id for one in others)}):
        lock(id)
    _step_back(assignment, by=by, note=note)
    submission = lock(assignment.submission_id)
    if submission.submitter_id and submission.submitter_id != assignment.person_id:
        declare_conflict(
            accounts.get(assignment.person_id),
            other=accounts.get(submission.submitter_id),
            reason=note,
        )
        for one in others:
            reread(one)
            if one.state in ACTIVE | {A.EXPIRED}:
                _step_back(one, by=Actor(one.person_id), note=note)


def _step_back(assignment: Assignment, *, by: Actor, note: str) -> None:
    assignment.decline_reason = "conflict"
    assignment.decline_note = note
    move_assignment("recuse", assignment, by=by, note=note)
    assignment.answered_at = clock.now()
    _leave(assignment)


def _leave(assignment: Assignment) -> None:
    assignment.next_tick_at = None
    emails.decline(assignment)
    look_for_reviewers(assignment.round)


def extend(assignment: Assignment, *, by: Actor, days: int) -> None:
    """More time, granted at once within the policy's limit over the whole assignment."""
    lock(assignment.submission_id)
    reread(assignment)
    rules = rules_of(assignment.round)
    if assignment.state not in {A.ACCEPTED, A.RETURNED} or assignment.due_at is None:
        raise WrongState(_("There is no open review to extend."))
    left = rules.extension_days - assignment.extended_days
    if not 1 <= days <= left:
        raise InvalidInput(
            _("You can take %(days)d more days; beyond that, the editor decides.", days=left),
            field="days",
        )
    assignment.extended_days += days
    assignment.due_at += timedelta(days=days)
    assignment.reminders = rungs_passed(rules, assignment)
    assignment.next_tick_at = next_rung(rules, assignment)
    record(assignment, "extend", actor_id=by.acting_person_id, role="reviewer", days=days)
    seat_emails.extend(assignment)
