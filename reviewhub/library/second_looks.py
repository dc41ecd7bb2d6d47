"""Another look at what has stood in the library for long: what is due for it, and whose it is.

A published record has a date by which somebody looks whether it still holds. It is the handling
editor's; where that one has left, and for what was entered without a review, any editor's. Nothing
is put away by itself. A correction, or listing it again, is a look as well.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.pagination import Page
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.models import Progress
from reviewhub.taxonomy.queries import catalogue

PAGE_SIZE = 50


@dataclass(frozen=True)
class Due:
    """A record whose date has come, and the name of the editor whose it is; empty: anybody's."""

    id: int
    slug: str
    title: str
    review_by: date
    name: str


def is_due(resource: Resource) -> bool:
    """Whether it is time for another look."""
    listed = resource.state == ResourceState.PUBLISHED
    return listed and resource.review_by is not None and resource.review_by <= clock.today()


def ids_due() -> sa.Select[Any]:
    """What is due today; a query to be counted, bound to `today`."""
    return sa.select(Resource.id).where(
        Resource.state == ResourceState.PUBLISHED, Resource.review_by <= sa.bindparam("today")
    )


def number_due_for(person_id: int) -> int:
    """How many are due that are this editor's, or nobody's in particular."""
    query = (
        sa.select(sa.func.count())
        .select_from(Resource)
        .outerjoin(Progress, Progress.submission_id == Resource.submission_id)
        .where(
            Resource.id.in_(ids_due()),
            sa.or_(Progress.editor_id == person_id, Progress.editor_id.is_(None), _left()),
        )
    )
    return db.session.scalar(query, {"today": clock.today()}) or 0


def due(*, after: int = 0) -> Page[Due]:
    """Everything that is due, in the order in which it was entered."""
    rows = db.session.execute(
        sa.select(Resource, Person)
        .outerjoin(Progress, Progress.submission_id == Resource.submission_id)
        .outerjoin(Person, sa.and_(Person.id == Progress.editor_id, ~_left()))
        .where(Resource.id.in_(ids_due()), Resource.id > after)
        .order_by(Resource.id)
        .limit(PAGE_SIZE + 1),
        {"today": clock.today()},
    )
    found = [
        Due(
            resource.id, resource.slug, resource.title, resource.review_by or clock.today(),
            person.shown_name if person else "",
        )
        for resource, person in rows
    ]  # fmt: skip
    return Page.cut(found, PAGE_SIZE, lambda one: one.id, started=after > 0)


def _left() -> sa.ColumnElement[bool]:
    """Whether the handling editor is no editor any more."""
    editors = sa.select(StandingRole.person_id).where(StandingRole.role == Role.EDITOR)
    return Progress.editor_id.not_in(editors)


def next_look_on() -> date:
    """The day of the next look at what is looked at today: the 28th where a month is too short."""
    today, months = clock.today(), int(catalogue().policy["review_by_months"])
    years, month = divmod(today.month - 1 + months, 12)
    return today.replace(year=today.year + years, month=month + 1, day=min(today.day, 28))
