"""Who is told, and by which link they come back: what every mail about a review has in common."""

from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.notifications.outbox import Target, page, tell
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.signing import SignOff
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import get as get_submission
from reviewhub.submissions.replies import to_reviewers, to_submitter


def tell_signer(
    event: str, submission: Submission, sign_off: SignOff, person_id: int | None, **more: Any
) -> None:
    """Tell whoever takes part in signing a decision off."""
    if person_id is None:
        return
    first = accounts.get(sign_off.proposed_by_id)
    second = accounts.get(sign_off.second_id) if sign_off.second_id else first
    tell_of(
        event,
        accounts.get(person_id),
        submission,
        page("admin.item", ref=submission.ref),
        occurrence=f"sign-off {sign_off.id}",
        decided=sign_off.kind.value,
        first=first.shown_name,
        second=second.shown_name,
        due_on=sign_off.due_at.date().isoformat() if sign_off.due_at else "",
        **more,
    )


def tell_submitter(event: str, submission: Submission, **more: Any) -> None:
    """Tell the submitter, with the link to their own page."""
    if submission.submitter_id is None:
        return
    link = links.ensure(Capability.SUBMISSION, submission.id, person_id=submission.submitter_id)
    target = page("submissions.show", ref=submission.ref, link_id=link.id)
    person = accounts.get(submission.submitter_id)
    tell_of(event, person, submission, target, reply_to=to_submitter(submission), **more)


def tell_reviewer(event: str, assignment: Assignment, **more: Any) -> None:
    """Tell the reviewer of a seat, with the link to it."""
    submission = get_submission(assignment.submission_id)
    link = links.ensure(Capability.ASSIGNMENT, assignment.id, person_id=assignment.person_id)
    target = page("reviews.show", assignment_id=assignment.id, link_id=link.id)
    due_at = assignment.due_at.date().isoformat() if assignment.due_at else ""
    answer_by = assignment.answer_by.date().isoformat() if assignment.answer_by else ""
    if assignment.invited_at is not None:  # somebody who is asked again hears all of it again
        more.setdefault("occurrence", f"asked {assignment.invited_at:%Y-%m-%dT%H:%M:%S}")
    tell_of(
        event,
        accounts.get(assignment.person_id),
        submission,
        target,
        about=assignment,
        reply_to=to_reviewers(submission),
        due_on=due_at,
        answer_by=answer_by,
        **more,
    )


def tell_editor(event: str, submission: Submission, **more: Any) -> None:
    """Tell the handling editor, unless the item is their own."""
    editor = editor_of(submission)
    if editor is not None and editor.id != submission.submitter_id:
        tell_of(event, editor, submission, page("admin.item", ref=submission.ref), **more)


def editor_of(submission: Submission) -> Person | None:
    """Who handles the item, if anybody."""
    editor_id = submission.progress.editor_id
    return db.session.get(Person, editor_id) if editor_id else None


def tell_of(
    event: str,
    person: Person,
    submission: Submission,
    target: Target,
    *,
    about: Submission | Assignment | ReviewRound | None = None,
    **more: Any,
) -> None:
    """Tell somebody something about an item."""
    tell(
        f"reviews/{event}",
        accounts.recipient(person),
        about or submission,
        target=target,
        name=person.shown_name,
        title=submission.title,
        ref=submission.ref,
        **more,
    )
