"""What time does: reminders, invitations that close, late reviews that get help, owners called on.

Each step is one row moved on by one rung, and the next moment is a column; so a tick can be lost,
come twice, or come after days of absence, with the same end. What a clock that stood still has
missed is caught up once, and never at a person's cost:

- Silence counts from when a mail really went out, and nobody is let go who was not reminded before:
  a reminder that comes late moves the end.
- Of reminders that came due meanwhile only the latest is sent; calls on an owner keep their
  distance from the one before.
- Nobody gets help beside a late reviewer on the day on which that reviewer first hears of it.
"""

from datetime import datetime, timedelta

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.notifications.queries import told_at
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import (
    answer_by,
    closes_after_reminder,
    is_recalled,
    is_told_late,
    next_rung,
    relief_at,
    reminder_at,
    rungs_passed,
)
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.panels import look_for_reviewers, move_assignment
from reviewhub.reviews.policy import is_compromised
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.signing import open_sign_off
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import progress
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import runs_itself
from reviewhub.submissions.queries import lock

LOOK_AGAIN = timedelta(days=1)
OWNER_REMINDERS = 3  # then somebody else becomes the owner


def tick(assignment: Assignment) -> None:
    """Do what the assignment's clock asks for now, and set the next moment."""
    lock(assignment.submission_id)
    reread(assignment)
    now = clock.now()
    if assignment.next_tick_at is None or assignment.next_tick_at > now:
        return
    if assignment.state is A.INVITED:
        _tick_invitation(assignment, rules_of(assignment.round))
    elif assignment.state in {A.ACCEPTED, A.RETURNED}:
        if assignment.paused_from is None:  # else the end of the question sets the clock
            _tick_review(assignment, rules_of(assignment.round))
    else:
        assignment.next_tick_at = None


def _tick_invitation(assignment: Assignment, rules: Rules) -> None:
    assert assignment.invited_at is not None  # every invitation has a date
    asked_at = told_at("reviews/invite", assignment, written=assignment.invited_at)
    if asked_at is None:
        assignment.next_tick_at = clock.now() + LOOK_AGAIN
    elif assignment.reminders == 0 and is_recalled(rules):
        _recall(assignment, rules, asked_at)
    elif clock.now() < (ends := _end_of(assignment, rules, asked_at)):
        assignment.answer_by = assignment.next_tick_at = ends
    else:
        expire(assignment)


def _recall(assignment: Assignment, rules: Rules, asked_at: datetime) -> None:
    """The reminder of an invitation, when it is time; after it there are some days left."""
    now = clock.now()
    assert assignment.answer_by is not None  # every invitation has one
    moment = reminder_at(rules, asked_at)
    if now < moment:  # the invitation itself went out late
        assignment.next_tick_at = moment
        assignment.answer_by = max(assignment.answer_by, answer_by(rules, asked_at))
        return
    assignment.reminders = 1
    assignment.answer_by = max(answer_by(rules, asked_at), closes_after_reminder(rules, now))
    assignment.next_tick_at = assignment.answer_by
    emails.remind_invitation(assignment)


def _end_of(assignment: Assignment, rules: Rules, asked_at: datetime) -> datetime:
    """When an invitation closes, by when its mails really went out."""
    ends = answer_by(rules, asked_at)
    if assignment.reminders == 0:
        return ends
    reminded_at = told_at("reviews/remind_invitation", assignment, written=ends)
    if reminded_at is None:
        return clock.now() + LOOK_AGAIN
    return max(ends, closes_after_reminder(rules, reminded_at))


def expire(assignment: Assignment) -> None:
    """No answer: the seat goes to the next candidate; a late yes counts while it is open."""
    move_assignment("expire", assignment, by=SYSTEM)
    assignment.next_tick_at = None
    emails.expire(assignment)
    look_for_reviewers(assignment.round)


def _tick_review(assignment: Assignment, rules: Rules) -> None:
    assert assignment.due_at is not None  # accepting sets it
    now = clock.now()
    passed = rungs_passed(rules, assignment)
    was_told = is_told_late(rules, assignment.reminders)
    if passed > assignment.reminders:  # after a silence of days, one reminder, not one per rung
        assignment.reminders = passed
        emails.remind_review(assignment)
    if assignment.relieved_at is None and now >= relief_at(rules, assignment.due_at):
        if not was_told and is_told_late(rules, passed):
            assignment.next_tick_at = now + LOOK_AGAIN
            return
        assignment.relieved_at = now
        record(assignment, "relieve", role="system")
        look_for_reviewers(assignment.round)
    assignment.next_tick_at = next_rung(rules, assignment)


def remind_owner(submission: Submission) -> None:
    """Call on whoever should have acted; after a few calls, on somebody else."""
    submission = lock(submission.id)
    if not progress.is_time_to_call(submission):
        return
    row = submission.progress
    progress.note_call(submission)
    if row.reminders > OWNER_REMINDERS or row.owner_id is None:
        _escalate(submission)
    if row.owner_id is not None:
        emails.remind_owner(submission)


def stand_in(submission: Submission) -> None:
    """The owner can't act by the date: somebody else takes over now, or the date waits for them.

    A decision that waits for a second person goes back to whoever wanted it, to ask another one.
    """
    submission = lock(submission.id)
    row = submission.progress
    back = progress.away_beyond_date(submission)
    if back is None and progress.owner_is_at_work(submission):
        return
    if row.owner_id is None and runs_itself(submission):
        return  # every editor is part of it: panel and policy act alone
    sign_off = open_sign_off(submission.id)
    present = [
        person
        for person in _others(submission)
        if not progress.is_away(person)
        and (sign_off is None or person.id == sign_off.proposed_by_id)
    ]
    if present:
        deputy = present[0]
        record(submission, "escalate", role="system", from_=row.owner_id, to=deputy.id)
        progress.hand_over(submission, deputy.id)
        if sign_off is None and Role.EDITOR in deputy.roles:
            row.editor_id = deputy.id
        emails.stand_in(submission)
    elif back is not None:
        progress.wait_until_back(submission, back)
        record(submission, "wait_for_owner", role="system", owner=row.owner_id)


def _escalate(submission: Submission) -> None:
    """Name somebody else: another editor, else an administrator, else leave it with its owner."""
    row = submission.progress
    others = _others(submission)
    if others and row.reminders == OWNER_REMINDERS + 1:
        record(submission, "escalate", role="system", from_=row.owner_id, to=others[0].id)
        progress.hand_over(submission, others[0].id)
    elif others and row.owner_id is None:
        progress.hand_over(submission, others[0].id)


def _others(submission: Submission) -> list[Person]:
    """Who could act instead of the owner: editors first, and those who are away last."""
    taken = {submission.progress.owner_id, submission.submitter_id}
    found = {
        person.id: person
        for role in (Role.EDITOR, Role.ADMIN)
        for person in accounts.with_role(role)
        if person.id not in taken and not is_compromised(Actor(person.id), submission)
    }
    return sorted(found.values(), key=progress.is_away)
