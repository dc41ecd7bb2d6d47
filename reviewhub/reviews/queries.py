"""Reading policies, rounds, assignments and reviews."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.reviews.models import Assignment, Review, ReviewPolicy, ReviewRound
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.workflow import ACTIVE, AssignmentState
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.progress import CALL_EVERY
from reviewhub.submissions.workflow import ON_THE_DESK, OPEN, State
from reviewhub.taxonomy.queries import catalogue


def latest_policy() -> ReviewPolicy | None:
    """The policy for items whose review starts now."""
    return db.session.scalar(sa.select(ReviewPolicy).order_by(ReviewPolicy.number.desc()).limit(1))


def policies(*, limit: int = 50) -> list[tuple[ReviewPolicy, Person | None, int]]:
    """The newest versions of the policy: who made each, and how many open items are under it."""
    bound = (
        sa.select(ReviewRound.policy_id, sa.func.count(sa.distinct(Submission.id)).label("open"))
        .join(Submission, Submission.id == ReviewRound.submission_id)
        .where(Submission.state.in_(OPEN))
        .group_by(ReviewRound.policy_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(ReviewPolicy, Person, sa.func.coalesce(bound.c.open, 0))
        .outerjoin(Person, Person.id == ReviewPolicy.created_by_id)
        .outerjoin(bound, bound.c.policy_id == ReviewPolicy.id)
        .order_by(ReviewPolicy.number.desc())
        .limit(limit)
    )
    return [(policy, person, number) for policy, person, number in rows]


def editors() -> int:
    """How many people can decide on items."""
    return len(accounts.with_role(Role.EDITOR))


def open_under_rules() -> int:
    """How many open items have their rules already, of whichever version."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(sa.distinct(Submission.id)))
            .join(ReviewRound, ReviewRound.submission_id == Submission.id)
            .where(Submission.state.in_(OPEN))
        )
        or 0
    )


def rounds_of(submission_id: int) -> list[ReviewRound]:
    """Every round with its assignments, oldest first."""
    return list(
        db.session.scalars(
            sa.select(ReviewRound)
            .where(ReviewRound.submission_id == submission_id)
            .order_by(ReviewRound.number, ReviewRound.id)
        )
    )


def latest_round(submission_id: int) -> ReviewRound | None:
    """The newest round, open or closed."""
    return db.session.scalar(
        sa.select(ReviewRound)
        .where(ReviewRound.submission_id == submission_id)
        .order_by(ReviewRound.number.desc())
        .limit(1)
    )


def get(assignment_id: int) -> Assignment:
    """The assignment with its round and person. Raises NoResultFound."""
    return db.session.execute(_assignment(assignment_id)).scalar_one()


def find(assignment_id: int) -> Assignment | None:
    """The same, if there is one."""
    return db.session.scalar(_assignment(assignment_id))


def open_for_same_submitter(assignment: Assignment) -> list[Assignment]:
    """What else of the same submitter the same reviewer has at hand, or could still accept."""
    of_item = sa.select(Submission.submitter_id).where(Submission.id == assignment.submission_id)
    return list(
        db.session.scalars(
            sa.select(Assignment)
            .join(Submission, Submission.id == Assignment.submission_id)
            .join(ReviewRound, ReviewRound.id == Assignment.round_id)
            .where(
                Assignment.person_id == assignment.person_id,
                Assignment.id != assignment.id,
                Assignment.state.in_(ACTIVE | {AssignmentState.EXPIRED}),
                ReviewRound.closed_at.is_(None),
                Submission.submitter_id == of_item.scalar_subquery(),
            )
            .order_by(Assignment.id)
        )
    )


def reread(assignment: Assignment) -> None:
    """Bring an assignment up to date, with its round, once its submission is locked."""
    db.session.execute(
        _assignment(assignment.id).execution_options(populate_existing=True)
    ).scalar_one()


def _assignment(assignment_id: int) -> sa.Select[Assignment]:
    return (
        sa.select(Assignment)
        .where(Assignment.id == assignment_id)
        .options(joinedload(Assignment.round), joinedload(Assignment.person))
    )


def rules_of(current: ReviewRound) -> Rules:
    """The rules that this round was opened under."""
    return Rules.read(current.policy.rules)


def rules_for(submission_id: int) -> Rules:
    """The rules that hold for a submission: those of its round, else those in force."""
    current = latest_round(submission_id)
    return rules_of(current) if current else rules_in_force()


def rules_in_force() -> Rules:
    """The rules for reviews that start now."""
    latest = latest_policy()
    return Rules.read(latest.rules if latest else catalogue().policy)


def rounds_to_fill(now: datetime, *, limit: int = 50) -> list[int]:
    """Rounds in which reviewers are to be looked for now."""
    return list(
        db.session.scalars(
            sa.select(ReviewRound.id)
            .where(ReviewRound.fill_at <= now, ReviewRound.paused_at.is_(None))
            .order_by(ReviewRound.fill_at, ReviewRound.id)
            .limit(limit)
        )
    )


