"""Keeping what goes to the submitter with an editor's words: whose comments, and the sources."""

from collections.abc import Collection

from reviewhub.accounts.actor import Actor
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.reviews.letters import Draft, Source
from reviewhub.reviews.models import ForSubmitter
from reviewhub.submissions.letters import Letter
from reviewhub.submissions.models import Decision, Submission


def write(
    submission: Submission,
    drafted: Draft,
    *,
    text: str,
    release: Collection[int],
    by: Actor,
    decision: Decision | None = None,
) -> Letter | None:
    """Keep what goes with `text`, if anything does: the comments of `release` (assignments).

    Raises InvalidInput for a comment that is not there to be released.
    """
    spoken = check_release(drafted, release)
    sources = drafted.sources_of(text)
    people = {str(s.number): s.person_id for s in drafted.sources} if drafted.named else {}
    if not (spoken or sources or people):
        return None
    letter = Letter(
        submission_id=submission.id,
        decision_id=decision.id if decision else None,
        sources=sources,
        released=[_released(source.number, source.comment) for source in spoken],
        people=people,
        written_by_id=by.acting_person_id,
    )
    db.session.add(letter)
    db.session.flush()
    return letter


def check_release(drafted: Draft, release: Collection[int]) -> list[Source]:
    """Whose comments go out. Raises InvalidInput where one can't be released."""
    chosen = [one for one in drafted.sources if one.assignment_id in set(release) and one.comment]
    if len(chosen) < len(set(release)):
        raise InvalidInput(
            _("One of these comments can't be sent any more. Look at the reviews again."),
            field="release",
        )
    return chosen


def _released(number: int, comment: ForSubmitter) -> dict[str, object]:
    """Only what was written to the submitter is of this type."""
    return {"number": number, "text": str(comment)}
