"""What is said about reviews: one function per mail, called in the transaction of its cause."""

from datetime import datetime
from typing import Any

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _l
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.mails import mail
from reviewhub.notifications.outbox import page, unsay
from reviewhub.reviews import calendar
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.statements import COMPLETED
from reviewhub.reviews.telling import (
    editor_of,
    tell_editor,
    tell_of,
    tell_reviewer,
    tell_signer,
    tell_submitter,
)
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.letters import Letter, voices_of
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import get as get_submission


@mail(_l("Review started"), after=("submissions.start_review",))
def start_review(submission: Submission) -> None:
    """To the submitter: reviewers are being asked."""
    tell_submitter("start_review", submission, occurrence=f"round {submission.round}")


@mail(_l("Invitation to review"), after=("assignments.invite", "assignments.ask_again"))
def invite(assignment: Assignment) -> None:
    """To the reviewer: title, effort, due date, and the page with the two answers."""
    rules = rules_of(assignment.round)
    at_once = rules.parallel_invitations
    tell_reviewer("invite", assignment, days=rules.review_days, at_once=at_once)


@mail(_l("Reminder of an invitation"), when=_l("an invitation is without an answer"))
def remind_invitation(assignment: Assignment) -> None:
    """To the reviewer: the invitation is still without an answer, and until when it is open."""
    tell_reviewer("remind_invitation", assignment)


@mail(_l("Invitation expired"), after=("assignments.expire",))
def expire(assignment: Assignment) -> None:
    """To the reviewer: the seat goes to somebody else; a late yes may still count."""
    tell_reviewer("expire", assignment)


@mail(_l("Invitation accepted"), after=("assignments.accept",))
def accept(assignment: Assignment) -> None:
    """To the reviewer: thanks, the form, the date."""
    tell_reviewer("accept", assignment, **calendar.attached(assignment))


@mail(
    _l("Invitation declined"),
    after=("assignments.decline", "assignments.recuse"),
    can_wait=Kind.DESK,
)
def decline(assignment: Assignment) -> None:
    """To the editor: somebody said no or stepped back; the cascade has already gone on."""
    submission = get_submission(assignment.submission_id)
    tell_editor("decline", submission, about=assignment, slot=assignment.slot.value)


@mail(_l("An invitation came back"), after=("assignments.expire",), can_wait=Kind.DESK)
def bounce(assignment: Assignment) -> None:
    """To the editor: an invitation could not be delivered; the cascade has already gone on."""
    submission = get_submission(assignment.submission_id)
    tell_editor("bounce", submission, about=assignment, occurrence=f"asked {assignment.invited_at}")


@mail(_l("Reviewer called off"), after=("assignments.cancel", "assignments.surpass"))
def cancel(assignment: Assignment) -> None:
    """To the reviewer: no longer needed, and nothing counts against them."""
    tell_reviewer("cancel", assignment, **calendar.attached(assignment, called_off=True))


@mail(_l("Somebody else was faster"), after=("assignments.cancel",))
def call_off(assignment: Assignment) -> None:
    """To whoever was asked at the same time as others: the seat is taken, with thanks."""
    tell_reviewer("call_off", assignment)


@mail(_l("Reminder of a review"), when=_l("a review is due, or late"))
def remind_review(assignment: Assignment) -> None:
    """To the reviewer: the review is due, or late."""
    assert assignment.due_at is not None  # only an accepted review is reminded
    rung = f"{assignment.due_at:%Y-%m-%d} {assignment.reminders}"  # an extension counts anew
    tell_reviewer("remind_review", assignment, occurrence=rung)


@mail(
    _l("Review received"),
    after=("assignments.submit", "assignments.submit_late", "assignments.give_up"),
)
def submit(assignment: Assignment) -> None:
    """To the reviewer: thanks, received; and the receipt, where a review has come of it."""
    sent = assignment.review.submitted_at if assignment.review else None
    tell_reviewer(
        "submit", assignment, occurrence=sent.isoformat() if sent else "",
        seat=assignment.id if assignment.state in COMPLETED else None,
        **calendar.attached(assignment, called_off=True),
    )  # fmt: skip


@mail(_l("Review returned"), after=("assignments.return_",))
def return_(assignment: Assignment, note: str) -> None:
    """To the reviewer: what is unclear."""
    tell_reviewer("return_", assignment, occurrence=str(assignment.version), note=note)


