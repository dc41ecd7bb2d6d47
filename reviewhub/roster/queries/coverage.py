"""Who can be asked, and what the roster lacks."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.roster import availability
from reviewhub.roster.availability import Period
from reviewhub.roster.models import Absence, Application, Membership, MembershipTopic
from reviewhub.roster.queries.members import knows, serving
from reviewhub.roster.workflow import MembershipState
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of the roster as they stand today, for choosing reviewers.

    `government` is the country whose government they work for, or empty. `topics` maps topic codes
    to level 3 (expert) or 2 (can review). `paused` is about today, `away` about a person whose
    account says they are away until later; `absences` has both, and what is planned.
    """

    membership_id: int
    person_id: int
    name: str
    email: str
    locale: str
    organisation_id: int | None
    country: str
    internal: bool
    government: str
    languages: frozenset[str]
    regions: frozenset[str]
    themes: frozenset[str]
    backgrounds: frozenset[str]
    topics: dict[str, int]
    capacity: int
    paused: bool
    away: bool
    absences: tuple[Period, ...]


def eligible_members(
    topic_term_ids: Collection[int] | None = None, *, people: Collection[int] | None = None
) -> list[MemberRow]:
    """Everybody whose membership has not ended and who can be reached, by membership id.

    Whoever is suspended, or whose address mail does not reach, is left out.

    With `topic_term_ids`, only those who know at least one of these topics; with `people`, only
    these persons. Three queries however many members there are; plain columns, since a roster may
    hold thousands.
    """
    of_topic = () if topic_term_ids is None else (knows(topic_term_ids),)
    if people is not None:
        of_topic = (*of_topic, Membership.person_id.in_(people))
    rows = db.session.execute(
        sa.select(
            Membership.id, Person.id, Person.name, Person.email, Person.locale,
            Person.organisation_id, Person.country, Membership.internal, Membership.government,
            Membership.languages, Membership.regions, Membership.themes, Membership.backgrounds,
            Membership.capacity, Person.away_until,
        )
        .join(Person, Person.id == Membership.person_id)
        .where(*serving(), *of_topic)
        .order_by(Membership.id)
    ).all()  # fmt: skip
    topics, absences = _all_topics(of_topic), _all_absences(of_topic)
    return [_member_row(row, topics, absences.get(row[0], ())) for row in rows]


def counts_by_topic() -> dict[str, int]:
    """How many serving members can review each topic, zeros included, in the hub's order."""
    return {code: members for code, (members, _experts) in _topic_counts().items()}


@dataclass(frozen=True)
class TopicCount:
    """A topic and how many serving members can review it, experts among them."""

    term: TermView
    members: int
    experts: int


def gaps(limit: int = 5) -> list[TopicCount]:
    """The topics with the fewest serving members, fewest first."""
    counts = _topic_counts()
    numbered = [t for t in catalogue().vocabulary("topics") if t.data.get("number") is not None]
    found = [
        TopicCount(term, *counts[term.code])
        for term in numbered or catalogue().vocabulary("topics")
    ]
    return sorted(found, key=lambda gap: (gap.members, gap.experts, gap.term.position))[:limit]


@dataclass(frozen=True)
class Contribution:
    """What an applicant would add, and how many serving members have it already."""

    vocabulary: str
    code: str
    members: int
    fills_gap: bool


def contributions(wanting: Application) -> list[Contribution]:
    """Topics, languages and region of an applicant beside what the roster has, rarest first.

    Something is a gap while fewer members have it than one panel with its tie-breakers needs.
    """
    slots = catalogue().policy
    needed = sum(slots["slots"].values()) + slots["tie_breakers"]
    serving = eligible_members()
    topics = Counter(code for row in serving for code in row.topics)
    languages = Counter(code for row in serving for code in row.languages)
    regions = Counter(_region(row.country) for row in serving)
    region = _region(wanting.country)
    have = [
        *(("topics", code, topics[code]) for code in wanting.topics),
        *(("languages", code, languages[code]) for code in wanting.languages),
        *([("regions", region, regions[region])] if region else []),
    ]
    return sorted(
        (Contribution(*one, fills_gap=one[2] < needed) for one in have), key=lambda c: c.members
    )


def _all_topics(of_topic: tuple[sa.ColumnElement[bool], ...]) -> dict[int, dict[str, int]]:
    codes = {term.id: term.code for term in catalogue().terms if term.vocabulary == "topics"}
    rows = db.session.execute(
        sa.select(MembershipTopic.membership_id, MembershipTopic.term_id, MembershipTopic.level)
        .join(Membership, Membership.id == MembershipTopic.membership_id)
        .where(Membership.state != MembershipState.ENDED, *of_topic)
        .order_by(MembershipTopic.membership_id, MembershipTopic.term_id)
    )
    found: dict[int, dict[str, int]] = {}
    for membership_id, term_id, level in rows:
        found.setdefault(membership_id, {})[codes[term_id]] = level
    return found


def _all_absences(of_topic: tuple[sa.ColumnElement[bool], ...]) -> dict[int, tuple[Period, ...]]:
    """What is not over yet, by membership."""
    rows = db.session.execute(
        sa.select(Absence.membership_id, Absence.first_day, Absence.last_day)
        .join(Membership, Membership.id == Absence.membership_id)
        .where(
            Membership.state != MembershipState.ENDED,
            sa.or_(Absence.last_day.is_(None), Absence.last_day >= clock.today()),
            *of_topic,
        )
        .order_by(Absence.membership_id, Absence.first_day)
    )
    found: dict[int, tuple[Period, ...]] = {}
    for membership_id, first, last in rows:
        found[membership_id] = (*found.get(membership_id, ()), Period(first, last))
    return found


def _with_the_accounts(absences: tuple[Period, ...], back: datetime | None) -> tuple[Period, ...]:
    """The absences, and the one that a person's account states until the moment `back`."""
    if back is None or back <= clock.now():
        return absences
    last = (back - timedelta(microseconds=1)).date()
    return availability.merged([*absences, Period(clock.today(), last)])


def _member_row(
    row: Any, topics: dict[int, dict[str, int]], absences: tuple[Period, ...]
) -> MemberRow:
    (
        membership_id, person_id, name, email, locale, organisation_id, country, internal,
        government, languages, regions, themes, backgrounds, capacity, away,
    ) = row  # fmt: skip
    return MemberRow(
        membership_id, person_id, name or email, email, locale, organisation_id, country, internal,
        government, frozenset(languages), frozenset(regions), frozenset(themes),
        frozenset(backgrounds), topics.get(membership_id, {}), capacity,
        paused=availability.on(absences, clock.today()) is not None,
        away=away is not None and away > clock.now(),
        absences=_with_the_accounts(absences, away),
    )  # fmt: skip


def _topic_counts() -> dict[str, tuple[int, int]]:
    expert = sa.case((MembershipTopic.level == 3, 1), else_=0)
    rows = db.session.execute(
        sa.select(MembershipTopic.term_id, sa.func.count(), sa.func.sum(expert))
        .join(Membership, Membership.id == MembershipTopic.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(*serving())
        .group_by(MembershipTopic.term_id)
    )
    counted = {term_id: (members, int(experts)) for term_id, members, experts in rows}
    return {term.code: counted.get(term.id, (0, 0)) for term in catalogue().vocabulary("topics")}


def _region(country: str) -> str:
    term = catalogue().find("countries", country)
    return (term.parent_code or "") if term else ""
