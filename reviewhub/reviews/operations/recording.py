"""Entering for a reviewer what they sent by mail, and their putting it right.

Nothing is entered over what a reviewer has begun to write here themselves. They are told at once.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import seat_emails
from reviewhub.reviews.clocks import answer_by
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations import answers as given
from reviewhub.reviews.operations import asking, writing
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.operations.panels import move_assignment
from reviewhub.reviews.policy import is_reviewer, roles_towards
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.seating import open_seats
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.entered import EnteredFor, enter_for, last_entry
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock

WRITABLE = frozenset({A.ACCEPTED, A.RETURNED})


def record_yes(assignment: Assignment, *, by: Actor, no_conflict: bool, received_on: date) -> None:
    """The reviewer wrote that they can, and that they have no conflict of interest."""
    _open(assignment, by)
    if not no_conflict:
        raise InvalidInput(
            _("Ask them whether they have a conflict of interest; without that, nobody starts."),
            field="no_conflict",
        )
    given.accept(assignment, by=by)
    _enter(assignment, "accept", by, received_on)


def record_no(
    assignment: Assignment, *, by: Actor, reason: str, note: str, received_on: date
) -> None:
    """The reviewer wrote that they can't."""
    _open(assignment, by)
    given.decline(assignment, by=by, reason=reason, note=note)
    _enter(assignment, "decline", by, received_on)


def record_review(
    assignment: Assignment, *, by: Actor, answers: Mapping[str, Any], received_on: date
) -> None:
    """A whole review that came by mail. Raises what `submit` raises."""
    _open(assignment, by)
    if assignment.state not in WRITABLE:
        raise WrongState(_("First enter that they can, and have no conflict of interest."))
    if _has_begun(assignment):
        raise WrongState(
            _("They have begun to write here. Ask them to send it, so that nothing is lost.")
        )
    writing.submit(assignment, by=by, answers=answers)
    _enter(assignment, "review", by, received_on)


def correct(assignment: Assignment, *, by: Actor) -> None:
    """The reviewer puts right what was entered for them: the question, or the form, is open again.

    Raises WrongState once a seat is filled otherwise or the panel has finished: then only an
    editor can help.
    """
    submission = lock(assignment.submission_id)
    reread(assignment)
    if not is_reviewer(by, assignment):
        raise NotAllowed(_("You may not do this here."))
    entry = correctable(assignment)
    if entry is None:
        raise WrongState(_("There is nothing here that could still be put right on this page."))
    was = assignment.state
    if was is A.DECLINED and assignment.invited_at is not None:
        asking.count_in(assignment, at=assignment.invited_at)
    move_assignment("correct", assignment, by=by)
    if was is A.SUBMITTED:
        writing.take_back(submission, assignment)
    else:
        _invite_anew(assignment)
    entry.corrected_at = clock.now()
    seat_emails.correct(assignment)


def correctable(assignment: Assignment) -> EnteredFor | None:
    """What was entered and can still be put right by the reviewer alone."""
    if assignment.round.closed_at is not None:
        return None
    is_free = assignment.state is A.DECLINED and open_seats(assignment.round, assignment.slot) > 0
    if not (is_free or assignment.state is A.SUBMITTED):
        return None
    entry = last_entry(assignment)
    fits = {A.DECLINED: "decline", A.SUBMITTED: "review"}[assignment.state]
    return entry if entry is not None and entry.verb == fits else None


def _invite_anew(assignment: Assignment) -> None:
    assignment.decline_reason = assignment.decline_note = ""
    assignment.answered_at = None
    assignment.answer_by = answer_by(rules_of(assignment.round), clock.now())
    assignment.next_tick_at = assignment.answer_by


def _has_begun(assignment: Assignment) -> bool:
    """Whether a page of the reviewer's own has saved something that was not sent."""
    review = assignment.review
    return review is not None and bool(review.draft and review.draft_tab)


def _open(assignment: Assignment, by: Actor) -> Submission:
    submission = lock(assignment.submission_id)
    reread(assignment)
    refuse_compromised(submission, by)
    if Role.EDITOR not in roles_towards(by, submission) or by.acting_person_id is None:
        raise NotAllowed(_("You may not do this here."))
    return submission


def _enter(assignment: Assignment, verb: str, by: Actor, received_on: date) -> None:
    by_id = by.acting_person_id
    assert by_id is not None  # `_open` lets nobody else in
    enter_for(
        assignment, verb, person_id=assignment.person_id, by_id=by_id, received_on=received_on
    )
    record(
        assignment, "record_for", actor_id=by_id, role="editor", entered=verb,
        person=assignment.person_id, received_on=received_on.isoformat(),
    )  # fmt: skip
    seat_emails.record_answer(assignment, verb, received_on)
