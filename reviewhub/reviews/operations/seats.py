"""An editor's hand on the panel: hold it, put somebody first, let somebody go, give more time."""

from datetime import timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.matching.conflicts import DECLARED, ExclusionCode
from reviewhub.matching.people import Candidate
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.reviews import seat_emails
from reviewhub.reviews.candidates import candidates_for
from reviewhub.reviews.clocks import next_rung, rungs_passed
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import panels
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.seating import open_seats
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock

# What no editor can overrule: one's own item, what somebody declared, and a person's own pause.
NEVER = frozenset({*DECLARED, ExclusionCode.SAME_PERSON, ExclusionCode.PAUSED})
LEAST_NOTE = 10  # characters of the reason for overruling a rule
MOST_DAYS = 90  # that an editor gives at once


def pause(current: ReviewRound, *, by: Actor, note: str = "") -> None:
    """Nobody new is asked until an editor says so; who has been asked goes on."""
    _open(current, by)
    if current.paused_at is not None:
        raise WrongState(_("This panel is paused already."))
    current.paused_at = clock.now()
    record(current, "pause", actor_id=by.acting_person_id, role="editor", note=note)


def resume(current: ReviewRound, *, by: Actor) -> None:
    """Look for reviewers again."""
    _open(current, by)
    if current.paused_at is None:
        raise WrongState(_("This panel is not paused."))
    current.paused_at = None
    record(current, "resume", actor_id=by.acting_person_id, role="editor")
    panels.look_for_reviewers(current)


def ask(current: ReviewRound, *, person_id: int, slot: Slot, by: Actor, note: str = "") -> None:
    """Ask this person before everybody else: at once while a seat of the kind is open, else next.

    A rule that speaks against them can be overruled with a reason, except those in NEVER.
    Raises InvalidInput, naming the rule or the field.
    """
    submission = _open(current, by)
    candidate = _candidate(submission, current, person_id)
    if any(one.person_id == person_id for one in current.assignments):
        raise InvalidInput(_("This person has been asked in this round."), field="person_id")
    if any(want["person_id"] == person_id for want in current.wanted):
        raise InvalidInput(_("This person is the next to be asked already."), field="person_id")
    if not MatchingSlot(slot.value).admits(candidate.internal):
        raise InvalidInput(_("This seat is for somebody of the other kind."), field="slot")
    codes = {found.code for found in panels.kept_out(submission, current, candidate)}
    if codes & NEVER:
        raise InvalidInput(_("This person can’t be asked about this item."), field="person_id")
    if codes and len(note) < LEAST_NOTE:
        raise InvalidInput(
            _("A rule speaks against it: please say why it may be overruled."), field="note"
        )
    want = {
        "person_id": person_id, "slot": slot.value, "by_id": by.acting_person_id, "note": note,
        "overruled": sorted(code.value for code in codes),
    }  # fmt: skip
    current.wanted = [*current.wanted, want]
    record(
        current, "ask_first", actor_id=by.acting_person_id, role="editor", note=note,
        person=person_id, slot=slot.value, overruled=want["overruled"],
    )  # fmt: skip
    panels.look_for_reviewers(current)


def forget(current: ReviewRound, *, person_id: int, by: Actor) -> None:
    """Take somebody who was put first, and not asked yet, out of the line."""
    _open(current, by)
    kept = [want for want in current.wanted if want["person_id"] != person_id]
    if len(kept) == len(current.wanted):
        raise WrongState(_("This person has been asked meanwhile, or was not in the line."))
    current.wanted = kept
    record(current, "forget", actor_id=by.acting_person_id, role="editor", person=person_id)


def ask_again(assignment: Assignment, *, by: Actor, note: str = "") -> None:
    """Ask somebody once more who said no, did not answer, or was let go, for their open seat.

    What has come up since holds, as far as no editor can overrule it.
    """
    submission = _open(assignment.round, by)
    reread(assignment)
    if not open_seats(assignment.round, assignment.slot):
        raise WrongState(_("Every seat of this kind is taken. Let somebody go first."))
    candidate = _candidate(submission, assignment.round, assignment.person_id)
    if NEVER & {one.code for one in panels.kept_out(submission, assignment.round, candidate)}:
        raise WrongState(_("This person can’t be asked about this item."))
    panels.ask_again(assignment, by=by, note=note)


def let_go(assignment: Assignment, *, by: Actor, note: str) -> None:
    """The editor takes somebody off the panel; they are told, and the seat is filled anew."""
    _open(assignment.round, by)
    reread(assignment)
    if not note:
        raise InvalidInput(_("Please say why, for the history."), field="note")
    panels.cancel(assignment, by=by, note=note)
    panels.look_for_reviewers(assignment.round)


def keep(assignment: Assignment, *, by: Actor, note: str) -> None:
    """The editor lets somebody go on with whom a conflict was found after they had begun."""
    _open(assignment.round, by)
    reread(assignment)
    is_open = assignment.conflict_found and assignment.conflict_kept_at is None
    if not is_open or assignment.state not in {A.ACCEPTED, A.RETURNED}:
        raise WrongState(_("There is no conflict to decide about here."))
    if len(note) < LEAST_NOTE:
        raise InvalidInput(
            _("A rule speaks against it: please say why it may be overruled."), field="note"
        )
    assignment.conflict_kept_at = clock.now()
    record(
        assignment, "keep", actor_id=by.acting_person_id, role="editor", note=note,
        rule=assignment.conflict_found,
    )  # fmt: skip


def give_time(assignment: Assignment, *, by: Actor, days: int) -> None:
    """More days for a review, beyond what its reviewer can take without asking."""
    _open(assignment.round, by)
    reread(assignment)
    if assignment.state not in {A.ACCEPTED, A.RETURNED} or assignment.due_at is None:
        raise WrongState(_("There is no open review to extend."))
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            _("Please give a number of days from 1 to %(most)d.", most=MOST_DAYS), field="days"
        )
    rules = rules_of(assignment.round)
    assignment.due_at = max(assignment.due_at, clock.now()) + timedelta(days=days)
    assignment.wanted_days = None
    assignment.reminders = rungs_passed(rules, assignment)
    assignment.next_tick_at = next_rung(rules, assignment)
    record(assignment, "give_time", actor_id=by.acting_person_id, role="editor", days=days)
    seat_emails.extend(assignment)


def _open(current: ReviewRound, by: Actor) -> Submission:
    """The submission, locked, of a round that is still open to this editor."""
    submission = lock(current.submission_id)
    refuse_compromised(submission, by)
    if current.closed_at is not None:
        raise WrongState(_("There is no open panel here."))
    return submission


def _candidate(submission: Submission, current: ReviewRound, person_id: int) -> Candidate:
    for candidate in candidates_for(submission, current):
        if candidate.id == person_id:
            return candidate
    raise InvalidInput(_("This person is not on the roster."), field="person_id")
