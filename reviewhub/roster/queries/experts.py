"""Reading the public list of experts: those who agreed to stand in it, and what they agreed to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Organisation, Person
from reviewhub.core.db import db
from reviewhub.roster.models import Membership
from reviewhub.roster.publications import Publication
from reviewhub.roster.queries.members import knows, topics_of
from reviewhub.roster.workflow import MembershipState
from reviewhub.taxonomy.queries import catalogue

PAGE_SIZE = 20
SHOWN_PUBLICATIONS = 5


@dataclass(frozen=True)
class ExpertFilter:
    """What the list is narrowed to; "" narrows nothing."""

    topic: str = ""
    region: str = ""
    language: str = ""


@dataclass(frozen=True)
class Expert:
    """Everything of a member that everybody may read, and nothing else."""

    name: str
    organisation: str
    country: str
    topics: dict[str, int]
    languages: list[str]
    languages_written: list[str]
    regions: list[str]
    backgrounds: list[str]
    sector: str
    statement: str
    orcid: str
    publications: list[Publication]


@dataclass(frozen=True)
class Place:
    """Where a page begins: behind so many of those who bear this name. No number of ours."""

    name: str
    behind: int


@dataclass(frozen=True)
class Listed:
    """One page of the list, and where the next one begins."""

    experts: list[Expert]
    following: Place | None


def is_open() -> bool:
    """Whether this hub has a public list at all; it has unless its policy says no."""
    return bool(catalogue().policy.get("public_roster", True))


def listed(wanted: ExpertFilter, *, place: Place | None = None, size: int = PAGE_SIZE) -> Listed:
    """The experts by name."""
    found = _narrowed(_everybody(), wanted)
    if place is not None:
        found = found.where(Person.name >= place.name).offset(place.behind)
    rows = db.session.execute(found.limit(size + 1)).all()
    shown = rows[:size]
    ids = [row.id for row in shown]
    topics, works = topics_of(ids), newest(ids)
    experts = [
        Expert(
            row.name, row.organisation or "", row.country, topics[row.id], row.languages,
            row.languages_written, row.regions, row.backgrounds, row.sector, row.statement,
            row.orcid, works.get(row.id, []),
        )
        for row in shown
    ]  # fmt: skip
    return Listed(experts, _following(experts, place) if len(rows) > size else None)


def newest(
    membership_ids: Collection[int], *, limit: int = SHOWN_PUBLICATIONS
) -> dict[int, list[Publication]]:
    """The newest publications of each of these members."""
    order = (Publication.year.desc().nulls_last(), Publication.title, Publication.id)
    rank = sa.func.row_number().over(partition_by=Publication.membership_id, order_by=order)
    ranked = (
        sa.select(Publication.id, rank.label("rank"))
        .where(Publication.membership_id.in_(membership_ids))
        .subquery()
    )
    found: dict[int, list[Publication]] = {}
    rows = db.session.scalars(
        sa.select(Publication)
        .join(ranked, ranked.c.id == Publication.id)
        .where(ranked.c.rank <= limit)
        .order_by(*order)
    )
    for one in rows:
        found.setdefault(one.membership_id, []).append(one)
    return found


def publications_of(membership_id: int) -> list[Publication]:
    """Everything that a member's profile names, the newest first; their number is bounded."""
    return list(
        db.session.scalars(
            sa.select(Publication)
            .where(Publication.membership_id == membership_id)
            .order_by(Publication.year.desc().nulls_last(), Publication.title, Publication.id)
        )
    )


def _everybody() -> sa.Select[*tuple[Any, ...]]:
    """Whoever agreed and is on the roster. Whether they can be asked just now is nobody's matter,
    so those who pause stand here like the others."""
    return (
        sa.select(
            Membership.id, Membership.languages, Membership.languages_written, Membership.regions,
            Membership.backgrounds, Membership.sector, Membership.statement, Membership.orcid,
            Person.name, Person.country, Organisation.name.label("organisation"),
        )
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(
            Membership.list_publicly,
            Membership.state != MembershipState.ENDED,
            Person.name != "",
            Person.suspended_at.is_(None),
        )
        .order_by(Person.name, Membership.id)
    )  # fmt: skip


def _narrowed(
    found: sa.Select[*tuple[Any, ...]], wanted: ExpertFilter
) -> sa.Select[*tuple[Any, ...]]:
    hub = catalogue()
    topic = hub.find("topics", wanted.topic) if wanted.topic else None
    if topic is not None:
        found = found.where(knows([topic.id]))
    if wanted.region:
        found = found.where(_names(Membership.regions, wanted.region))
    if wanted.language:
        reads, writes = (
            _names(column, wanted.language)
            for column in (Membership.languages, Membership.languages_written)
        )
        found = found.where(sa.or_(reads, writes))
    return found


def _names(column: Any, code: str) -> sa.ColumnElement[bool]:
    """Whether a list of codes has this one; both databases keep it as JSON text."""
    return sa.cast(column, sa.Text).contains(f'"{code}"', autoescape=True)


def _following(experts: list[Expert], place: Place | None) -> Place:
    last = experts[-1].name
    same = sum(one.name == last for one in experts)
    if place is not None and place.name == last:
        same += place.behind
    return Place(last, same)
