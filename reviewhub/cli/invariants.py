"""What must be true of the data whatever happened: each a sentence, and a query for what breaks it.

Tests run the same ones after whole journeys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.admin.waiting import WAITS, lacking
from reviewhub.audit.models import AuditEvent
from reviewhub.cli import workload
from reviewhub.core.db import db
from reviewhub.library.models import Origin, Resource
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews.models import (
    Assignment,
    Recommendation,
    Review,
    ReviewPolicy,
    ReviewRound,
)
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.workflow import ACTIVE, SEATED, AssignmentState, Slot
from reviewhub.submissions.models import Decision, DecisionKind, Progress, Submission
from reviewhub.submissions.workflow import OPEN, State


@dataclass(frozen=True)
class Invariant:
    """A sentence that always holds, and the query whose rows contradict it."""

    says: str
    query: Callable[[], sa.Select[*tuple[Any, ...]]]


def broken(invariant: Invariant) -> list[Any]:
    """The rows that contradict it; none when it holds."""
    return [tuple(row) for row in db.session.execute(invariant.query().limit(1000))]


def _published_without_approval() -> sa.Select[*tuple[Any, ...]]:
    approved = sa.select(Decision.id).where(
        Decision.submission_id == Resource.submission_id,
        Decision.kind == DecisionKind.APPROVED,
        Decision.superseded_at.is_(None),
    )
    return sa.select(Resource.id, Resource.slug).where(
        Resource.origin == Origin.REVIEWED, ~approved.exists()
    )


def _published_state_without_resource() -> sa.Select[*tuple[Any, ...]]:
    resource = sa.select(Resource.id).where(Resource.submission_id == Submission.id)
    return sa.select(Submission.id, Submission.ref).where(
        Submission.state == State.PUBLISHED, ~resource.exists()
    )


def _reviewed_their_own() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Assignment.id)
        .join(Submission, Submission.id == Assignment.submission_id)
        .where(Assignment.person_id == Submission.submitter_id)
    )


def _decided_their_own() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Decision.id)
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Decision.decided_by_id == Submission.submitter_id)
    )


def _confirmed_their_own() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(SignOff.id)
        .join(Submission, Submission.id == SignOff.submission_id)
        .where(SignOff.answered_by_id == Submission.submitter_id)
    )


def _waits_for_nothing() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(SignOff.id, Submission.ref, Submission.state)
        .join(Submission, Submission.id == SignOff.submission_id)
        .where(SignOff.answered_at.is_(None), Submission.state != State.REVIEWED)
    )


def _decided_without_decision() -> sa.Select[*tuple[Any, ...]]:
    live = sa.select(Decision.id).where(
        Decision.submission_id == Submission.id, Decision.superseded_at.is_(None)
    )
    return sa.select(Submission.id, Submission.ref).where(
        Submission.state.in_([State.APPROVED, State.REJECTED, State.PUBLISHED]), ~live.exists()
    )


def _state_differs_from_history() -> sa.Select[*tuple[Any, ...]]:
    last = (
        sa.select(sa.func.max(AuditEvent.id))
        .where(
            AuditEvent.object_type == "submissions",
            AuditEvent.object_id == Submission.id,
            AuditEvent.new_state.is_not(None),
        )
        .correlate(Submission)  # its own look at the history, not the row joined below
        .scalar_subquery()
    )
    return (
        sa.select(Submission.ref, Submission.state, AuditEvent.new_state)
        .join(AuditEvent, AuditEvent.id == last)
        .where(AuditEvent.new_state != sa.cast(Submission.state, sa.String))
    )


def _open_without_clock() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Submission.id, Submission.ref, Submission.state)
        .join(Progress)
        .where(Submission.state.in_(OPEN), Progress.due_at.is_(None))
    )


def _open_round_elsewhere() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(ReviewRound.id)
        .join(Submission, Submission.id == ReviewRound.submission_id)
        .where(ReviewRound.closed_at.is_(None), Submission.state != State.IN_REVIEW)
    )


def _at_work_in_closed_round() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Assignment.id, Assignment.state)
        .join(ReviewRound, ReviewRound.id == Assignment.round_id)
        .where(ReviewRound.closed_at.is_not(None), Assignment.state.in_(ACTIVE))
    )


def _submitted_without_review() -> sa.Select[*tuple[Any, ...]]:
    sent = sa.select(Review.id).where(
        Review.assignment_id == Assignment.id, Review.submitted_at.is_not(None)
    )
    return sa.select(Assignment.id).where(
        Assignment.state == AssignmentState.SUBMITTED, ~sent.exists()
    )


def _counts_differ() -> sa.Select[*tuple[Any, ...]]:
    received = (
        sa.select(sa.func.count())
        .select_from(Assignment)
        .join(ReviewRound, ReviewRound.id == Assignment.round_id)
        .where(
            ReviewRound.submission_id == Submission.id,
            ReviewRound.closed_at.is_(None),
            Assignment.state == AssignmentState.SUBMITTED,
        )
        .scalar_subquery()
    )
    return (
        sa.select(Submission.ref, Progress.reviews_received)
        .join(Progress)
        .where(Submission.state == State.IN_REVIEW, Progress.reviews_received != received)
    )


def _two_mails_for_one_thing() -> sa.Select[*tuple[Any, ...]]:
    key = (
        Message.event, Message.object_type, Message.object_id, Message.recipient_id,
        Message.occurrence,
    )  # fmt: skip
    return sa.select(*key).group_by(*key).having(sa.func.count() > 1)


def _history_with_gap() -> sa.Select[*tuple[Any, ...]]:
    before = sa.func.lag(AuditEvent.new_state).over(
        partition_by=[AuditEvent.object_type, AuditEvent.object_id], order_by=AuditEvent.id
    )
    steps = (
        sa.select(
            AuditEvent.object_type, AuditEvent.object_id, AuditEvent.verb, AuditEvent.old_state,
            before.label("before"),
        )
        .where(AuditEvent.new_state.is_not(None))
        .subquery()
    )  # fmt: skip
    return sa.select(steps).where(steps.c.before != steps.c.old_state)


def _closed_waits() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Submission.ref, Submission.state, Progress.owner_id, Progress.due_at)
        .join(Progress)
        .where(
            Submission.state.in_([State.REJECTED, State.WITHDRAWN]),
            sa.or_(Progress.owner_id.is_not(None), Progress.due_at.is_not(None)),
        )
    )


def _at_work_against_their_word() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Assignment.id, Assignment.person_id, Submission.ref)
        .join(Submission, Submission.id == Assignment.submission_id)
        .join(Person, Person.id == Submission.submitter_id)
        .join(DeclaredConflict, DeclaredConflict.person_id == Assignment.person_id)
        .where(
            Assignment.state.in_(ACTIVE),
            sa.or_(
                DeclaredConflict.other_person_id == Person.id,
                DeclaredConflict.organisation_id == Person.organisation_id,
                sa.and_(
                    Submission.for_government != "",
                    DeclaredConflict.country == Submission.for_government,
                ),
            ),
        )
    )


def _seats_of(slot: Slot) -> sa.ColumnElement[int]:
    """How many seats of a kind the round's policy asks for."""
    if slot is Slot.TIE_BREAKER:
        return sa.cast(ReviewRound.tie_breakers, sa.Integer)
    return sa.func.coalesce(ReviewPolicy.rules["slots"][slot.value].as_integer(), 0)


