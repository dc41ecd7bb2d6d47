"""A review for practice: a new member judges what a panel has judged long ago.

It has a table of its own, so that it can count nowhere: not in anybody's load, not in a result, not
in what the library says of the resource.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import Model, db, enum_type
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.reviews.form import check_answers, questions
from reviewhub.reviews.models import Assignment, Recommendation, Review
from reviewhub.reviews.queries import latest_round
from reviewhub.reviews.results import counted_reviews
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster.models import Membership
from reviewhub.roster.workflow import MembershipState
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue

LEAST_PANEL = 2  # reviews, or what is shown of a panel would be one person's
MOST_LOOKED_AT = 50  # of the newest, for something that fits


class PracticeReview(Model):
    """One person's practice, of one published item: a draft until it is sent."""

    __tablename__ = "practice_reviews"
    __table_args__ = (
        sa.UniqueConstraint("person_id", name="uq_practice_reviews_person"),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (recommendation IS NULL)", name="sent_recommends"
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by the fields of the form
    recommendation: Mapped[Recommendation | None] = mapped_column(enum_type(Recommendation))
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]


def of_person(person_id: int) -> PracticeReview | None:
    """This person's practice review, begun or sent."""
    return db.session.scalar(sa.select(PracticeReview).where(PracticeReview.person_id == person_id))


def begin(membership: Membership) -> PracticeReview:
    """Give a member something to practise on. Raises WrongState where there is nothing, or where
    they have practised already."""
    if membership.state is MembershipState.ENDED:
        raise WrongState(_("Only members of the roster can try a review for practice."))
    if of_person(membership.person_id) is not None:
        raise WrongState(_("You have your practice review already: there is one for everybody."))
    resource = _suitable(membership)
    if resource is None:
        raise WrongState(
            _("The library has nothing yet that you could practise on. Look again in some weeks.")
        )
    practice = PracticeReview(person_id=membership.person_id, submission_id=resource.submission_id)
    db.session.add(practice)
    db.session.flush()
    _record("begin_practice", membership)
    return practice


def save(practice: PracticeReview, answers: Mapping[str, Any]) -> None:
    """Keep what was answered so far."""
    _refuse_sent(practice)
    practice.answers = dict(answers)


def send(practice: PracticeReview, membership: Membership, answers: Mapping[str, Any]) -> None:
    """Be done: from now on the panel's answers are shown beside one's own.

    Raises InvalidInput for an answer that is missing, as a real review would.
    """
    _refuse_sent(practice)
    checked = check_answers(catalogue().review_form, submission_of(practice), answers)
    practice.answers = dict(answers)
    practice.recommendation = checked.recommendation
    practice.sent_at = clock.now()
    db.session.flush()
    _record("finish_practice", membership)


def submission_of(practice: PracticeReview) -> Submission:
    """What is practised on."""
    return submissions.get(practice.submission_id)


def resource_of(practice: PracticeReview) -> Resource:
    """The record of it in the library."""
    return db.session.scalars(
        sa.select(Resource).where(Resource.submission_id == practice.submission_id)
    ).one()


@dataclass(frozen=True)
class Compared:
    """One question: one's own answer, and each answer of the panel with how often it was given."""

    field: str
    mine: str
    panel: tuple[tuple[str, int], ...]


def compared(practice: PracticeReview) -> list[Compared]:
    """One's own answers beside the panel's, by the fields of the form: codes, for the page to word.

    Answers are counted, so that none leads to another of the same person; no comment is shown.
    What neither side answered is left out.
    """
    current = latest_round(practice.submission_id)
    reviews = [review for _seat, review in counted_reviews(current)] if current else []
    asked = questions(catalogue().review_form, submission_of(practice))
    fields: list[tuple[str, list[str | None]]] = [
        ("recommendation", [str(review.recommendation) for review in reviews]),
        *((f"gate_{gate['code']}", [review.gates.get(gate["code"]) for review in reviews])
          for gate in asked.gates),
        *((f"score_{one.code}", [review.scores.get(one.code) for review in reviews])
          for one in asked.criteria),
    ]  # fmt: skip
    lines = [
        Compared(
            name,
            str(practice.answers.get(name, "")),
            tuple(sorted(Counter(filter(None, said)).items())),
        )
        for name, said in fields
    ]
    return [line for line in lines if line.mine or line.panel]


def _refuse_sent(practice: PracticeReview) -> None:
    if practice.sent_at is not None:
        raise WrongState(_("You have sent your practice review already."))


def _record(verb: str, membership: Membership) -> None:
    record(membership, verb, actor_id=membership.person_id, role=Role.MEMBER)


def _suitable(membership: Membership) -> Resource | None:
    """The newest that this person could have judged: read, not theirs, not their house's; on a
    topic of theirs where there is one."""
    own = {row.term_id for row in membership.topics}
    found = [
        resource
        for resource in db.session.scalars(_judged_by_a_panel(membership.person_id))
        if resource.language in membership.languages
    ]
    on_topic = [one for one in found if own & {filed.term_id for filed in one.filing}]
    return next(iter(on_topic or found), None)


def _judged_by_a_panel(person_id: int) -> sa.Select[Resource]:
    """Published after reviews by others, of somebody else's from another house; newest first."""
    home = sa.select(Person.organisation_id).where(Person.id == person_id).scalar_subquery()
    asked = sa.select(Assignment.submission_id).where(Assignment.person_id == person_id)
    panel = (
        sa.select(Assignment.submission_id)
        .join(Review, Review.assignment_id == Assignment.id)
        .where(
            Assignment.state == AssignmentState.SUBMITTED,
            Review.recommendation != Recommendation.CANNOT_JUDGE,
        )
        .group_by(Assignment.submission_id)
        .having(sa.func.count() >= LEAST_PANEL)
    )
    return (
        sa.select(Resource)
        .join(Submission, Submission.id == Resource.submission_id)
        .outerjoin(Person, Person.id == Submission.submitter_id)
        .where(
            Resource.state == ResourceState.PUBLISHED,
            Resource.submission_id.in_(panel),
            Resource.submission_id.not_in(asked),
            sa.func.coalesce(Submission.submitter_id, 0) != person_id,
            sa.or_(
                Person.organisation_id.is_(None),
                Person.organisation_id != sa.func.coalesce(home, 0),
            ),
        )
        .order_by(Resource.published_at.desc(), Resource.id.desc())
        .limit(MOST_LOOKED_AT)
    )
