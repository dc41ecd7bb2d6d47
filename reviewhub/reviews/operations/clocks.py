"""What time does: reminders, invitations that close, late reviews that get help, owners called on.

Each step is one row moved on by one rung, and the next moment is a column; so a tick can be lost,
come twice, or come after a day's absence, with the same end.
"""

from datetime import timedelta

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import next_rung, relief_at, rungs_passed
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.panels import look_for_reviewers, move_assignment
from reviewhub.reviews.policy import is_compromised
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import progress
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock

REMIND_OWNER_EVERY = timedelta(days=7)
OWNER_REMINDERS = 3  # then somebody else becomes the owner


def tick(assignment: Assignment) -> None:
    """Do what the assignment's clock asks for now, and set the next moment."""
    lock(assignment.submission_id)
    reread(assignment)
    now = clock.now()
    if assignment.next_tick_at is None or assignment.next_tick_at > now:
        return
    if assignment.state is A.INVITED:
        _tick_invitation(assignment)
    elif assignment.state in {A.ACCEPTED, A.RETURNED}:
        _tick_review(assignment)
    else:
        assignment.next_tick_at = None


def _tick_invitation(assignment: Assignment) -> None:
    assert assignment.answer_by is not None  # every invitation has one
    if clock.now() >= assignment.answer_by:
        expire(assignment)
        return
    if assignment.reminders == 0:
        assignment.reminders = 1
        emails.remind_invitation(assignment)
    assignment.next_tick_at = assignment.answer_by


def expire(assignment: Assignment) -> None:
    """No answer: the seat goes to the next candidate; a late yes counts while it is open."""
    move_assignment("expire", assignment, by=SYSTEM)
    assignment.next_tick_at = None
    emails.expire(assignment)
    look_for_reviewers(assignment.round)


def _tick_review(assignment: Assignment) -> None:
    rules = rules_of(assignment.round)
    assert assignment.due_at is not None  # accepting sets it
    now = clock.now()
    passed = rungs_passed(rules, assignment)
    if passed > assignment.reminders:  # after a silence of days, one reminder, not one per rung
        assignment.reminders = passed
        emails.remind_review(assignment)
    if assignment.relieved_at is None and now >= relief_at(rules, assignment.due_at):
        assignment.relieved_at = now
        record(assignment, "relieve", role="system")
        look_for_reviewers(assignment.round)
    assignment.next_tick_at = next_rung(rules, assignment)


def remind_owner(submission: Submission) -> None:
    """Call on whoever should have acted; after a few calls, on somebody else."""
    submission = lock(submission.id)
    row = submission.progress
    now = clock.now()
    if row.due_at is None or now < row.due_at + REMIND_OWNER_EVERY * row.reminders:
        return
    row.reminders += 1
    if row.reminders > OWNER_REMINDERS or row.owner_id is None:
        _escalate(submission)
    if row.owner_id is not None:
        emails.remind_owner(submission)


def _escalate(submission: Submission) -> None:
    """Name somebody else: another editor, else an administrator, else leave it with its owner."""
    row = submission.progress
    taken = {row.owner_id, submission.submitter_id}
    others = [
        person
        for role in (Role.EDITOR, Role.ADMIN)
        for person in accounts.with_role(role)
        if person.id not in taken and not is_compromised(Actor(person.id), submission)
    ]
    if others and row.reminders == OWNER_REMINDERS + 1:
        record(submission, "escalate", role="system", from_=row.owner_id, to=others[0].id)
        progress.hand_over(submission, others[0].id)
    elif others and row.owner_id is None:
        progress.hand_over(submission, others[0].id)
