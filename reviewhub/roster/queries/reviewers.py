"""Everybody who can be asked to review, for whoever chooses: thousands, read for each suggestion.

They come as one text, a line for each member, which is several times as fast as rows. A line that
was read before is not taken apart again: what comes of it depends on nothing else.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, reduce
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import UTCDateTime, db
from reviewhub.roster import availability
from reviewhub.roster.availability import Period
from reviewhub.roster.models import Absence, Membership, MembershipTopic
from reviewhub.roster.queries.members import knows, serving
from reviewhub.taxonomy.queries import catalogue

KEPT = 6_000  # lines that are remembered; of a larger roster each is taken apart every time
MOMENT = timedelta(microseconds=1)
_LINE, _FIELD = "\n", "\t"  # stand in no code and no address, and JSON writes them otherwise
_LEVELS = 10  # a topic and its level are one number: ten times the one, and the other


@dataclass(frozen=True, slots=True, eq=False)
class MemberRow:
    """One member of the roster, for choosing reviewers; whether they are away is in `absences`.

    `government` is the country whose government they work for, or empty. `topics` maps topic codes
    to level 3 (expert) or 2 (can review). It is the same object as long as nothing has changed.
    """

    membership_id: int
    person_id: int
    organisation_id: int | None
    internal: bool
    capacity: int
    email: str
    country: str
    government: str
    languages: frozenset[str]
    regions: frozenset[str]
    themes: frozenset[str]
    backgrounds: frozenset[str]
    topics: Mapping[str, int]


def eligible_members(
    topic_term_ids: Collection[int] | None = None, *, people: Collection[int] | None = None
) -> list[MemberRow]:
    """Everybody whose membership has not ended and who can be reached, by membership id.

    Whoever is suspended, or whose address mail does not reach, is left out.

    With `topic_term_ids`, only those who know at least one of these topics; with `people`, only
    these persons. One query however many members there are.
    """
    query = (
        sa.select(sa.func.aggregate_strings(_line(), _LINE))
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(*serving(), *_of(people))
    )
    if topic_term_ids is not None:
        query = query.where(knows(topic_term_ids))
    text: str | None = db.session.scalar(query)
    stamp = catalogue().stamp
    rows = [_member(line, stamp) for line in text.split(_LINE)] if text else []
    return sorted(rows, key=attrgetter("membership_id"))


def absences(*, people: Collection[int] | None = None) -> dict[int, tuple[Period, ...]]:
    """When whoever can be asked is away, now or later, by the ids of those persons.

    It is what they stated, and what the accounts of those say who are away now. With `people`, of
    these persons only.
    """
    now = clock.now()
    found: dict[int, tuple[Period, ...]] = {}
    for person_id, first, last in db.session.execute(
        sa.select(Membership.person_id, Absence.first_day, Absence.last_day)
        .join(Membership, Membership.id == Absence.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            sa.or_(Absence.last_day.is_(None), Absence.last_day >= now.date()),
            *serving(),
            *_of(people),
        )
        .order_by(Membership.person_id, Absence.first_day)
    ):
        found[person_id] = (*found.get(person_id, ()), Period(first, last))
    for person_id, back in db.session.execute(
        sa.select(Membership.person_id, sa.type_coerce(Person.away_until, UTCDateTime))
        .join(Person, Person.id == Membership.person_id)
        .where(Person.away_until > now, *serving(), *_of(people))
        .order_by(Membership.person_id)
    ):
        until = Period(now.date(), (back - MOMENT).date())
        found[person_id] = availability.merged([*found.get(person_id, ()), until])
    return found


def _of(people: Collection[int] | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if people is None else (Membership.person_id.in_(people),)


def _line() -> Any:
    """A member as one text, in the order in which `_member` takes it apart."""
    topics = (
        sa.select(sa.func.aggregate_strings(_text(_topic_and_level()), ","))
        .where(MembershipTopic.membership_id == Membership.id)
        .correlate(Membership)
        .scalar_subquery()
    )
    fields = (
        Membership.id, Membership.person_id, Person.organisation_id,
        sa.case((Membership.internal, 1), else_=0), Membership.capacity, Person.email,
        Person.country, Membership.government, Membership.languages, Membership.regions,
        Membership.themes, Membership.backgrounds, topics,
    )  # fmt: skip
    return reduce(lambda line, field: line + _FIELD + field, map(_text, fields))


def _text(field: Any) -> Any:
    """Of nothing an empty text: with NULL in it, the whole line would be NULL."""
    return sa.func.coalesce(sa.cast(field, sa.Text), "")


def _topic_and_level() -> Any:
    return MembershipTopic.term_id * _LEVELS + MembershipTopic.level


@lru_cache(maxsize=KEPT)
def _member(line: str, _stamp: str) -> MemberRow:
    """The member that a line tells of. What topics are called is the taxonomy's, by its stamp."""
    (membership_id, person_id, organisation_id, internal, capacity, email, country, government,
     languages, regions, themes, backgrounds, topics) = line.split(_FIELD)  # fmt: skip
    return MemberRow(
        int(membership_id),
        int(person_id),
        int(organisation_id) if organisation_id else None,
        internal == "1",
        int(capacity),
        email,
        country,
        government,
        _codes(languages),
        _codes(regions),
        _codes(themes),
        _codes(backgrounds),
        _levels(topics),
    )


@lru_cache(maxsize=KEPT)
def _codes(text: str) -> frozenset[str]:
    """The codes of a list that is kept as JSON: few lists, which occur again and again."""
    return frozenset(json.loads(text))


def _levels(text: str) -> dict[str, int]:
    """Levels by the codes of topics, in the hub's order."""
    term = catalogue().term
    known = (divmod(number, _LEVELS) for number in sorted(map(int, filter(None, text.split(",")))))
    return {term(term_id).code: level for term_id, level in known}
