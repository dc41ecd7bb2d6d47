"""When each step of a review falls due: pure functions of the rules and the clock."""

from datetime import datetime, timedelta

from reviewhub.core import clock
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.rules import Rules


def panel_due_at(rules: Rules) -> datetime:
    """By when a panel that is asked now should have answered: one replacement is allowed for."""
    answered = clock.add_working_days(clock.now(), 2 * rules.invitation_expiry_working_days)
    return answered + timedelta(days=rules.review_days)


def decision_due_at(rules: Rules) -> datetime:
    """By when an editor should decide."""
    return clock.now() + timedelta(days=rules.decision_days)


def reminder_at(rules: Rules, invited_at: datetime) -> datetime:
    """When an unanswered invitation is recalled."""
    return clock.add_working_days(invited_at, rules.invitation_reminder_working_days)


def answer_by(rules: Rules, invited_at: datetime) -> datetime:
    """When an unanswered invitation is closed."""
    return clock.add_working_days(invited_at, rules.invitation_expiry_working_days)


def ladder(rules: Rules, assignment: Assignment) -> list[datetime]:
    """The moments of the review's reminders, in order."""
    assert assignment.due_at is not None  # only an accepted assignment has a ladder
    due_at = assignment.due_at
    return [due_at + timedelta(days=days) for days in sorted(rules.review_reminders)]


def rungs_passed(rules: Rules, assignment: Assignment) -> int:
    """How many of the review's reminders lie behind."""
    return sum(moment <= clock.now() for moment in ladder(rules, assignment))


def next_rung(rules: Rules, assignment: Assignment) -> datetime | None:
    """The next moment at which an accepted review is looked at, or None when there is none.

    Besides the reminders, that is the moment at which somebody else is asked beside the reviewer.
    """
    assert assignment.due_at is not None
    moments = ladder(rules, assignment)
    if assignment.relieved_at is None:
        moments.append(relief_at(rules, assignment.due_at))
    return min((moment for moment in moments if moment > clock.now()), default=None)


def relief_at(rules: Rules, due_at: datetime) -> datetime:
    """When a late reviewer gets somebody beside them."""
    return due_at + timedelta(days=rules.replacement_after_overdue_days)
