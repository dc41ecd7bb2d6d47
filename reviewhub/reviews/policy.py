"""Who may do what around a review: the submitter's people, the reviewers and the conflicted are
taken out of every other role first, whatever their account says.
"""

from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db, is_any_of
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import policy as submissions_policy
from reviewhub.submissions.models import Decision, Submission

# Whoever was asked and did not refuse knows the item as a reviewer and may not decide on it.
_INVOLVED = frozenset({A.INVITED, A.ACCEPTED, A.SUBMITTED, A.RETURNED, A.UNFILLED, A.SURPLUS})


def compromised(
    *, person_id: Any, submission_id: Any, submitter_id: Any, organisation_id: Any, country: Any
) -> sa.ColumnElement[bool]:
    """Whether the person was asked to review, or declared a conflict with the submitter or whom
    they stand for: columns or parameters. What is null equals nothing."""
    asked = sa.exists().where(
        Assignment.submission_id == submission_id,
        Assignment.person_id == person_id,
        is_any_of(Assignment.state, sorted(_INVOLVED | {A.RECUSED})),
    )
    declared = sa.exists().where(
        DeclaredConflict.person_id == person_id,
        sa.or_(
            DeclaredConflict.other_person_id == submitter_id,
            DeclaredConflict.organisation_id == organisation_id,
            DeclaredConflict.country == country,
        ),
    )
    return sa.or_(asked, declared)


# Written out once, for it is asked on every page of an item.
_COMPROMISED = sa.select(
    compromised(
        person_id=sa.bindparam("person_id", type_=sa.Integer),
        submission_id=sa.bindparam("submission_id", type_=sa.Integer),
        submitter_id=sa.bindparam("submitter_id", type_=sa.Integer),
        organisation_id=sa.bindparam("organisation_id", type_=sa.Integer),
        country=sa.bindparam("country", type_=sa.String),
    )
)


def roles_towards(
    actor: Actor, submission: Submission, *, found: bool | None = None
) -> frozenset[Role]:
    """The roles in which this actor may use the verbs of a submission under review.

    `found` is what `compromised` says of them, where that was read with the submission.
    """
    known: dict[submissions_policy.Involved, bool] = {}
    if found is not None:
        known[is_compromised] = found
    return submissions_policy.roles_towards(actor, submission, known)


def is_compromised(actor: Actor, submission: Submission) -> bool:
    """Whether a member of staff reviewed this item, or has a conflict with it."""
    if actor.person_id is None:
        return False
    submitter = None
    if submission.submitter_id is not None:
        submitter = db.session.get_one(Person, submission.submitter_id)
    values = {
        "submission_id": submission.id,
        "person_id": actor.person_id,
        "submitter_id": submitter.id if submitter else None,
        "organisation_id": submitter.organisation_id if submitter else None,
        "country": submission.for_government or None,
    }
    return bool(db.session.scalar(_COMPROMISED, values))


def decided_before_appeal(actor: Actor, submission: Submission) -> bool:
    """Whether this person took or confirmed the decision that was appealed: the next one is
    somebody else's."""
    if submission.appeals == 0 or actor.person_id is None:
        return False
    confirmed = sa.exists().where(
        SignOff.decision_id == Decision.id, SignOff.answered_by_id == actor.person_id
    )
    decided = db.session.scalar(
        sa.select(Decision.id)
        .where(
            Decision.submission_id == submission.id,
            sa.or_(Decision.decided_by_id == actor.person_id, confirmed),
            Decision.appealed,
        )
        .limit(1)
    )
    return decided is not None


submissions_policy.register_involved(is_compromised)
submissions_policy.register_involved(decided_before_appeal)


def may_see_review_process(actor: Actor, submission: Submission) -> bool:
    """Whether panel, reviewers and reviews are shown: to staff who are not involved."""
    if submissions_policy.is_submitter(actor, submission):
        return False
    return bool(actor.roles & submissions_policy.READERS) and not is_compromised(actor, submission)


def may_confirm(actor: Actor, submission: Submission, sign_off: SignOff) -> bool:
    """Whether this is the second person: the one who is named, and once the date has passed any
    other editor without a stake."""
    if Role.EDITOR not in roles_towards(actor, submission):
        return False
    if actor.person_id == sign_off.proposed_by_id:
        return False
    return actor.person_id == sign_off.second_id or _is_late(sign_off)


def may_take_back(actor: Actor, submission: Submission, sign_off: SignOff) -> bool:
    """Whether a decision that waits is this editor's to take back: their own, or a late one."""
    if Role.EDITOR not in roles_towards(actor, submission):
        return False
    return actor.person_id == sign_off.proposed_by_id or _is_late(sign_off)


def _is_late(sign_off: SignOff) -> bool:
    return sign_off.due_at is not None and sign_off.due_at < clock.now()


def may_see_panel(actor: Actor, submission: Submission) -> bool:
    """The same, of an item whose own page they may open: no draft has a panel to speak of."""
    is_seen = submissions_policy.may_see(actor, submission)
    return is_seen and may_see_review_process(actor, submission)


def is_reviewer(actor: Actor, assignment: Assignment) -> bool:
    """Whether this is the person asked: signed in, or with the link that was mailed to them."""
    if actor.holds_link_to(Capability.ASSIGNMENT, assignment.id):
        return True
    return actor.person_id is not None and actor.person_id == assignment.person_id


def roles_towards_assignment(
    actor: Actor, assignment: Assignment, submission: Submission
) -> frozenset[Role]:
    """The roles in which this actor may use the assignment's verbs."""
    if actor.roles & {Role.SYSTEM}:
        return frozenset(actor.roles)
    if is_reviewer(actor, assignment):
        return frozenset({Role.REVIEWER})
    return roles_towards(actor, submission) & {Role.EDITOR}


# An invitation shows title, abstract and filing; the rest opens with the declaration.
_OPENED = frozenset({A.ACCEPTED, A.SUBMITTED, A.RETURNED, A.SURPLUS})


def may_read_item(assignment: Assignment) -> bool:
    """Whether the reviewer has declared no conflict, and so sees the whole item."""
    return assignment.state in _OPENED and assignment.conflict_denied_at is not None


def may_see_others(assignment: Assignment, *, allowed_by_rules: bool) -> bool:
    """Whether the reviewer sees the other reviews: only after sending their own."""
    return allowed_by_rules and assignment.state is A.SUBMITTED
