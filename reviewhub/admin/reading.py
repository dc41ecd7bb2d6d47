"""What the page of one item reads: each statement written out once, for to build them took as long
as to send them. Only what the page shows is read, and no more of it becomes objects than policies
and words ask for."""

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload, lazyload, load_only

from reviewhub.accounts.models import Organisation, Person
from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import among, one_of
from reviewhub.library.link_checks import LinkCheck
from reviewhub.reviews import policy
from reviewhub.reviews.models import Assignment, Review, ReviewRound
from reviewhub.reviews.signing import SignOff
from reviewhub.submissions.letters import Letter
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Decision, Submission, SubmissionFile, SubmissionTerm

MOST_EVENTS = 300

_last_changes = (
    sa.select(sa.func.max(Letter.id))
    .where(Letter.submission_id == Submission.id, Letter.decision_id.is_(None))
    .correlate(Submission)
    .scalar_subquery()
)
# psycopg reads a statement anew each time where it is longer than 4,096 characters.
_OF_LINK = (
    LinkCheck.verdict, LinkCheck.checked_at, LinkCheck.failures, LinkCheck.failing_since,
    LinkCheck.moved_to, LinkCheck.is_dead,
)  # fmt: skip
_OF_LETTER = (Letter.released,)
_OF_ROUND = (
    ReviewRound.number, ReviewRound.policy_id, ReviewRound.closed_at, ReviewRound.closed_early,
    ReviewRound.result, ReviewRound.tie_breakers, ReviewRound.standing,
)  # fmt: skip
_OF_SEAT = (
    Assignment.round_id, Assignment.person_id, Assignment.slot, Assignment.state,
    Assignment.reasons, Assignment.answer_by, Assignment.due_at, Assignment.submitted_at,
    Assignment.decline_reason, Assignment.relieved_at,
)  # fmt: skip
_OF_REVIEW = (
    Review.assignment_id, Review.gates, Review.scores, Review.recommendation,
    Review.comment_to_submitter, Review.comment_to_editor, Review.submitted_at,
    Review.after_decision,
)  # fmt: skip
_OF_FILE = (SubmissionFile.name, SubmissionFile.size, SubmissionFile.media_type)
_organisation = (
    sa.select(Person.organisation_id)
    .where(Person.id == Submission.submitter_id)
    .correlate(Submission)
    .scalar_subquery()
)
_compromised = policy.compromised(
    person_id=sa.bindparam("me", type_=sa.Integer),
    submission_id=Submission.id,
    submitter_id=Submission.submitter_id,
    organisation_id=_organisation,
    country=sa.func.nullif(Submission.for_government, ""),
)
_filed = SubmissionTerm.__table__.c
_terms = (
    sa.select(
        sa.func.aggregate_strings(
            sa.cast(_filed.position, sa.Text) + "." + sa.cast(_filed.term_id, sa.Text), ","
        )
    )
    .where(_filed.submission_id == Submission.id)
    .correlate(Submission)
    .scalar_subquery()
)
# What few items have is asked for apart where it is: each table that is read along, as an object,
# takes its time where there is no row as well.
ITEM = (
    sa.select(
        Submission, LinkCheck, _terms, _last_changes, _compromised,
        sa.exists().where(
            SignOff.submission_id == Submission.id, SignOff.answered_at.is_(None)
        ),
        sa.exists().where(Decision.submission_id == Submission.id),
        sa.exists().where(Question.submission_id == Submission.id),
    )
    .outerjoin(
        LinkCheck,
        sa.and_(LinkCheck.submission_id == Submission.id, LinkCheck.verdict.is_not(None)),
    )
    .where(Submission.ref == sa.bindparam("ref"))
    .options(
        joinedload(Submission.submitter).options(
            load_only(Person.name, Person.email, Person.organisation_id, Person.country),
            joinedload(Person.organisation).load_only(Organisation.name),
            lazyload(Person.grants),
        ),
        defer(Submission.consented_at), defer(Submission.external_id), defer(Submission.is_demo),
        defer(Submission.created_at), defer(Submission.updated_at),
        load_only(*_OF_LINK),
        lazyload(Submission.filing),
        joinedload(Submission.files).load_only(*_OF_FILE),
    )
)  # fmt: skip
WAITING = sa.select(SignOff).where(
    SignOff.submission_id == sa.bindparam("submission_id"), SignOff.answered_at.is_(None)
)
CHANGES = sa.select(Letter).where(Letter.id == sa.bindparam("id")).options(load_only(*_OF_LETTER))
_decision, _letter = Decision.__table__.c, Letter.__table__.c
_signed = SignOff.__table__.c
DECISIONS = (
    sa.select(
        _decision.id, _decision.submission_id, _decision.kind, _decision.reason, _decision.text,
        _decision.decided_at, _decision.decided_by_id, _decision.by_panel, _decision.at_screening,
        _decision.superseded_at, _letter.released, _signed.id.label("sign_off_id"),
        _signed.proposed_by_id, _signed.second_id, _signed.answered_by_id,
    )
    .select_from(Decision.__table__)
    .outerjoin(Letter.__table__, _letter.decision_id == _decision.id)
    .outerjoin(SignOff.__table__, _signed.decision_id == _decision.id)
    .where(_decision.submission_id == sa.bindparam("submission_id"))
    .order_by(_decision.decided_at.desc(), _decision.id.desc())
)  # fmt: skip
ROUNDS = (
    sa.select(ReviewRound)
    .options(
        load_only(*_OF_ROUND),
        joinedload(ReviewRound.assignments).options(
            load_only(*_OF_SEAT), joinedload(Assignment.review).load_only(*_OF_REVIEW)
        ),
    )
    .where(ReviewRound.submission_id == sa.bindparam("submission_id"))
    .order_by(ReviewRound.number.desc(), ReviewRound.id)
)
# Of a round that is closed nobody is told the rules.
CLOSED_ROUNDS = ROUNDS.options(lazyload(ReviewRound.policy))
KINDS = (Submission.__tablename__, ReviewRound.__tablename__, Assignment.__tablename__)
_event = AuditEvent.__table__.c
EVENTS = (
    sa.select(
        _event.id, _event.at, _event.object_type, _event.object_id, _event.verb, _event.role,
        _event.actor_id, _event.old_state, _event.new_state, _event.note,
    )
    .where(among(_event.object_type, _event.object_id, KINDS))
    .order_by(_event.id.desc())
    .limit(MOST_EVENTS)
)  # fmt: skip
_person = Person.__table__.c
PEOPLE = sa.select(_person.id, _person.name, _person.email, _person.away_until).where(
    one_of(_person.id, "ids")
)
