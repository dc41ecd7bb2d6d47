"""Who may do what around a review: the submitter's people, the reviewers and the conflicted are
taken out of every other role first, whatever their account says.
"""

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import policy as submissions_policy
from reviewhub.submissions.models import Submission

# Whoever was asked and did not refuse knows the item as a reviewer and may not decide on it.
_INVOLVED = frozenset({A.INVITED, A.ACCEPTED, A.SUBMITTED, A.RETURNED, A.UNFILLED, A.SURPLUS})


def roles_towards(actor: Actor, submission: Submission) -> frozenset[Role]:
    """The roles in which this actor may use the verbs of a submission under review."""
    return submissions_policy.roles_towards(actor, submission)


def is_compromised(actor: Actor, submission: Submission) -> bool:
    """Whether a member of staff reviewed this item, or has a conflict with it."""
    if actor.person_id is None:
        return False
    reviewed = db.session.scalar(
        sa.select(Assignment.id)
        .where(
            Assignment.submission_id == submission.id,
            Assignment.person_id == actor.person_id,
            Assignment.state.in_(_INVOLVED | {A.RECUSED}),
        )
        .limit(1)
    )
    return reviewed is not None or _is_conflicted(actor.person_id, submission)


def _is_conflicted(person_id: int, submission: Submission) -> bool:
    """Whether the person declared a conflict with the submitter, or with whom they stand for."""
    if submission.submitter_id is None:
        return False
    submitter = db.session.get_one(Person, submission.submitter_id)
    targets = [DeclaredConflict.other_person_id == submitter.id]
    if submitter.organisation_id is not None:
        targets.append(DeclaredConflict.organisation_id == submitter.organisation_id)
    if submission.for_government:
        targets.append(DeclaredConflict.country == submission.for_government)
    declared = db.session.scalar(
        sa.select(DeclaredConflict.id)
        .where(DeclaredConflict.person_id == person_id, sa.or_(*targets))
        .limit(1)
    )
    return declared is not None


submissions_policy.register_involved(is_compromised)


def may_see_review_process(actor: Actor, submission: Submission) -> bool:
    """Whether panel, reviewers and reviews are shown: to staff who are not involved."""
    if submissions_policy.is_submitter(actor, submission):
        return False
    return bool(actor.roles & submissions_policy.READERS) and not is_compromised(actor, submission)


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