def to_screen(now: datetime, *, limit: int = 100) -> list[int]:
    """Submissions of which nobody has seen yet whether they pass without an editor's look."""
    return list(
        db.session.scalars(
            sa.select(Progress.submission_id)
            .where(Progress.screen_at <= now)
            .order_by(Progress.screen_at, Progress.submission_id)
            .limit(limit)
        )
    )


def due_assignments(now: datetime, *, limit: int = 200) -> list[int]:
    """Assignments whose clock has something to say."""
    return list(
        db.session.scalars(
            sa.select(Assignment.id)
            .where(Assignment.next_tick_at <= now, Assignment.state.in_(ACTIVE))
            .order_by(Assignment.next_tick_at, Assignment.id)
            .limit(limit)
        )
    )


MOST_REMINDERS = 6  # after that the queue shows it, and no further mail is sent


def waiting_on_owner(now: datetime, *, limit: int = 100) -> list[int]:
    """Submissions whose owner is late and can still be called on."""
    return list(
        db.session.scalars(
            sa.select(Submission.id)
            .join(Progress)
            .where(
                Progress.due_at <= now,
                Progress.reminders < MOST_REMINDERS,
                sa.or_(Progress.reminded_at.is_(None), Progress.reminded_at <= now - CALL_EVERY),
                Submission.state.in_(
                    ON_THE_DESK - {State.SUBMITTED}
                ),  # screening has its own clock
                Submission.publish_at.is_(None),
            )
            .order_by(Progress.due_at, Submission.id)
            .limit(limit)
        )
    )


def without_owner(now: datetime, *, limit: int = 100) -> list[int]:
    """Submissions that wait for the staff, and whose owner can't act: nobody, or somebody who is
    away until after the date, or who has left the staff."""
    staff = sa.select(StandingRole.person_id).where(
        StandingRole.role.in_([Role.EDITOR, Role.ADMIN])
    )
    return list(
        db.session.scalars(
            sa.select(Submission.id)
            .join(Progress)
            .outerjoin(Person, Person.id == Progress.owner_id)
            .where(
                sa.or_(
                    Progress.owner_id.is_(None),
                    Person.suspended_at.is_not(None),
                    Person.id.not_in(staff),
                    sa.and_(Person.away_until > now, Person.away_until > Progress.due_at),
                ),
                Submission.state.in_(ON_THE_DESK),
                Submission.publish_at.is_(None),
            )
            .order_by(Progress.due_at, Submission.id)
            .limit(limit)
        )
    )


def unanswered(now: datetime, *, limit: int = 100) -> list[int]:
    """Drafts and requested changes that nobody came back to in time."""
    return list(
        db.session.scalars(
            sa.select(Submission.id)
            .join(Progress)
            .where(
                Progress.due_at <= now,
                Submission.state.in_([State.DRAFT, State.CHANGES_REQUESTED]),
            )
            .order_by(Progress.due_at, Submission.id)
            .limit(limit)
        )
    )


def assignments_of(person_id: int, *, limit: int = 100) -> list[tuple[Assignment, Submission]]:
    """A reviewer's assignments with their items: what is open first, then newest first."""
    rows = db.session.execute(
        sa.select(Assignment, Submission)
        .join(Submission, Submission.id == Assignment.submission_id)
        .where(Assignment.person_id == person_id)
        .order_by(sa.case((Assignment.state.in_(ACTIVE), 0), else_=1), Assignment.id.desc())
        .limit(limit)
    )
    return [(assignment, submission) for assignment, submission in rows]


def reviews_sent(submission_id: int, round_id: int | None = None) -> list[Review]:
    """The reviews that were sent, with assignment and person, oldest first."""
    query = (
        sa.select(Review)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(Assignment.submission_id == submission_id, Review.submitted_at.is_not(None))
        .options(joinedload(Review.assignment).joinedload(Assignment.person))
        .order_by(Review.submitted_at, Review.id)
    )
    if round_id is not None:
        query = query.where(Assignment.round_id == round_id)
    return list(db.session.scalars(query))


def others_reviews(assignment: Assignment) -> list[Review]:
    """What the other reviewers of the round have sent."""
    return [
        review
        for review in reviews_sent(assignment.submission_id, assignment.round_id)
        if review.assignment_id != assignment.id
    ]


def people_on(submission_ids: Collection[int]) -> dict[int, set[int]]:
    """Who was ever asked, per submission."""
    rows = db.session.execute(
        sa.select(Assignment.submission_id, Assignment.person_id).where(
            Assignment.submission_id.in_(submission_ids)
        )
    )
    found: dict[int, set[int]] = {}
    for submission_id, person_id in rows:
        found.setdefault(submission_id, set()).add(person_id)
    return found
