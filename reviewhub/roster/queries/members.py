"""Reading members: one, the desk's list, and what the clock has to look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Organisation, Person
from reviewhub.core import clock
from reviewhub.core.db import db, locked
from reviewhub.core.pagination import Page
from reviewhub.roster.models import Absence, Application, Membership, MembershipTopic
from reviewhub.roster.queries.pages import PAGE_SIZE, ids, keyset
from reviewhub.roster.workflow import MembershipState
from reviewhub.taxonomy.queries import catalogue


def find(membership_id: int) -> Membership | None:
    """The membership with this id, if there is one."""
    return db.session.get(Membership, membership_id)


def lock(membership_id: int) -> Membership:
    """The membership, locked until the transaction ends, with its present values."""
    return locked(Membership, membership_id)


def of_person(person_id: int) -> Membership | None:
    """This person's membership, past or present."""
    return db.session.scalar(sa.select(Membership).where(Membership.person_id == person_id))


def of_application(application_id: int) -> Membership | None:
    """The membership that this application led to."""
    return db.session.scalar(
        sa.select(Membership).where(Membership.application_id == application_id)
    )


@dataclass(frozen=True)
class MemberFilter:
    """What the list of members is narrowed to; None and "" narrow nothing."""

    topic: str = ""
    internal: bool | None = None
    state: MembershipState | None = None
    name: str = ""
    region: str = ""  # works there, or says so
    language: str = ""  # reads it
    serves: bool = False  # counts at all: has not left, and can be reached


def page(
    wanted: MemberFilter,
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Members by name, each with what the list shows; `after` and `before` are ids."""
    found = (
        sa.select(
            Membership.id, Membership.state, Membership.internal, Membership.languages,
            Membership.capacity, Membership.term_ends_on, _away_until().label("paused_to"),
            Person.name, Person.email, Person.country,
            Organisation.name.label("organisation"),
        )
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
    )  # fmt: skip
    return keyset(
        _narrowed(found, wanted),
        Person.name,
        Membership.id,
        place=sa.select(Person.name).join(Membership, Membership.person_id == Person.id),
        after=after,
        before=before,
        size=size,
    )


def counts() -> dict[MembershipState, int]:
    """How many members there are in each state."""
    rows = db.session.execute(
        sa.select(Membership.state, sa.func.count()).group_by(Membership.state)
    )
    return dict(rows.all())


def topics_of(membership_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Topic codes and levels by membership id, in the hub's order."""
    known = catalogue()
    found: dict[int, dict[str, int]] = {number: {} for number in membership_ids}
    rows = db.session.execute(
        sa.select(MembershipTopic.membership_id, MembershipTopic.term_id, MembershipTopic.level)
        .where(MembershipTopic.membership_id.in_(membership_ids))
        .order_by(MembershipTopic.membership_id, MembershipTopic.term_id)
    )
    for membership_id, term_id, level in rows:
        found[membership_id][known.term(term_id).code] = level
    return found


def pauses_to_move(today: date, *, limit: int) -> list[int]:
    """Members whose absence has begun or is over, while their state says otherwise."""
    state, away = Membership.state, _away_on(today).exists()
    return ids(
        sa.select(Membership.id).where(
            sa.or_(
                sa.and_(state == MembershipState.ACTIVE, away),
                sa.and_(state == MembershipState.PAUSED, ~away),
            )
        ),
        Membership.id,
        limit,
    )


def terms_ending(today: date, days_before: Sequence[int], *, limit: int) -> list[int]:
    """Members whose term is over, or so near its end that the next reminder is due.

    `days_before` has a number of days for each reminder, the earliest reminder first.
    """
    next_step = (
        sa.and_(
            Membership.term_ends_on <= today + timedelta(days=days), Membership.reminders <= sent
        )
        for sent, days in enumerate(days_before)
    )
    return ids(
        sa.select(Membership.id).where(
            Membership.state != MembershipState.ENDED,
            sa.or_(Membership.term_ends_on < today, *next_step),
        ),
        Membership.id,
        limit,
    )


def _away_on(day: date) -> sa.Select[int]:
    """The absence of the membership selected around it that holds this day."""
    return (
        sa.select(Absence.id)
        .where(
            Absence.membership_id == Membership.id,
            Absence.first_day <= day,
            sa.or_(Absence.last_day.is_(None), Absence.last_day >= day),
        )
        .correlate(Membership)
    )


def _away_until() -> sa.ScalarSelect[date | None]:
    """The last day of the present absence, if it has one."""
    present = _away_on(clock.today()).with_only_columns(Absence.last_day)
    return present.limit(1).scalar_subquery()


def _narrowed(
    found: sa.Select[*tuple[Any, ...]], wanted: MemberFilter
) -> sa.Select[*tuple[Any, ...]]:
    if wanted.state is not None:
        found = found.where(Membership.state == wanted.state)
    if wanted.internal is not None:
        found = found.where(Membership.internal.is_(wanted.internal))
    if wanted.name:
        text = wanted.name.lower()
        found = found.where(
            sa.func.lower(Person.name).contains(text, autoescape=True)
            | Person.email.contains(text, autoescape=True)
        )
    if wanted.region:
        found = found.where(_knows_region(wanted.region))
    if wanted.language:
        found = found.where(_lists(Membership.languages, wanted.language))
    if wanted.serves:
        found = found.where(*serving())
    term = catalogue().find("topics", wanted.topic) if wanted.topic else None
    return found.where(knows([term.id])) if term else found


def application_ref(application_id: int | None) -> str:
    """The public number of the application that a membership came from, or nothing."""
    found = sa.select(Application.ref).where(Application.id == application_id)
    return db.session.scalar(found) or ""


def serving() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that a member counts at all, present or away, of Membership and Person."""
    return (
        Membership.state != MembershipState.ENDED,
        Person.suspended_at.is_(None),
        Person.bouncing_since.is_(None),
    )


def _knows_region(code: str) -> sa.ColumnElement[bool]:
    """That a member works in a country of the region, or says they know it."""
    countries = [
        term.code
        for term in catalogue().terms
        if term.vocabulary == "countries" and term.parent_code == code
    ]
    return sa.or_(Person.country.in_(countries), _lists(Membership.regions, code))


def _lists(column: Any, code: str) -> sa.ColumnElement[bool]:
    """That a list of codes, which is kept as JSON, holds this one; codes need no escaping there."""
    return sa.cast(column, sa.Text).contains(f'"{code}"', autoescape=True)


def knows(term_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The condition that a member knows at least one of these topics."""
    return Membership.id.in_(
        sa.select(MembershipTopic.membership_id).where(MembershipTopic.term_id.in_(term_ids))
    )
