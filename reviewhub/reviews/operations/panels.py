"""The panel: who is invited to which seat, and what happens when a seat falls free."""

from datetime import timedelta

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import SYSTEM, Actor, Capability
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.nudges import nudge
from reviewhub.matching.panel import propose
from reviewhub.matching.people import Candidate
from reviewhub.matching.reasons import Proposal, ProposedSeat, Seat
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.reviews import emails
from reviewhub.reviews.candidates import candidates_for, item_of
from reviewhub.reviews.clocks import answer_by, reminder_at
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.policy import roles_towards_assignment
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.reasons import seat_reasons, standing
from reviewhub.reviews.workflow import SEATED, AssignmentWorkflow, Slot
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State

FILL_PANELS = "reviews.fill_panels"
LOOK_AGAIN = timedelta(days=1)


def fill(current: ReviewRound) -> int:
    """Propose and invite somebody for every open seat; returns how many were invited.

    What can't be filled is named on the item and to its editor, and looked at again each day.
    Safe to run twice: a seat that is taken meanwhile is no longer open.
    """
    submission = lock(current.submission_id)
    db.session.refresh(current)
    if current.closed_at is not None or submission.state is not State.IN_REVIEW:
        return 0
    candidates = candidates_for(submission, current)
    proposal = _proposal(submission, current, candidates)
    current.standing = standing(proposal)
    current.fill_at = None if proposal.complete else clock.now() + LOOK_AGAIN
    internal = {one.id for one in candidates if one.internal}
    for seat in proposal.seats:
        invite(_seat(current, seat, seat.candidate_id in internal), by=SYSTEM)
    _name_shortage(submission, current, proposal)
    return len(proposal.seats)


def _proposal(
    submission: Submission, current: ReviewRound, candidates: list[Candidate]
) -> Proposal:
    submitter = accounts.get(submission.submitter_id) if submission.submitter_id else None
    seated = [
        Seat(MatchingSlot(one.slot.value), one.person_id)
        for one in current.assignments
        if one.state in SEATED and one.relieved_at is None
    ]
    return propose(
        item_of(submission, submitter),
        candidates,
        rules_of(current).panel_rule(current.tie_breakers),
        already=seated,
        today=clock.today(),
    )


def _seat(current: ReviewRound, seat: ProposedSeat, internal: bool) -> Assignment:
    assignment = Assignment(
        round=current,
        submission_id=current.submission_id,
        person_id=seat.candidate_id,
        slot=Slot(seat.slot.value),
        internal=internal,
        state=A.PROPOSED,
        reasons=seat_reasons(seat),
    )
    db.session.add(assignment)
    db.session.flush()
    record(assignment, "propose", role="system", slot=assignment.slot.value)
    return assignment


def _name_shortage(submission: Submission, current: ReviewRound, proposal: Proposal) -> None:
    if proposal.complete:
        submission.progress.shortage = None
        return
    named = {"round": current.number, "shortages": current.standing["shortages"]}
    if submission.progress.shortage != named:
        submission.progress.shortage = named
        emails.shortage(submission, current)


def invite(assignment: Assignment, *, by: Actor) -> None:
    """Send the invitation with its scoped link; the clock for the answer starts."""
    rules = rules_of(assignment.round)
    move_assignment("invite", assignment, by=by)
    now = clock.now()
    assignment.invited_at = now
    assignment.answer_by = answer_by(rules, now)
    assignment.next_tick_at = min(reminder_at(rules, now), assignment.answer_by)
    links.ensure(Capability.ASSIGNMENT, assignment.id, person_id=assignment.person_id)
    emails.invite(assignment)


def cancel(assignment: Assignment, *, by: Actor, note: str = "") -> None:
    """The review is not needed any more; nothing counts against the reviewer."""
    was_told = assignment.state is not A.PROPOSED
    move_assignment("cancel", assignment, by=by, note=note)
    assignment.next_tick_at = None
    if was_told:
        emails.cancel(assignment)


def surpass(assignment: Assignment, *, by: Actor) -> None:
    """Somebody else's review filled the seat first; one still arriving is kept and shown."""
    move_assignment("surpass", assignment, by=by)
    assignment.next_tick_at = None
    emails.cancel(assignment)


def release_others(current: ReviewRound, *, by: Actor, slot: Slot | None = None) -> None:
    """Let everybody go who is still at work in this round, or in one slot of it."""
    for one in current.assignments:
        if slot is not None and one.slot is not slot:
            continue
        if one.state is A.ACCEPTED:
            surpass(one, by=SYSTEM)
        elif one.state in {A.PROPOSED, A.INVITED, A.RETURNED}:
            cancel(one, by=by)


def look_for_reviewers(current: ReviewRound) -> None:
    """A seat has fallen free: have the task fill it."""
    if current.closed_at is None:
        current.fill_at = clock.now()
        nudge(FILL_PANELS)


def move_assignment(verb: str, assignment: Assignment, *, by: Actor, note: str = "") -> None:
    """Move one assignment by the verb of its workflow, and write it in the history."""
    transition = next(t for t in AssignmentWorkflow.transitions() if t.name == verb)
    submission = db.session.get_one(Submission, assignment.submission_id)
    move = transition(assignment, roles_towards_assignment(by, assignment, submission))
    record(assignment, move, actor_id=by.acting_person_id, note=note, slot=assignment.slot.value)