def _nobody_is_looked_for() -> sa.Select[*tuple[Any, ...]]:
    taken = (
        sa.select(sa.func.count())
        .where(
            Assignment.round_id == ReviewRound.id,
            Assignment.state.in_(SEATED),
            sa.or_(Assignment.relieved_at.is_(None), Assignment.state == AssignmentState.SUBMITTED),
        )
        .scalar_subquery()
    )
    wanted = sum((_seats_of(slot) for slot in Slot), start=sa.literal(0))
    return (
        sa.select(ReviewRound.id, ReviewRound.submission_id)
        .join(ReviewPolicy, ReviewPolicy.id == ReviewRound.policy_id)
        .where(
            ReviewRound.closed_at.is_(None),
            ReviewRound.paused_at.is_(None),
            ReviewRound.fill_at.is_(None),
            taken < wanted,
        )
    )


def _complete_and_open() -> sa.Select[*tuple[Any, ...]]:
    def judged(slot: Slot) -> sa.ScalarSelect[int]:
        return (
            sa.select(sa.func.count())
            .select_from(Assignment)
            .join(Review, Review.assignment_id == Assignment.id)
            .where(
                Assignment.round_id == ReviewRound.id,
                Assignment.slot == slot,
                Assignment.state == AssignmentState.SUBMITTED,
                Review.recommendation != Recommendation.CANNOT_JUDGE,
            )
            .scalar_subquery()
        )

    return (
        sa.select(ReviewRound.id, ReviewRound.submission_id)
        .join(ReviewPolicy, ReviewPolicy.id == ReviewRound.policy_id)
        .where(
            ReviewRound.closed_at.is_(None),
            *(judged(slot) >= _seats_of(slot) for slot in Slot),
        )
    )


