"""A panel by an editor's own weights and limits: first what it would do, then all of it or nothing.

    outlook(submission, tuning, by=editor)                    # nothing is changed
    assign(submission, tuning, seen=outlook.digest, by=editor)

What was looked at is what is done. Where the world has changed meanwhile so that it would turn out
otherwise, `assign` raises Changed with the outlook of now, and nothing is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reviewhub.accounts.actor import Actor
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.errors import DomainError, InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.matching.conflicts import exclusions
from reviewhub.matching.people import Candidate
from reviewhub.matching.reasons import Seat as Sitting
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.reviews.candidates import candidates_for
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.operations.panels import fill
from reviewhub.reviews.operations.screening import round_to_be, start_review, why_not
from reviewhub.reviews.operations.seats import LEAST_NOTE, NEVER
from reviewhub.reviews.operations.waves import Plan, item_now, plan
from reviewhub.reviews.outlooks import Outlook, Seat
from reviewhub.reviews.queries import latest_round, rules_of
from reviewhub.reviews.reasons import seat_reasons, standing
from reviewhub.reviews.seating import open_seats, tallies
from reviewhub.reviews.tuning import Tuning
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State, SubmissionWorkflow


class Changed(WrongState):
    """It would turn out otherwise than was looked at; `now` is how."""

    def __init__(self, now: Outlook) -> None:
        super().__init__(_("Something has changed since you looked. This is how it would be now."))
        self.now = now


def outlook(
    submission: Submission,
    tuning: Tuning,
    *,
    by: Actor,
    candidates: Sequence[Candidate] | None = None,
) -> Outlook:
    """Whom it would ask, and everything that goes with it; `candidates` where they are at hand.

    Raises InvalidInput where the tuning itself can't be used.
    """
    starts = submission.state is State.SUBMITTED
    known = Outlook(
        submission_id=submission.id,
        ref=submission.ref,
        title=submission.title,
        language=submission.language,
        version=submission.version,
        starts=starts,
    )
    try:
        current = the_round(submission, by=by)
    except DomainError as error:
        return replace(known, refusal=str(error))
    if candidates is None:
        candidates = candidates_for(submission, None if starts else current)
    pinned = _pinned(submission, current, candidates, tuning)
    wave = plan(submission, current, candidates, replace(tuning, pinned=tuple(pinned)))
    return drawn(known, wave, candidates, pinned, tuning)


def drawn(
    known: Outlook,
    wave: Plan,
    candidates: Sequence[Candidate],
    pinned: Mapping[Sitting, tuple[str, ...]],
    tuning: Tuning,
) -> Outlook:
    """The outlook of a plan; `pinned` are the people put first, with the rules against each."""
    by_id = {one.id: one for one in tuning.people(candidates)}
    seats = [
        _seat(by_id[sitting.candidate_id], sitting, pinned=True, overruled=codes)
        for sitting, codes in pinned.items()
    ]
    seats += [
        replace(_seat(by_id[one.candidate_id], one), reasons=seat_reasons(one)) for one in wave.ask
    ]
    asked = {seat.person_id for seat in seats}
    found = standing(wave.panel, asked=asked)
    return replace(
        known,
        seats=tuple(seats),
        shortages=tuple(found["shortages"]),
        alternates=found["alternates"],
    )


def assign(
    submission: Submission, tuning: Tuning, *, seen: str, by: Actor, note: str = ""
) -> ReviewRound:
    """Do what was looked at: start the review where it has not begun, and ask everybody.

    Raises Changed where it would now be something else, and InvalidInput without a word on why
    a rule is overruled.
    """
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    now = outlook(submission, tuning, by=by)
    if now.digest != seen:
        raise Changed(now)
    if now.refusal:
        raise WrongState(now.refusal)
    if now.needs_word and len(note) < LEAST_NOTE:
        raise InvalidInput(
            _("A rule speaks against it: please say why it may be overruled."), field="note"
        )
    current = prepare(submission, tuning, by=by)
    put_first(current, now, by=by, note=note)
    fill(current, tuning, by_id=by.acting_person_id)
    record(
        current, "assign", actor_id=by.acting_person_id, role="editor", note=note,
        tuning=tuning.stored(), people=sorted(seat.person_id for seat in now.seats),
    )  # fmt: skip
    asked = {(one.slot.value, one.person_id) for one in current.assignments}
    if not asked >= {seat.key for seat in now.seats}:
        raise WrongState(_("This could not be done as it was shown. Nothing was changed."))
    return current


def the_round(submission: Submission, *, by: Actor) -> ReviewRound:
    """The open round, or the one that would open. Raises DomainError where nobody can be asked."""
    if submission.state is State.SUBMITTED:
        refusal = why_not(submission, SubmissionWorkflow.start_review, by=by)
        if refusal:
            raise WrongState(refusal)
        return round_to_be(submission)
    refuse_compromised(submission, by)
    current = latest_round(submission.id)
    if current is None or current.closed_at is not None or submission.state is not State.IN_REVIEW:
        raise WrongState(_("There is no open panel here."))
    if current.paused_at is not None:
        raise WrongState(_("The search is paused: nobody new is asked until you go on."))
    if not any(found.to_ask for found in tallies(current)):
        raise WrongState(_("Everybody is asked whom this panel needs. Let somebody go first."))
    return current


def prepare(submission: Submission, tuning: Tuning, *, by: Actor) -> ReviewRound:
    """The round in which people will be asked, opened where there is none."""
    if submission.state is State.SUBMITTED:
        current = start_review(submission, by=by)
    else:
        found = latest_round(submission.id)
        assert found is not None
        current = found
    current.kept_off = sorted({*current.kept_off, *tuning.kept_off})
    return current


def put_first(current: ReviewRound, now: Outlook, *, by: Actor, note: str) -> None:
    """Have those whom the editor pinned asked before everybody else."""
    known = {want["person_id"] for want in current.wanted}
    wants = [
        {
            "person_id": seat.person_id, "slot": seat.slot, "by_id": by.acting_person_id,
            "note": note, "overruled": list(seat.overruled),
        }
        for seat in now.seats
        if seat.pinned and seat.person_id not in known
    ]  # fmt: skip
    current.wanted = [*current.wanted, *wants]


def _pinned(
    submission: Submission,
    current: ReviewRound,
    candidates: Sequence[Candidate],
    tuning: Tuning,
) -> dict[Sitting, tuple[str, ...]]:
    """Those put first, now or before, as far as their seats are open, and the rules against each.

    Raises InvalidInput for somebody who can't be pinned.
    """
    item = item_now(submission)
    rule = tuning.rule(rules_of(current).panel_rule(current.tie_breakers))
    by_id = {one.id: one for one in tuning.people(candidates)}
    room = {found.slot: found.to_ask for found in tallies(current)}
    found: dict[Sitting, tuple[str, ...]] = {}
    for want in current.wanted:
        candidate, slot = by_id.get(want["person_id"]), Slot(want["slot"])
        if candidate is None or not open_seats(current, slot) or not room[slot]:
            continue
        codes = {one.code.value for one in exclusions(item, candidate, rule, clock.today())}
        if codes <= set(want["overruled"]):
            room[slot] -= 1
            found[Sitting(MatchingSlot(slot.value), candidate.id)] = ()
    asked = {one.person_id for one in current.assignments}
    for sitting in tuning.pinned:
        if any(sitting.candidate_id == one.candidate_id for one in found):
            continue
        candidate, slot = by_id.get(sitting.candidate_id), Slot(sitting.slot.value)
        _refuse_pin(sitting, candidate, room.get(slot, 0), asked)
        assert candidate is not None
        against = exclusions(item, candidate, rule, clock.today())
        if {one.code for one in against} & NEVER:
            raise InvalidInput(_("This person can’t be asked about this item."), field="pin")
        room[slot] -= 1
        found[sitting] = tuple(sorted(one.code.value for one in against))
    return found


def _refuse_pin(sitting: Sitting, candidate: Candidate | None, room: int, asked: set[int]) -> None:
    if candidate is None:
        raise InvalidInput(_("This person is not on the roster."), field="pin")
    if sitting.candidate_id in asked:
        raise InvalidInput(_("This person has been asked in this round."), field="pin")
    if not sitting.slot.admits(candidate.internal):
        raise InvalidInput(_("This seat is for somebody of the other kind."), field="pin")
    if room < 1:
        raise InvalidInput(_("Every seat of this kind is taken."), field="pin")


def _seat(
    candidate: Candidate,
    sitting: Sitting,
    *,
    pinned: bool = False,
    overruled: tuple[str, ...] = (),
) -> Seat:
    return Seat(
        slot=sitting.slot.value,
        person_id=candidate.id,
        internal=candidate.internal,
        pinned=pinned,
        overruled=overruled,
        load=candidate.load + 1,
        capacity=candidate.capacity,
        open_items=candidate.open_items + 1,
    )