@mail(_l("Too few reviewers"), when=_l("a seat can’t be filled from the roster"))
def shortage(submission: Submission, current: ReviewRound) -> None:
    """To the editor and the roster managers: which seat can't be filled, and what would help."""
    named = ", ".join(
        f"{one['slot'] or one['need']}:{one['missing']}" for one in current.standing["shortages"]
    )
    people = {p.id: p for p in accounts.with_role(Role.ROSTER_MANAGER)}
    editor = editor_of(submission)
    if editor is not None:
        people[editor.id] = editor
    for person in people.values():
        if person.id != submission.submitter_id:
            tell_of(
                "shortage",
                person,
                submission,
                page("admin.item", ref=submission.ref),
                about=current,
                occurrence=named[:60],
                shortages=current.standing["shortages"],
            )


@mail(_l("One more reviewer asked"), after=("submissions.consult",), can_wait=Kind.DESK)
def consult(submission: Submission, current: ReviewRound) -> None:
    """To the editor: the panel disagrees and one more reviewer is asked."""
    tell_editor("consult", submission, about=current, occurrence=str(current.tie_breakers))


@mail(_l("Decision to be taken"), after=("review_rounds.close",))
def finish_review(submission: Submission, current: ReviewRound) -> None:
    """To the editor: the panel is finished and the decision is theirs."""
    tell_editor(
        "finish_review",
        submission,
        about=current,
        occurrence=f"{current.tie_breakers} {current.closed_at}"[:60],
        result=current.result.value if current.result else "",
    )


@mail(
    _l("Approved"),
    after=("submissions.approve", "submissions.confirm_decision", "submissions.decide_alone"),
)
def approve(
    submission: Submission,
    decision: Decision,
    current: ReviewRound | None,
    letter: Letter | None,
    *,
    at: datetime,
) -> None:
    """To the submitter: approved, with the editor's words; the reviewers get `outcome`."""
    by_itself = submission.publish_at is not None
    _tell_outcome(
        "approve", submission, decision, current, letter, at=at, by_itself=by_itself,
        note=decision.text,
    )  # fmt: skip


@mail(
    _l("Not included"),
    after=("submissions.reject", "submissions.confirm_decision", "submissions.decide_alone"),
)
def reject(
    submission: Submission,
    decision: Decision,
    current: ReviewRound | None,
    letter: Letter | None,
    *,
    at: datetime,
    appeal_days: int,
) -> None:
    """To the submitter: not included, why, and how to appeal; the reviewers get `outcome`."""
    _tell_outcome(
        "reject",
        submission,
        decision,
        current,
        letter,
        at=at,
        reason=decision.reason,
        note=decision.text,
        appeal_days=appeal_days,
        may_appeal=submission.appeals == 0,
    )


@mail(
    _l("Outcome for the reviewers"),
    after=(
        "submissions.approve",
        "submissions.reject",
        "submissions.confirm_decision",
        "submissions.decide_alone",
    ),
    can_wait=Kind.OUTCOMES,
)
def outcome(
    assignment: Assignment, decision: Decision, *, at: datetime, reviewers: list[str]
) -> None:
    """To the reviewers whose reviews were used: what was decided, with thanks."""
    tell_reviewer(
        "outcome", assignment, occurrence=f"decision {decision.id}", at=at,
        decided=decision.kind.value, reviewers=reviewers,
    )  # fmt: skip


@mail(_l("Changes asked for"), after=("submissions.request_changes",))
def request_changes(submission: Submission, due_at: datetime, letter: Letter | None) -> None:
    """To the submitter: what to change, by when, and the comments that an editor released."""
    tell_submitter(
        "request_changes",
        submission,
        occurrence=f"round {submission.round} {due_at:%Y-%m-%d}",
        wanted=submission.changes_wanted,
        due_on=due_at.date().isoformat(),
        **_spoken(letter),
    )


@mail(_l("Decision to be confirmed"), after=("submissions.propose",))
def propose(submission: Submission, sign_off: SignOff) -> None:
    """To the second person: a decision waits for your yes."""
    tell_signer("propose", submission, sign_off, sign_off.second_id)