def _tells_what_was_undone() -> sa.Select[*tuple[Any, ...]]:
    live = sa.select(Decision.id).where(
        Decision.submission_id == Message.object_id, Decision.superseded_at.is_(None)
    )
    return sa.select(Message.id, Message.event, Message.object_id).where(
        Message.event.in_(["reviews/approve", "reviews/reject"]),
        Message.object_type == Submission.__tablename__,
        Message.state == MessageState.QUEUED,
        ~live.exists(),
    )


INVARIANTS = (
    Invariant("What is published as reviewed was approved.", _published_without_approval),
    Invariant("A published submission has its resource.", _published_state_without_resource),
    Invariant("A decided submission has its live decision.", _decided_without_decision),
    Invariant("Nobody reviews their own suggestion.", _reviewed_their_own),
    Invariant("Nobody decides on their own suggestion.", _decided_their_own),
    Invariant("Nobody confirms a decision on their own suggestion.", _confirmed_their_own),
    Invariant("What waits for a second person is still to be decided.", _waits_for_nothing),
    Invariant("The state is the one that the history says.", _state_differs_from_history),
    Invariant("Whatever waits has a date.", _open_without_clock),
    Invariant("A round is open only while its submission is in review.", _open_round_elsewhere),
    Invariant("Nobody is at work in a closed round.", _at_work_in_closed_round),
    Invariant("A submitted assignment has its review.", _submitted_without_review),
    Invariant("The count of reviews received is right.", _counts_differ),
    Invariant("No mail stands in the outbox twice.", _two_mails_for_one_thing),
    Invariant("Each step in the history begins where the one before ended.", _history_with_gap),
    Invariant("What is rejected or withdrawn waits for nobody.", _closed_waits),
    Invariant("Nobody is at work on what they have a conflict with.", _at_work_against_their_word),
    Invariant("Where a seat is open, somebody is looked for.", _nobody_is_looked_for),
    Invariant("A panel that has every review is finished.", _complete_and_open),
    Invariant(
        "Nobody is asked beyond the items that may lie with them.", workload.asked_beyond_the_rule
    ),
    Invariant(
        "Nobody has more to review in a half-year than they offered.",
        workload.asked_for_more_than_offered,
    ),
    Invariant("No member's absences overlap.", workload.away_twice_at_once),
    Invariant("No mail waits that tells of an undone decision.", _tells_what_was_undone),
    *(
        Invariant(f"Whatever waits ({wait.name}) has somebody and a date.", partial(lacking, wait))
        for wait in WAITS
    ),
)
