"""Every state in which something waits: who has to act, and by when.

Each is a query of what waits in it, with the person and the date; a state that is named here and
has a row without either is a contradiction, which `reviewhub check` finds. A state of any machine
stands either here or in RESTING.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.i18n import _l
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import OPEN, State

Rows = sa.Select[*tuple[Any, ...]]
S, A, P, M, R = State, AssignmentState, ApplicationState, MembershipState, ResourceState


@dataclass(frozen=True)
class Wait:
    """What waits in a state (or, without one, beside it): `rows` has id, person and date of each.

    `late` is what happens when the date passes, in the words of the policy page's readers.
    """

    machine: str
    state: StrEnum | None
    acts: Any
    until: Any
    late: Any
    rows: Callable[[], Rows]

    @property
    def name(self) -> str:
        """ "submissions: in_review"."""
        return f"{self.machine}: {self.state}" if self.state else self.machine


def lacking(wait: Wait) -> Rows:
    """What waits there for nobody, or for ever."""
    found = wait.rows().subquery()
    return sa.select(found).where(sa.or_(found.c.person.is_(None), found.c.date.is_(None)))


def _row(id: Any, person: Any, date: Any) -> Rows:
    return sa.select(id.label("id"), person.label("person"), date.label("date"))


# -- whose it is --


def _staff(roles: tuple[Role, ...]) -> Rows:
    """Whoever carries one of these roles, as a query to narrow down."""
    return (
        sa.select(Person.id)
        .join(StandingRole, StandingRole.person_id == Person.id)
        .where(StandingRole.role.in_(roles), Person.suspended_at.is_(None))
    )


def _free_of_it(role: Role) -> Rows:
    """Whoever has this role and no stake in the submission of the query around it."""
    asked = sa.select(Assignment.id).where(
        Assignment.submission_id == Submission.id, Assignment.person_id == Person.id
    )
    submitter = sa.orm.aliased(Person)
    return (
        _staff((role,))
        .outerjoin(submitter, submitter.id == Submission.submitter_id)
        .where(
            Person.id != sa.func.coalesce(Submission.submitter_id, 0),
            sa.func.coalesce(Person.organisation_id, 0)
            != sa.func.coalesce(submitter.organisation_id, -1),
            ~asked.exists(),
        )
        .correlate(Submission)
    )


def _of_the_desk(state: State) -> Rows:
    """The owner's. Where every editor is part of the item, panel and policy act alone."""
    acts = sa.or_(
        Progress.owner_id.is_not(None),
        _free_of_it(Role.EDITOR).exists(),
        sa.and_(~_staff((Role.EDITOR,)).exists(), _free_of_it(Role.ADMIN).exists()),
    )
    return (
        _row(Submission.id, Progress.owner_id, Progress.due_at)
        .join(Progress, Progress.submission_id == Submission.id)
        .where(Submission.state == state, acts)
    )


def _of_the_submitter() -> Rows:
    return (
        _row(Submission.id, Progress.owner_id, Progress.due_at)
        .join(Progress, Progress.submission_id == Submission.id)
        .where(Submission.state == S.CHANGES_REQUESTED)
    )


def _to_confirm() -> Rows:
    """A guest's suggestion that waits for the button in the mail; other drafts wait for nobody."""
    return (
        _row(Submission.id, Progress.owner_id, Progress.due_at)
        .join(Progress, Progress.submission_id == Submission.id)
        .where(Submission.state == S.DRAFT, Progress.due_at.is_not(None))
    )


def _questions() -> Rows:
    return (
        _row(Question.id, Submission.submitter_id, Question.answer_by)
        .join(Submission, Submission.id == Question.submission_id)
        .where(
            Question.answered_at.is_(None),
            Question.answer_by > clock.now(),
            Submission.state.in_(OPEN),
        )
    )


def _of_the_reviewer(state: AssignmentState, date: Any) -> Rows:
    return _row(Assignment.id, Assignment.person_id, date).where(Assignment.state == state)


def _searches() -> Rows:
    """An open panel that looks for somebody: the handling editor's, looked at again by the date."""
    return (
        _row(ReviewRound.id, Progress.owner_id, ReviewRound.fill_at)
        .join(Progress, Progress.submission_id == ReviewRound.submission_id)
        .where(ReviewRound.fill_at.is_not(None), Progress.owner_id.is_not(None))
    )


def _sign_offs() -> Rows:
    return _row(SignOff.id, SignOff.second_id, SignOff.due_at).where(SignOff.answered_at.is_(None))


def _applications(state: ApplicationState) -> Rows:
    """Whoever was called on; else on the desk of the roster managers, or of the administrators."""
    for_all = [
        _staff((role,)).where(Person.id != Application.person_id).correlate(Application)
        .order_by(Person.id).limit(1).scalar_subquery()
        for role in (Role.ROSTER_MANAGER, Role.ADMIN)
    ]  # fmt: skip
    by_state = {P.SUBMITTED: sa.func.coalesce(Application.owner_id, *for_all)}
    person = by_state.get(state, Application.person_id)
    date = Application.created_at if state is P.DRAFT else Application.due_at
    rows = _row(Application.id, person, date).where(Application.state == state)
    if state is P.SUBMITTED:  # a hub without either has nobody to ask
        rows = rows.where(_staff((Role.ROSTER_MANAGER, Role.ADMIN)).exists())
    return rows


