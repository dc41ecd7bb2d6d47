"""What is said about reviews: one function per mail, called in the transaction of its cause."""

from datetime import datetime
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.notifications.outbox import Target, page, tell, unsay
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import get as get_submission


def start_review(submission: Submission) -> None:
    """To the submitter: reviewers are being asked."""
    _tell_submitter("start_review", submission, occurrence=f"round {submission.round}")


def invite(assignment: Assignment) -> None:
    """To the reviewer: title, effort, due date, and the page with the two answers."""
    _tell_reviewer("invite", assignment, days=rules_of(assignment.round).review_days)


def remind_invitation(assignment: Assignment) -> None:
    """To the reviewer who has not answered yet."""
    _tell_reviewer("remind_invitation", assignment)


def expire(assignment: Assignment) -> None:
    """To the reviewer: the seat goes to somebody else; a late yes may still count."""
    _tell_reviewer("expire", assignment)


def accept(assignment: Assignment) -> None:
    """To the reviewer: thanks, the form, the date."""
    _tell_reviewer("accept", assignment)


def decline(assignment: Assignment) -> None:
    """To the editor, as a notice in the queue's history: the cascade has already gone on."""
    submission = get_submission(assignment.submission_id)
    _tell_editor("decline", submission, about=assignment, slot=assignment.slot.value)


def cancel(assignment: Assignment) -> None:
    """To the reviewer: no longer needed, and nothing counts against them."""
    _tell_reviewer("cancel", assignment)


def remind_review(assignment: Assignment) -> None:
    """To the reviewer: the review is due, or late."""
    assert assignment.due_at is not None  # only an accepted review is reminded
    rung = f"{assignment.due_at:%Y-%m-%d} {assignment.reminders}"  # an extension counts anew
    _tell_reviewer("remind_review", assignment, occurrence=rung)


def submit(assignment: Assignment) -> None:
    """To the reviewer: thanks, received."""
    sent = assignment.review.submitted_at if assignment.review else None
    _tell_reviewer("submit", assignment, occurrence=sent.isoformat() if sent else "")


def return_(assignment: Assignment, note: str) -> None:
    """To the reviewer: what is unclear."""
    _tell_reviewer("return_", assignment, occurrence=str(assignment.version), note=note)


def shortage(submission: Submission, current: ReviewRound) -> None:
    """To the editor and the roster managers: which seat can't be filled, and what would help."""
    named = ", ".join(
        f"{one['slot'] or one['need']}:{one['missing']}" for one in current.standing["shortages"]
    )
    people = {p.id: p for p in accounts.with_role(Role.ROSTER_MANAGER)}
    editor = _editor(submission)
    if editor is not None:
        people[editor.id] = editor
    for person in people.values():
        if person.id != submission.submitter_id:
            _tell(
                "shortage",
                person,
                submission,
                page("admin.item", ref=submission.ref),
                about=current,
                occurrence=named[:60],
                shortages=current.standing["shortages"],
            )


def consult(submission: Submission, current: ReviewRound) -> None:
    """To the editor: the panel disagrees and one more reviewer is asked."""
    _tell_editor("consult", submission, about=current, occurrence=str(current.tie_breakers))


def finish_review(submission: Submission, current: ReviewRound) -> None:
    """To the editor: the panel is finished and the decision is theirs."""
    _tell_editor(
        "finish_review",
        submission,
        about=current,
        occurrence=f"{current.tie_breakers} {current.closed_at}"[:60],
        result=current.result.value if current.result else "",
    )


def approve(
    submission: Submission, decision: Decision, current: ReviewRound | None, *, at: datetime
) -> None:
    """To the submitter and the reviewers: approved."""
    by_itself = submission.publish_at is not None
    _tell_outcome("approve", submission, decision, current, at=at, by_itself=by_itself)


def reject(
    submission: Submission,
    decision: Decision,
    current: ReviewRound | None,
    *,
    at: datetime,
    appeal_days: int,
) -> None:
    """To the submitter and the reviewers: not included, and why; to the submitter how to appeal."""
    _tell_outcome(
        "reject",
        submission,
        decision,
        current,
        at=at,
        reason=decision.reason,
        note=decision.text,
        appeal_days=appeal_days,
        may_appeal=submission.appeals == 0,
    )


