"""When each step of a review falls due: functions of the rules, the hub's calendar and the clock.

Invitations count working days. A review's days are calendar days, as its reviewer was told.
"""

from datetime import datetime, timedelta

from reviewhub.core import clock
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.rules import Rules, reminder_days
from reviewhub.taxonomy.queries import catalogue


def panel_due_at(rules: Rules) -> datetime:
    """By when a panel that is asked now should have answered: one replacement is allowed for."""
    answered = _working_days(clock.now(), 2 * rules.invitation_expiry_working_days)
    return answered + timedelta(days=rules.review_days)


def decision_due_at(rules: Rules) -> datetime:
    """By when an editor should decide."""
    return clock.now() + timedelta(days=rules.decision_days)


def reminder_at(rules: Rules, asked_at: datetime) -> datetime:
    """When an unanswered invitation is recalled."""
    return _working_days(asked_at, rules.invitation_reminder_working_days)


def answer_by(rules: Rules, asked_at: datetime) -> datetime:
    """When an unanswered invitation is closed."""
    return _working_days(asked_at, rules.invitation_expiry_working_days)


def closes_after_reminder(rules: Rules, reminded_at: datetime) -> datetime:
    """The earliest end of an invitation that was recalled then: as long as the policy leaves."""
    left = rules.invitation_expiry_working_days - rules.invitation_reminder_working_days
    return _working_days(reminded_at, left)


def is_recalled(rules: Rules) -> bool:
    """Whether the policy recalls an invitation before it closes it."""
    return rules.invitation_reminder_working_days < rules.invitation_expiry_working_days


def ladder(rules: Rules, assignment: Assignment) -> list[datetime]:
    """The moments of the review's reminders, in order."""
    assert assignment.due_at is not None  # only an accepted assignment has a ladder
    due_at = assignment.due_at
    return [due_at + timedelta(days=days) for days in reminder_days(rules.review_reminders)]


def rungs_passed(rules: Rules, assignment: Assignment) -> int:
    """How many of the review's reminders lie behind."""
    return sum(moment <= clock.now() for moment in ladder(rules, assignment))


def is_told_late(rules: Rules, reminders: int) -> bool:
    """Whether so many reminders reach beyond the date: the reviewer was told that it passed."""
    return reminders > sum(days <= 0 for days in reminder_days(rules.review_reminders))


def next_rung(rules: Rules, assignment: Assignment) -> datetime | None:
    """The next moment at which an accepted review is looked at, or None when there is none.

    Besides the reminders, that is the moment at which somebody else is asked beside the reviewer;
    where it has passed and nobody was asked, at once.
    """
    assert assignment.due_at is not None
    now = clock.now()
    moments = [moment for moment in ladder(rules, assignment) if moment > now]
    if assignment.relieved_at is None:
        moments.append(max(relief_at(rules, assignment.due_at), now))
    return min(moments, default=None)


def relief_at(rules: Rules, due_at: datetime) -> datetime:
    """When a late reviewer gets somebody beside them."""
    return due_at + timedelta(days=rules.replacement_after_overdue_days)


def _working_days(start: datetime, days: int) -> datetime:
    return catalogue().workdays.after(start, days)
