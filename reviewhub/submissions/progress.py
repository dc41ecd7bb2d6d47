"""Who has to act on a submission and by when, and how many reviews there are.

The packages above keep this row; it has no version, so nobody's page is outdated by it.
"""

from datetime import datetime, timedelta

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue

CALL_EVERY = timedelta(days=7)


def wait_for(submission: Submission, owner_id: int | None, due_at: datetime | None) -> None:
    """The next step is this person's, by then; reminders start anew. None: nobody's, or no date."""
    progress = submission.progress
    progress.owner_id = owner_id
    progress.due_at = due_at
    progress.since = clock.now()
    progress.reminders = 0
    progress.reminded_at = None


def set_counts(
    submission: Submission,
    *,
    expected: int | None = None,
    received: int | None = None,
    panel_result: str | None = None,
) -> None:
    """What a page may show of the panel; whatever is not given stays."""
    progress = submission.progress
    if expected is not None:
        progress.reviews_expected = expected
    if received is not None:
        progress.reviews_received = received
    if panel_result is not None:
        progress.panel_result = panel_result


def set_shortage(submission: Submission, shortage: dict[str, object] | None) -> None:
    """Which rule of the panel can't be met, for the editor; None once it can."""
    submission.progress.shortage = shortage


def hand_over(submission: Submission, person_id: int) -> None:
    """Somebody else has to act now; the date and the number of reminders stay."""
    submission.progress.owner_id = person_id


def is_time_to_call(submission: Submission) -> bool:
    """Whether the date has passed, and nobody was called on for it in the last days.

    Calls keep their distance from one another, not from the date: so a clock that stood still for
    weeks does not call several times at once.
    """
    progress, now = submission.progress, clock.now()
    if progress.due_at is None or now < progress.due_at:
        return False
    return progress.reminded_at is None or now >= progress.reminded_at + CALL_EVERY


def note_call(submission: Submission) -> None:
    """Somebody is called on now."""
    submission.progress.reminders += 1
    submission.progress.reminded_at = clock.now()


def is_away(person: Person) -> bool:
    """Whether they said that they are away now."""
    return person.away_until is not None and person.away_until > clock.now()


def owner_is_at_work(submission: Submission) -> bool:
    """Whether somebody owns the next step who still is on the staff."""
    owner_id = submission.progress.owner_id
    if owner_id is None:
        return False
    owner = db.session.get_one(Person, owner_id)
    return owner.suspended_at is None and bool(owner.roles & {Role.EDITOR, Role.ADMIN})


def away_beyond_date(submission: Submission) -> datetime | None:
    """When the owner is back, if they are away now and until after the date."""
    progress = submission.progress
    if progress.owner_id is None or progress.due_at is None:
        return None
    owner = db.session.get_one(Person, progress.owner_id)
    if not is_away(owner) or owner.away_until is None or owner.away_until <= progress.due_at:
        return None
    return owner.away_until


def wait_until_back(submission: Submission, back: datetime) -> None:
    """Nobody can stand in: the date is the first working day on which the owner is back."""
    submission.progress.due_at = catalogue().workdays.after(back, 0)
    submission.progress.reminders = 0
    submission.progress.reminded_at = None