def request_changes(submission: Submission, due_at: datetime) -> None:
    """To the submitter: what to change, by when."""
    _tell_submitter(
        "request_changes",
        submission,
        occurrence=f"round {submission.round} {due_at:%Y-%m-%d}",
        wanted=submission.changes_wanted,
        due_on=due_at.date().isoformat(),
    )


def reopen(submission: Submission, current: ReviewRound | None) -> None:
    """To the submitter, where the decision had already been told: it no longer stands."""
    _tell_submitter("reopen", submission, occurrence=str(submission.version))


def withdraw(submission: Submission) -> None:
    """To the editor, and to the submitter as a receipt."""
    _tell_submitter("withdraw", submission, occurrence=str(submission.version))
    _tell_editor("withdrawn", submission, occurrence=str(submission.version))


def lapse(submission: Submission) -> None:
    """To the submitter: closed for want of an answer, and how to take it up again."""
    if submission.submitter_id is not None:
        _tell_submitter("lapse", submission, occurrence=str(submission.version))


def appeal(submission: Submission, note: str) -> None:
    """To the new editor: a second look is asked for."""
    _tell_submitter("appeal", submission, occurrence=str(submission.round))
    _tell_editor("appealed", submission, occurrence=str(submission.round), note=note)


def remind_owner(submission: Submission) -> None:
    """To whoever has to act."""
    row = submission.progress
    assert row.owner_id is not None  # the caller makes sure of both
    assert row.due_at is not None
    _tell(
        "remind_owner",
        accounts.get(row.owner_id),
        submission,
        page("admin.item", ref=submission.ref),
        occurrence=f"{row.due_at:%Y-%m-%d} {row.reminders}",
        state=submission.state.value,
        due_on=row.due_at.date().isoformat(),
    )


def take_back_decision(submission: Submission, current: ReviewRound | None) -> bool:
    """Take back what has not been sent of a decision's mails; whether any had gone out before."""
    taken = unsay("reviews/approve", submission) + unsay("reviews/reject", submission)
    for one in current.assignments if current else ():
        unsay("reviews/outcome", one)
    return taken == 0


def _tell_outcome(
    event: str,
    submission: Submission,
    decision: Decision,
    current: ReviewRound | None,
    *,
    at: datetime,
    **context: Any,
) -> None:
    _tell_submitter(event, submission, occurrence=f"decision {decision.id}", at=at, **context)
    for one in current.assignments if current else ():
        if one.state is A.SUBMITTED:
            _tell_reviewer(
                "outcome",
                one,
                occurrence=f"decision {decision.id}",
                at=at,
                kind=decision.kind.value,
            )


def _tell_submitter(event: str, submission: Submission, **more: Any) -> None:
    if submission.submitter_id is None:
        return
    link = links.ensure(Capability.SUBMISSION, submission.id, person_id=submission.submitter_id)
    target = page("submissions.show", ref=submission.ref, link_id=link.id)
    _tell(event, accounts.get(submission.submitter_id), submission, target, **more)


def _tell_reviewer(event: str, assignment: Assignment, **more: Any) -> None:
    submission = get_submission(assignment.submission_id)
    link = links.ensure(Capability.ASSIGNMENT, assignment.id, person_id=assignment.person_id)
    target = page("reviews.show", assignment_id=assignment.id, link_id=link.id)
    due_at = assignment.due_at.date().isoformat() if assignment.due_at else ""
    answer_by = assignment.answer_by.date().isoformat() if assignment.answer_by else ""
    _tell(
        event,
        accounts.get(assignment.person_id),
        submission,
        target,
        about=assignment,
        due_on=due_at,
        answer_by=answer_by,
        **more,
    )


def _tell_editor(event: str, submission: Submission, **more: Any) -> None:
    editor = _editor(submission)
    if editor is not None and editor.id != submission.submitter_id:
        _tell(event, editor, submission, page("admin.item", ref=submission.ref), **more)


def _editor(submission: Submission) -> Person | None:
    editor_id = submission.progress.editor_id
    return db.session.get(Person, editor_id) if editor_id else None


def _tell(
    event: str,
    person: Person,
    submission: Submission,
    target: Target,
    *,
    about: Submission | Assignment | ReviewRound | None = None,
    **more: Any,
) -> None:
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