@mail(_l("Decision confirmed"), after=("submissions.confirm_decision",))
def confirm_decision(submission: Submission, sign_off: SignOff) -> None:
    """To the first person: confirmed, and it has taken effect."""
    tell_signer("confirm_decision", submission, sign_off, sign_off.proposed_by_id)


@mail(_l("Decision sent back"), after=("submissions.send_back",))
def send_back(submission: Submission, sign_off: SignOff) -> None:
    """To the first person: not confirmed, and why."""
    tell_signer("send_back", submission, sign_off, sign_off.proposed_by_id, note=sign_off.note)


@mail(_l("Decision taken back"), after=("submissions.withdraw", "submissions.take_back"))
def take_back(submission: Submission, sign_off: SignOff) -> None:
    """To the second person, where they had been asked already: there is nothing to confirm."""
    if not unsay("reviews/propose", submission):
        tell_signer("take_back", submission, sign_off, sign_off.second_id)


@mail(_l("Decision undone"), after=("submissions.reopen",))
def reopen(submission: Submission, current: ReviewRound | None) -> None:
    """To the submitter: a decision that they were told of no longer stands."""
    tell_submitter("reopen", submission, occurrence=str(submission.version))


@mail(_l("Suggestion withdrawn"), after=("submissions.withdraw",))
def withdraw(submission: Submission) -> None:
    """To the submitter: a receipt, and how to take it up again."""
    tell_submitter("withdraw", submission, occurrence=str(submission.version))


@mail(_l("Review no longer needed"), after=("submissions.withdraw",), can_wait=Kind.DESK)
def withdrawn(submission: Submission) -> None:
    """To the editor: the submitter has withdrawn it; there is nothing to do."""
    tell_editor("withdrawn", submission, occurrence=str(submission.version))


@mail(_l("Suggestion lapsed"), after=("submissions.lapse",))
def lapse(submission: Submission) -> None:
    """To the submitter: closed for want of an answer, and how to take it up again."""
    if submission.submitter_id is not None:
        tell_submitter("lapse", submission, occurrence=str(submission.version))


@mail(_l("Appeal received"), after=("submissions.appeal",))
def appeal(submission: Submission) -> None:
    """To the submitter: their request has arrived; who looks at it now."""
    tell_submitter("appeal", submission, occurrence=str(submission.round))


@mail(_l("Appeal to be looked at"), after=("submissions.appeal",))
def appealed(submission: Submission, note: str) -> None:
    """To the new editor: a second look is asked for, and why."""
    tell_editor("appealed", submission, occurrence=str(submission.round), note=note)


@mail(_l("Reminder of a decision"), when=_l("a decision is past its date"))
def remind_owner(submission: Submission) -> None:
    """To whoever has to act: the date has passed, and the next step is theirs."""
    _tell_owner("remind_owner", submission, str(submission.progress.reminders))


@mail(_l("Standing in for somebody"), after=("submissions.escalate",))
def stand_in(submission: Submission) -> None:
    """To the deputy: whoever should act is away, so it is theirs."""
    _tell_owner("stand_in", submission, str(submission.progress.owner_id))


def _tell_owner(event: str, submission: Submission, which: str) -> None:
    """Once for each due date and `which`; the caller makes sure that it has owner and date."""
    row = submission.progress
    assert row.owner_id is not None
    assert row.due_at is not None
    tell_of(
        event,
        accounts.get(row.owner_id),
        submission,
        page("admin.item", ref=submission.ref),
        occurrence=f"{row.due_at:%Y-%m-%d} {which}",
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
    letter: Letter | None,
    *,
    at: datetime,
    **context: Any,
) -> None:
    context |= _spoken(letter)
    tell_submitter(event, submission, occurrence=f"decision {decision.id}", at=at, **context)
    for one in current.assignments if current else ():
        if one.state is A.SUBMITTED:
            outcome(one, decision, at=at, reviewers=context["reviewers"])


def _spoken(letter: Letter | None) -> dict[str, Any]:
    """What of a letter stands in the mail: the comments that were released, names if shown."""
    voices = voices_of(letter)
    return {
        "released": [
            {"number": one.number, "name": one.name, "text": one.text} for one in voices if one.text
        ],
        "reviewers": [one.name for one in voices if one.name],
    }
