"""Every state in which something waits: who has to act, and by when.

Who is waited for in a state says its workflow; here is the query of what waits in it, with the
person and the date. A row without either is a contradiction, which `reviewhub check` finds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.i18n import _l
from reviewhub.core.workflow import Waits
from reviewhub.library import workflow as library
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.reviews import workflow as reviews
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster import workflow as roster
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions import workflow as submissions
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import OPEN, State

Rows = sa.Select[*tuple[Any, ...]]
S, P = State, ApplicationState


@dataclass(frozen=True)
class Wait:
    """What waits in a state, or without one beside it: `rows` has id, person and date of each."""

    machine: str
    state: StrEnum | None
    words: Waits
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


def _submissions(state: State) -> Rows:
    """By whose move it is: a draft's sender, the submitter, and the desk for everything else."""
    others = {S.DRAFT: _to_confirm, S.CHANGES_REQUESTED: _of_the_submitter}
    return others[state]() if state in others else _of_the_desk(state)


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


def _assignments(state: AssignmentState) -> Rows:
    date = Assignment.answer_by if state is AssignmentState.INVITED else Assignment.due_at
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


def _second_looks(state: ResourceState) -> Rows:
    """A published record by its date: whoever handled it, else the editors."""
    editor = _staff((Role.EDITOR,)).order_by(Person.id).limit(1).scalar_subquery()
    return (
        _row(Resource.id, sa.func.coalesce(Progress.editor_id, editor), Resource.review_by)
        .outerjoin(Progress, Progress.submission_id == Resource.submission_id)
        .where(
            Resource.state == state,
            Resource.review_by.is_not(None),
            sa.or_(Progress.editor_id.is_not(None), _staff((Role.EDITOR,)).exists()),
        )
    )


def _of_machine(
    machine: str, waits: Mapping[Any, Waits | None], rows: Callable[[Any], Rows]
) -> Iterator[Wait]:
    """The states of one machine in which something waits, with what waits in each."""
    for state, words in waits.items():
        if words is not None:
            yield Wait(machine, state, words, partial(rows, state))


WAITS = (
    *_of_machine("submissions", submissions.WAITS, _submissions),
    Wait("questions", None,
         Waits(_l("the submitter"), _l("the policy’s days for an answer"),
               _l("the item goes on without")), _questions),
    *_of_machine("assignments", reviews.WAITS, _assignments),
    Wait("review_rounds", None,
         Waits(_l("the search, and the handling editor where it finds nobody"),
               _l("at once, then every day"), _l("the shortage is named with its remedy")),
         _searches),
    Wait("sign_offs", None,
         Waits(_l("the second person"), _l("the policy’s days for a decision"),
               submissions.CALLED_ON), _sign_offs),
    *_of_machine("roster_applications", roster.APPLICATION_WAITS, _applications),
    *_of_machine("roster_memberships", roster.MEMBERSHIP_WAITS, _memberships),
    *_of_machine("resources", library.WAITS, _second_looks),
)  # fmt: skip
