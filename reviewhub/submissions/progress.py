"""Who has to act on a submission and by when, and how many reviews there are.

The packages above keep this row; it has no version, so nobody's page is outdated by it.
"""

from datetime import datetime

from reviewhub.core import clock
from reviewhub.submissions.models import Submission


def wait_for(submission: Submission, owner_id: int | None, due_at: datetime | None) -> None:
    """The next step is this person's, by then; reminders start anew. None: nobody's, or no date."""
    progress = submission.progress
    progress.owner_id = owner_id
    progress.due_at = due_at
    progress.since = clock.now()
    progress.reminders = 0


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
