"""Reading members: one, the desk's list, and what the clock has to look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Organisation, Person
from reviewhub.core.db import db
from reviewhub.core.pagination import Page
from reviewhub.roster.models import Application, Membership, MembershipTopic
from reviewhub.roster.queries.pages import PAGE_SIZE, ids, keyset
from reviewhub.roster.workflow import MembershipState
from reviewhub.taxonomy.queries import catalogue


def find(membership_id: int) -> Membership | None:
    """The membership with this id, if there is one."""
    return db.session.get(Membership, membership_id)


def lock(membership_id: int) -> Membership:
    """The membership, locked until the transaction ends, with its present values."""
    return db.session.execute(
        sa.select(Membership)
        .where(Membership.id == membership_id)
        .with_for_update(of=Membership)
        .execution_options(populate_existing=True)
    ).scalar_one()


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
            Membership.capacity, Membership.term_ends_on, Membership.paused_from,
            Membership.paused_to, Person.name, Person.email, Person.country,
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
    """Members whose pause has begun or is over, while their state says otherwise."""
    state = Membership.state
    return ids(
        sa.select(Membership.id).where(
            sa.or_(
                sa.and_(state == MembershipState.ACTIVE, Membership.paused_from <= today),
                sa.and_(state != MembershipState.ENDED, Membership.paused_to < today),
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
    term = catalogue().find("topics", wanted.topic) if wanted.topic else None
    return found.where(knows([term.id])) if term else found


def application_ref(application_id: int | None) -> str:
    """The public number of the application that a membership came from, or nothing."""
    found = sa.select(Application.ref).where(Application.id == application_id)
    return db.session.scalar(found) or ""


def knows(term_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The condition that a member knows at least one of these topics."""
    return Membership.id.in_(
        sa.select(MembershipTopic.membership_id).where(MembershipTopic.term_id.in_(term_ids))
    )