def _memberships(state: MembershipState) -> Rows:
    return _row(Membership.id, Membership.person_id, Membership.term_ends_on).where(
        Membership.state == state
    )


def _second_looks() -> Rows:
    """A published record by its date: whoever handled it, else the editors."""
    editor = _staff((Role.EDITOR,)).order_by(Person.id).limit(1).scalar_subquery()
    return (
        _row(Resource.id, sa.func.coalesce(Progress.editor_id, editor), Resource.review_by)
        .outerjoin(Progress, Progress.submission_id == Resource.submission_id)
        .where(
            Resource.state == R.PUBLISHED,
            Resource.review_by.is_not(None),
            sa.or_(Progress.editor_id.is_not(None), _staff((Role.EDITOR,)).exists()),
        )
    )


_CALLED_ON = _l("reminded every week; after three calls somebody else becomes the owner")

WAITS = (
    Wait("submissions", S.DRAFT, _l("the guest, with the button in the mail"),
         _l("the policy’s days for drafts"), _l("reminded once, then dropped"), _to_confirm),
    Wait("submissions", S.SUBMITTED, _l("the editor who screens it"),
         _l("the policy’s working days for screening"), _CALLED_ON,
         lambda: _of_the_desk(S.SUBMITTED)),
    Wait("submissions", S.IN_REVIEW, _l("the handling editor, while the panel reviews"),
         _l("the days of two invitations and a review"), _CALLED_ON,
         lambda: _of_the_desk(S.IN_REVIEW)),
    Wait("submissions", S.REVIEWED, _l("the editor who decides"),
         _l("the policy’s days for a decision"), _CALLED_ON, lambda: _of_the_desk(S.REVIEWED)),
    Wait("submissions", S.APPROVED, _l("the editor who publishes, or the clock"),
         _l("the moment of publication, or the days for a decision"), _CALLED_ON,
         lambda: _of_the_desk(S.APPROVED)),
    Wait("submissions", S.CHANGES_REQUESTED, _l("the submitter"),
         _l("the policy’s days for changes"), _l("reminded before it, then withdrawn"),
         _of_the_submitter),
    Wait("questions", None, _l("the submitter"), _l("the policy’s days for an answer"),
         _l("the item goes on without"), _questions),
    Wait("assignments", A.INVITED, _l("the reviewer"), _l("the policy’s working days"),
         _l("recalled once, then somebody else is asked"),
         lambda: _of_the_reviewer(A.INVITED, Assignment.answer_by)),
    Wait("assignments", A.ACCEPTED, _l("the reviewer"), _l("the policy’s days for a review"),
         _l("reminded, then somebody else is asked beside them"),
         lambda: _of_the_reviewer(A.ACCEPTED, Assignment.due_at)),
    Wait("assignments", A.RETURNED, _l("the reviewer"), _l("the days for a decision, at least"),
         _l("reminded, then somebody else is asked beside them"),
         lambda: _of_the_reviewer(A.RETURNED, Assignment.due_at)),
    Wait("review_rounds", None, _l("the search, and the handling editor where it finds nobody"),
         _l("at once, then every day"), _l("the shortage is named with its remedy"), _searches),
    Wait("sign_offs", None, _l("the second person"), _l("the policy’s days for a decision"),
         _CALLED_ON, _sign_offs),
    Wait("roster_applications", P.DRAFT, _l("the applicant, with the button in the mail"),
         _l("the policy’s days for drafts"), _l("dropped"), lambda: _applications(P.DRAFT)),
    Wait("roster_applications", P.SUBMITTED,
         _l("the roster manager whose vote is missing; in a tie an administrator"),
         _l("the policy’s days for applications"),
         _l("reminded every week; then the administrators are"),
         lambda: _applications(P.SUBMITTED)),
    Wait("roster_applications", P.MORE_INFORMATION, _l("the applicant"),
         _l("the day that the question names"), _l("reminded twice, then closed"),
         lambda: _applications(P.MORE_INFORMATION)),
    Wait("roster_memberships", M.ACTIVE, _l("the member"), _l("the end of the term"),
         _l("reminded before it, then ended"), lambda: _memberships(M.ACTIVE)),
    Wait("roster_memberships", M.PAUSED, _l("the member"), _l("the end of the term"),
         _l("reminded before it, then ended"), lambda: _memberships(M.PAUSED)),
    Wait("resources", R.PUBLISHED, _l("the editor who handled it"), _l("the policy’s months"),
         _l("named on the desk, and every Monday"), _second_looks),
)  # fmt: skip

# Nothing more is waited for: it is over, or the next step is nobody's duty.
RESTING: Mapping[str, frozenset[StrEnum]] = {
    "submissions": frozenset({S.REJECTED, S.WITHDRAWN, S.PUBLISHED}),
    "assignments": frozenset(
        {
            A.PROPOSED,  # for the length of one transaction: whoever is proposed is invited in it
            A.SUBMITTED, A.UNFILLED, A.DECLINED, A.EXPIRED, A.RECUSED, A.CANCELLED, A.SURPLUS,
        }
    ),
    "roster_applications": frozenset({P.APPROVED, P.DECLINED, P.WITHDRAWN}),
    "roster_memberships": frozenset({M.ENDED}),
    "resources": frozenset({R.ARCHIVED, R.REMOVED}),
}  # fmt: skip
