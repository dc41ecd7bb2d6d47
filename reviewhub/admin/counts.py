"""The figures beside the desk's filters: each from an index, and none counted to its end."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.admin.filters import SHOWN
from reviewhub.admin.queue import IS_OPEN, needs
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.library.link_checks import number_of_dead
from reviewhub.library.second_looks import ids_due
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import State

MOST_COUNTED = 1_000  # a longer list is shown as "1000+", so that no figure needs a full count


@dataclass(frozen=True)
class Counts:
    """How many items are where, no figure above MOST_COUNTED + 1."""

    numbers: tuple[tuple[State, int], ...]  # of each state that has any
    overdue: int
    action: int
    dead_links: int
    second_looks: int

    @property
    def by_state(self) -> dict[State, int]:
        """How many items are in each state; one without any is left out."""
        return dict(self.numbers)

    @staticmethod
    def shown(number: int) -> int | str:
        """One of the figures as it is written: 12, or "1000+"."""
        return number if number <= MOST_COUNTED else f"{MOST_COUNTED}+"


@dataclass(frozen=True)
class ApplicationCounts:
    """Roster applications that wait for a manager, and how many of them are late."""

    waiting: int
    overdue: int


# What never changes is written out, not sent along: fifty parameters take as long as the answer.
_MOST: sa.ColumnElement[int] = sa.literal_column(str(MOST_COUNTED + 1))


def _up_to(query: sa.Select[Any]) -> Any:
    """How many rows a query has, counted no further than one beyond MOST_COUNTED."""
    some = query.limit(_MOST).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


_s, _p = Submission.__table__.c, Progress.__table__.c
_now = sa.bindparam("now", type_=_p.due_at.type)
_FIGURES = sa.select(
    _up_to(sa.select(_p.submission_id).where(IS_OPEN, _p.due_at < _now)),
    _up_to(sa.select(_p.submission_id).where(needs(sa.bindparam("me", type_=sa.Integer), _now))),
    number_of_dead(),
    _up_to(ids_due()),
    *(
        _up_to(sa.select(_s.id).where(_s.state == sa.literal_column(f"'{state}'")))
        for state in SHOWN
    ),
)


def counts(actor: Actor) -> Counts:
    """How many items are in each state (drafts aside), overdue, and waiting for this viewer, how
    many links are dead, and how many records are due for another look: all in one statement.
    """
    given = {"me": actor.person_id, "now": clock.now(), "today": clock.today()}
    overdue, action, dead, looks, *numbers = db.session.execute(_FIGURES, given).one()
    found = zip(SHOWN, numbers, strict=True)
    by_state = tuple((state, number) for state, number in found if number)
    return Counts(by_state, overdue, action, dead, looks)


def applications() -> ApplicationCounts:
    """The strip for roster managers."""
    late = sa.case((Application.due_at < clock.now(), 1), else_=0)
    waiting, overdue = db.session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(late), 0)).where(
            Application.state == ApplicationState.SUBMITTED
        )
    ).one()
    return ApplicationCounts(waiting, overdue)
