"""Who handles a suggestion: the editor with the least to do who has no stake in it."""

from collections.abc import Collection
from datetime import datetime

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.submissions.models import Submission
from reviewhub.submissions.progress import is_away, wait_for
from reviewhub.submissions.queries import open_items
from reviewhub.taxonomy.queries import catalogue


def assign_editor(
    submission: Submission, *, but: Collection[int] = (), keep: bool = False
) -> int | None:
    """Give the submission a handling editor and return who it is; None where nobody can be.

    The submitter and people of the submitter's organisation are left out, and those of `but`. With
    `keep`, the editor it has stays where they may. A hub without a free editor falls back on its
    administrators.
    """
    people = candidates(submission, without=but)
    present = submission.progress.editor_id
    if keep and any(person.id == present for person in people):
        return present
    chosen = people[0].id if people else None
    submission.progress.editor_id = chosen
    return chosen


def candidates(submission: Submission, *, without: Collection[int] = ()) -> list[Person]:
    """Who could handle it, the least busy first; people who are away last."""
    for role in (Role.EDITOR, Role.ADMIN):
        free = [
            person
            for person in accounts.with_role(role)
            if person.id not in without and not _has_a_stake(person, submission)
        ]
        if free:
            load = open_items([person.id for person in free])
            return sorted(free, key=lambda p: (is_away(p), load.get(p.id, 0), p.id))
    return []


def start_screening(submission: Submission, *, keep_editor: bool = False) -> None:
    """An editor looks at it next, within the policy's working days; or it passes by itself."""
    editor_id = assign_editor(submission, keep=keep_editor)
    submission.progress.screen_at = clock.now()
    wait_for(submission, editor_id, screening_due())


def screening_due() -> datetime:
    """When something that comes in now must have been screened."""
    return catalogue().workdays.after(clock.now(), int(catalogue().policy["screening_days"]))


def _has_a_stake(person: Person, submission: Submission) -> bool:
    if submission.submitter_id is None:
        return False
    if person.id == submission.submitter_id:
        return True
    submitter = accounts.get(submission.submitter_id)
    shared = submitter.organisation_id is not None
    return shared and person.organisation_id == submitter.organisation_id
