"""The panel: who is invited to which seat, and what happens when a seat falls free."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import SYSTEM, Actor, Capability
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.nudges import nudge
from reviewhub.matching.conflicts import Exclusion, ExclusionCode, exclusions
from reviewhub.matching.people import Candidate
from reviewhub.matching.reasons import Proposal, ProposedSeat
from reviewhub.matching.verifying import Search
from reviewhub.reviews import emails
from reviewhub.reviews.candidates import candidates_for, item_of
from reviewhub.reviews.choices import Choice, keep
from reviewhub.reviews.clocks import answer_by, reminder_at
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import asking
from reviewhub.reviews.operations.waves import Plan, outrun, plan
from reviewhub.reviews.policy import roles_towards_assignment
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.reasons import seat_reasons, standing
from reviewhub.reviews.seating import open_seats
from reviewhub.reviews.tuning import UNTUNED, Tuning
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import AssignmentWorkflow, Slot
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State

FILL_PANELS = "reviews.fill_panels"
LOOK_AGAIN = timedelta(days=1)


def fill(current: ReviewRound, tuning: Tuning = UNTUNED, *, by_id: int | None = None) -> int:
    """Propose and invite somebody for every open seat; returns how many were invited.

    What can't be filled is named on the item and to its editor, and looked at again each day.
    Safe to run twice: a seat that is taken meanwhile is no longer open. `tuning` is what an editor,
    `by_id`, changed for this decision; whom it pins is asked as one of those put first.
    """
    submission = lock(current.submission_id)
    db.session.refresh(current)
    if current.closed_at is not None or submission.state is not State.IN_REVIEW:
        return 0
    if current.paused_at is not None:
        return 0
    asking.hold({want["person_id"] for want in current.wanted}, wait=True)
    candidates = candidates_for(submission, current)
    chosen = _ask_the_wanted(submission, current, candidates)
    wave = plan(submission, current, candidates, replace(tuning, pinned=()))
    asked = put_to_work(submission, current, wave, candidates, tuning=tuning, by_id=by_id)
    return chosen + asked


def put_to_work(
    submission: Submission,
    current: ReviewRound,
    wave: Plan,
    candidates: Sequence[Candidate],
    *,
    tuning: Tuning = UNTUNED,
    by_id: int | None = None,
    batch_id: int | None = None,
    prices: Mapping[int, int] | None = None,
    search: Search = Search.PANEL,
) -> int:
    """Invite whom the plan asks, with the reasons written down, and name what is missing.

    Whose last place another panel took meanwhile is left out, and the round looks again at once.
    Returns how many were invited.
    """
    current.standing = _standing(current, wave)
    current.fill_at = None if wave.panel.complete else clock.now() + LOOK_AGAIN
    internal = {one.id for one in candidates if one.internal}
    kept: dict[int, Choice] = {}
    free = asking.still_free(submission, wave, tuning)
    seats = [seat for seat in wave.ask if seat.candidate_id in free]
    for seat in seats:
        run = wave.wave_of(seat)
        if id(run) not in kept:
            kept[id(run)] = keep(
                current, run, wave.rule,
                tuning=tuning, by_id=by_id, batch_id=batch_id, prices=prices, search=search,
            )  # fmt: skip
        _ask(current, seat, seat.candidate_id in internal, kept[id(run)], beyond=tuning.more)
    _name_shortage(submission, current, wave.panel)
    if len(seats) < len(wave.ask):
        look_for_reviewers(current)
    return len(seats)


def _standing(current: ReviewRound, wave: Plan) -> dict[str, Any]:
    """What the round keeps of the plan; where every seat is asked for, its reserve of before."""
    asked = {seat.candidate_id for seat in wave.ask}
    found = standing(wave.panel, asked=asked)
    if not found["alternates"]:
        asked |= {one.person_id for one in current.assignments}
        found["alternates"] = {
            slot: [one for one in reserve if one["person_id"] not in asked]
            for slot, reserve in (current.standing or {}).get("alternates", {}).items()
        }
    return found


def _ask_the_wanted(
    submission: Submission, current: ReviewRound, candidates: list[Candidate]
) -> int:
    """Invite those whom an editor put first, as far as their seats are open and rules allow."""
    by_id = {one.id: one for one in candidates}
    asked = [want for want in current.wanted if _ask_wanted(submission, current, by_id, want)]
    if asked:
        current.wanted = [want for want in current.wanted if want not in asked]
    return len(asked)


def _ask_wanted(
    submission: Submission,
    current: ReviewRound,
    by_id: dict[int, Candidate],
    want: Mapping[str, Any],
) -> bool:
    candidate, slot = by_id.get(want["person_id"]), Slot(want["slot"])
    if candidate is None or not open_seats(current, slot):
        return False
    held_back = {found.code.value for found in kept_out(submission, current, candidate)}
    if held_back - set(want["overruled"]):
        return False
    assignment = Assignment(
        round=current,
        submission_id=current.submission_id,
        person_id=candidate.id,
        slot=slot,
        internal=candidate.internal,
        state=A.PROPOSED,
        chosen_by_id=want["by_id"],
    )
    db.session.add(assignment)
    db.session.flush()
    record(
        assignment, "choose", actor_id=want["by_id"], role="editor", note=want["note"],
        slot=slot.value, overruled=sorted(want["overruled"]),
    )  # fmt: skip
    is_beyond = ExclusionCode.AT_CAP.value in want["overruled"]
    invite(assignment, by=SYSTEM, beyond=asking.ANY_NUMBER if is_beyond else 0)
    return True


def kept_out(
    submission: Submission, current: ReviewRound, candidate: Candidate
) -> tuple[Exclusion, ...]:
    """The hard rules that keep this person from the item today."""
    submitter = accounts.get(submission.submitter_id) if submission.submitter_id else None
    rule = rules_of(current).panel_rule(current.tie_breakers)
    return exclusions(item_of(submission, submitter), candidate, rule, clock.today())


def _ask(
    current: ReviewRound, seat: ProposedSeat, internal: bool, choice: Choice, *, beyond: int
) -> None:
    """Invite somebody; who was called off for a faster one before has a row in the round."""
    before = next((o for o in current.assignments if o.person_id == seat.candidate_id), None)
    if before is not None:
        before.slot, before.internal = Slot(seat.slot.value), internal
        before.reasons, before.choice_id = seat_reasons(seat), choice.id
        ask_again(before, by=SYSTEM, beyond=beyond)
        return
    assignment = Assignment(
        round=current,
        submission_id=current.submission_id,
        person_id=seat.candidate_id,
        slot=Slot(seat.slot.value),
        internal=internal,
        state=A.PROPOSED,
        reasons=seat_reasons(seat),
        choice_id=choice.id,
    )
    db.session.add(assignment)
    db.session.flush()
    record(assignment, "propose", role="system", slot=assignment.slot.value)
    invite(assignment, by=SYSTEM, beyond=beyond)


def _name_shortage(submission: Submission, current: ReviewRound, proposal: Proposal) -> None:
    if proposal.complete:
        submission.progress.shortage = None
        return
    named = {"round": current.number, "shortages": current.standing["shortages"]}
    if submission.progress.shortage != named:
        submission.progress.shortage = named
        emails.shortage(submission, current)


def invite(assignment: Assignment, *, by: Actor, beyond: int = 0) -> None:
    """Send the invitation with its scoped link; the clock for the answer starts.

    `beyond` is how many more than they offered for the half-year an editor allows.
    """
    asking.count_in(assignment, at=clock.now(), beyond=beyond)
    move_assignment("invite", assignment, by=by)
    _invited(assignment)


def ask_again(assignment: Assignment, *, by: Actor, note: str = "", beyond: int = 0) -> None:
    """Invite somebody once more; their earlier answer stays in the history alone."""
    asking.count_in(assignment, at=clock.now(), beyond=beyond)
    move_assignment("ask_again", assignment, by=by, note=note)
    assignment.decline_reason = assignment.decline_note = ""
    assignment.answered_at = assignment.called_off_at = None
    if assignment.conflict_found:  # asked all the same
        assignment.conflict_kept_at = clock.now()
    assignment.reminders = 0
    _invited(assignment)


def _invited(assignment: Assignment) -> None:
    rules = rules_of(assignment.round)
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


def call_off_outrun(
    submission: Submission, current: ReviewRound, *, unplanned: bool = False
) -> None:
    """Somebody has taken a seat: let go, in kind words, of those who were asked for it as well.

    It costs them nothing: they may be asked again in the same round, and are ranked as before.
    """
    for one in outrun(submission, current, unplanned=unplanned):
        was_told = one.state is not A.PROPOSED
        move_assignment("cancel", one, by=SYSTEM)
        one.called_off_at = clock.now()
        one.next_tick_at = None
        if was_told:
            emails.call_off(one)


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
        if one.state in {A.ACCEPTED, A.RETURNED}:  # what they have begun is still welcome
            surpass(one, by=SYSTEM)
        elif one.state in {A.PROPOSED, A.INVITED}:
            cancel(one, by=by)


def look_for_reviewers(current: ReviewRound) -> None:
    """A seat has fallen free: have the task fill it, once no editor holds it back."""
    if current.closed_at is None:
        current.fill_at = clock.now()
        nudge(FILL_PANELS)


def move_assignment(verb: str, assignment: Assignment, *, by: Actor, note: str = "") -> None:
    """Move one assignment by the verb of its workflow, and write it in the history."""
    transition = next(t for t in AssignmentWorkflow.transitions() if t.name == verb)
    submission = db.session.get_one(Submission, assignment.submission_id)
    move = transition(assignment, roles_towards_assignment(by, assignment, submission))
    record(assignment, move, actor_id=by.acting_person_id, note=note, slot=assignment.slot.value)
