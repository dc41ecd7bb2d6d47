"""Reading applications."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db, locked
from reviewhub.core.pagination import Page
from reviewhub.roster.models import Application
from reviewhub.roster.queries.pages import PAGE_SIZE, ids, keyset
from reviewhub.roster.workflow import ApplicationState

OPEN = (ApplicationState.SUBMITTED, ApplicationState.MORE_INFORMATION)


def get(application_id: int) -> Application:
    """The application. Raises NoResultFound."""
    return db.session.get_one(Application, application_id)


def by_ref(ref: str) -> Application | None:
    """The application with this public number, if there is one."""
    return db.session.scalar(sa.select(Application).where(Application.ref == ref))


def lock(application_id: int) -> Application:
    """The application, locked until the transaction ends, with its present values."""
    return locked(Application, application_id)


def open_of(person_id: int) -> Application | None:
    """The one application of this person that waits for a decision."""
    return db.session.scalar(
        sa.select(Application).where(
            Application.person_id == person_id, Application.state.in_(OPEN)
        )
    )


def drafts_of(person_id: int) -> list[Application]:
    """Applications whose address nobody has confirmed yet, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Application)
            .where(Application.person_id == person_id, Application.state == ApplicationState.DRAFT)
            .order_by(Application.id)
        )
    )


def may_reapply_on(person_id: int) -> date | None:
    """From which day a declined person may apply again; None for everybody else."""
    return db.session.scalar(
        sa.select(Application.may_reapply_on)
        .where(Application.person_id == person_id, Application.state == ApplicationState.DECLINED)
        .order_by(Application.decided_at.desc(), Application.id.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class Counts:
    """How many applications there are in each state, and how many are past their date."""

    by_state: dict[ApplicationState, int]
    overdue: int

    @property
    def open(self) -> int:
        """How many wait for somebody."""
        return sum(self.by_state.get(state, 0) for state in OPEN)


def counts() -> Counts:
    """Counts for the desk; drafts are nobody's business yet."""
    state = Application.state
    late = sa.and_(state == ApplicationState.SUBMITTED, Application.due_at < clock.now())
    rows = db.session.execute(
        sa.select(state, sa.func.count(), sa.func.sum(sa.case((late, 1), else_=0)))
        .where(Application.submitted_at.is_not(None))
        .group_by(state)
    ).all()
    return Counts(
        {found: count for found, count, _late in rows}, sum(late or 0 for *_rest, late in rows)
    )


def page(
    states: Collection[ApplicationState],
    *,
    owner_id: int | None = None,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Applications in these states by due date, all or those for which somebody has to act;
    `after` and `before` are ids on other pages."""
    found = (
        sa.select(
            Application.id, Application.ref, Application.name, Application.organisation_name,
            Application.internal, Application.country, Application.state, Application.due_at,
            Person.name.label("owner"),
        )
        .outerjoin(Person, Person.id == Application.owner_id)
        .where(Application.state.in_(states), Application.due_at.is_not(None))
    )  # fmt: skip
    if owner_id is not None:
        found = found.where(_waits_for(owner_id))
    return keyset(
        found,
        Application.due_at,
        Application.id,
        place=sa.select(Application.due_at),
        after=after,
        before=before,
        size=size,
    )


def owned_by(person_id: int | None) -> int:
    """How many applications wait for this person."""
    count = sa.select(sa.func.count()).select_from(Application).where(_waits_for(person_id))
    return db.session.scalar(count) or 0


def _waits_for(person_id: int | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        Application.owner_id == person_id, Application.state == ApplicationState.SUBMITTED
    )


def unconfirmed_before(moment: datetime, *, limit: int) -> list[int]:
    """Drafts made before `moment`."""
    return ids(
        sa.select(Application.id).where(
            Application.state == ApplicationState.DRAFT, Application.created_at < moment
        ),
        Application.id,
        limit,
    )


def questions_due(*, limit: int) -> list[int]:
    """Applications whose applicant has not answered by the date asked for."""
    return ids(
        sa.select(Application.id).where(
            Application.state == ApplicationState.MORE_INFORMATION,
            Application.due_at <= clock.now(),
        ),
        Application.id,
        limit,
    )


def overdue(steps: Sequence[timedelta], *, limit: int) -> list[int]:
    """Applications that waited so long after their date that the next reminder is due."""
    next_step = (
        sa.and_(Application.due_at <= clock.now() - late, Application.reminders <= sent)
        for sent, late in enumerate(steps)
    )
    return ids(
        sa.select(Application.id).where(
            Application.state == ApplicationState.SUBMITTED, sa.or_(*next_step)
        ),
        Application.id,
        limit,
    )


def named_cvs(paths: Sequence[str]) -> set[str]:
    """Those of these paths in the store that an application names."""
    path = Application.cv["path"].as_string()
    return set(db.session.scalars(sa.select(path).where(path.in_(paths))))
