"""Somebody has changed employer: what that means for the reviews that are open.

The conflicts of their open seats are derived anew, and those of the reviewers of what they have
suggested. An invitation that nobody has accepted is withdrawn, and somebody else is asked. A review
that is being written is put before its editor with a sentence, and goes on until they decide; what
somebody declared ends it at once, as anywhere.
"""

import sqlalchemy as sa

from reviewhub.accounts.actor import SYSTEM
from reviewhub.accounts.models import Person
from reviewhub.audit.models import AuditEvent
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db, locked
from reviewhub.matching.conflicts import DECLARED
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.reviews import seat_emails
from reviewhub.reviews.candidates import roster_now
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations.panels import kept_out, look_for_reviewers, move_assignment
from reviewhub.reviews.queries import get, reread
from reviewhub.reviews.workflow import AT_WORK
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock

OTHER_KIND = "other_kind"  # beside the conflicts: the seat is for the other kind of reviewer
OPEN_SEATS = frozenset({A.PROPOSED, A.INVITED, *AT_WORK})


def changed(*, limit: int = 100) -> list[int]:
    """Who has changed employer since it was last seen what that means."""
    return list(
        db.session.scalars(
            sa.select(Person.id)
            .where(Person.affiliation_changed_at.is_not(None))
            .order_by(Person.affiliation_changed_at, Person.id)
            .limit(limit)
        )
    )


def look_at_conflicts(person_id: int) -> None:
    """Derive the conflicts anew of whatever is open of this person, or suggested by them."""
    seats = _open_of(person_id)
    # The items first, in the order of their numbers, so that no two of these wait for each other.
    for id in sorted({seat.submission_id for seat in seats}):
        lock(id)
    for seat in seats:
        reread(seat)
        if seat.state in OPEN_SEATS:
            _look(seat)
    locked(Person, person_id).affiliation_changed_at = None


def _open_of(person_id: int) -> list[Assignment]:
    found = db.session.scalars(
        sa.select(Assignment.id)
        .join(Submission, Submission.id == Assignment.submission_id)
        .join(ReviewRound, ReviewRound.id == Assignment.round_id)
        .where(
            Assignment.state.in_(OPEN_SEATS),
            ReviewRound.closed_at.is_(None),
            sa.or_(Assignment.person_id == person_id, Submission.submitter_id == person_id),
        )
        .order_by(Assignment.id)
    )
    return [get(id) for id in found]


def _look(seat: Assignment) -> None:
    found = _conflict(seat)
    if found == seat.conflict_found:
        return
    seat.conflict_kept_at = None
    seat.conflict_found = found
    seat.conflict_found_at = clock.now() if found else None
    if not found:
        record(seat, "clear_conflict", role="system")
        return
    record(seat, "find_conflict", role="system", rule=found)
    if seat.state in AT_WORK and found not in DECLARED:
        seat_emails.find_conflict(seat)
        return
    was_told = seat.state is not A.PROPOSED
    move_assignment("cancel", seat, by=SYSTEM)
    seat.next_tick_at = None
    if was_told:
        seat_emails.take_off(seat)
    look_for_reviewers(seat.round)


def _conflict(seat: Assignment) -> str:
    """The first rule that now speaks against this seat and that no editor has overruled, or ""."""
    candidates = roster_now([seat.person_id])
    if not candidates:  # has left the roster, and keeps what they have taken on
        return ""
    submission = db.session.get_one(Submission, seat.submission_id)
    overruled = _overruled(seat)
    for one in kept_out(submission, seat.round, candidates[0]):
        if one.conflict and one.code.value not in overruled:
            return one.code.value
    return "" if MatchingSlot(seat.slot.value).admits(candidates[0].internal) else OTHER_KIND


def _overruled(seat: Assignment) -> frozenset[str]:
    """The rules that an editor overruled when they chose this person."""
    if seat.chosen_by_id is None:
        return frozenset()
    chosen = db.session.scalar(
        sa.select(AuditEvent.data)
        .where(
            AuditEvent.object_type == Assignment.__tablename__,
            AuditEvent.object_id == seat.id,
            AuditEvent.verb == "choose",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return frozenset((chosen or {}).get("overruled", ()))
