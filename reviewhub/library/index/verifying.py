"""Holding the index against the resources themselves: what differs, in words."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.library.index import postings
from reviewhub.library.index.describing import terms_of
from reviewhub.library.index.loading import is_outdated, up_to_date
from reviewhub.library.index.postings import FILED, TEXT, TITLE
from reviewhub.library.models import Resource, ResourceTerm
from reviewhub.library.ranking import UPCOMING, day_number
from reviewhub.library.workflow import ResourceState
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

SAMPLE = 200
_SHOWN = Resource.state == ResourceState.PUBLISHED


def verify(sample: int = SAMPLE) -> list[str]:
    """What is wrong, a line each: every count of a filter, every order, and a sample of words."""
    if is_outdated():
        return ["the index was made by another version of this hub"]
    return [*_counts(), *_orders(), *_resources(sample), *_words(sample)]


def _counts() -> Iterator[str]:
    """How many are filed under each term: in the database, in the index, in this memory."""
    counted = _counted()
    stored = {t[2:]: len(b) for t, b in postings.kept() if t.startswith(FILED)}
    with up_to_date() as memory:
        kept = {str(id): len(bitmap) for id, bitmap in memory.facets.items() if bitmap}
        shown = len(memory.shown)
    total = db.session.scalar(sa.select(sa.func.count(Resource.id)).where(_SHOWN)) or 0
    if shown != total:
        yield f"{total} resources are shown, but {shown} are in the index"
    for name, found in (("index", stored), ("memory", kept)):
        for term in sorted(counted.keys() | found.keys()):
            there, here = counted.get(term, 0), found.get(term, 0)
            if there != here:
                yield f"term {term} has {there} resources, but {here} in the {name}"


def _counted() -> dict[str, int]:
    filed = (
        sa.select(ResourceTerm.term_id, sa.func.count())
        .join(Resource, Resource.id == ResourceTerm.resource_id)
        .where(_SHOWN)
        .group_by(ResourceTerm.term_id)
    )
    found = {str(id): number for id, number in db.session.execute(filed)}
    for column in (Resource.section_id, Resource.document_type_id):
        own = sa.select(column, sa.func.count()).where(_SHOWN, column.is_not(None))
        found |= {str(id): number for id, number in db.session.execute(own.group_by(column))}
    return found


def _orders() -> Iterator[str]:
    title, date = (Resource.rank_title, Resource.id), Resource.rank_date
    rank = (Resource.rank_scope, Resource.rank_breadth, _date())
    arrival = (Resource.published_at.desc(), date, Resource.id.desc())
    expected: dict[str, tuple[Any, ...]] = {
        "titles": title,
        "newest": (date, *title),
        "ranked": (*rank, *title),
        "arrivals": arrival,
    }
    for name, order in expected.items():
        ids = db.session.scalars(sa.select(Resource.id).where(_SHOWN).order_by(*order)).all()
        with up_to_date() as memory:
            kept = list(getattr(memory, name).numbers)
        if kept != list(ids):
            yield f"the order of the {name} differs from the database's"


def _date() -> sa.ColumnElement[int]:
    """Events to come stand first, the soonest on top; then newest first, undated last."""
    section = catalogue().find(Vocabulary.SECTIONS, "events")
    if section is None:
        return sa.type_coerce(Resource.rank_date, sa.Integer)
    today = day_number(clock.today())
    upcoming = sa.and_(Resource.section_id == section.id, Resource.rank_date <= -today)
    return sa.case((upcoming, UPCOMING - Resource.rank_date), else_=Resource.rank_date)


def _resources(sample: int) -> Iterator[str]:
    """Some resources, spread over all: is each under every one of its terms?"""
    ids = list(db.session.scalars(sa.select(Resource.id).where(_SHOWN).order_by(Resource.id)))
    for id in ids[:: max(1, len(ids) // sample)][:sample]:
        resource = db.session.get_one(Resource, id)
        terms = terms_of(resource)
        stored = postings.under(terms)
        missing = [t for t in sorted(terms) if id not in stored.get(t, BitMap())]
        if missing:
            yield f"resource {id} is not under {', '.join(missing[:5])}"


def _words(sample: int) -> Iterator[str]:
    """Some words, spread over all: is each resource under it shown, and does it have it?"""
    for term, bitmap in postings.sample(sample, kinds=(TEXT, TITLE)).items():
        for id in list(bitmap)[:3]:
            resource = db.session.get(Resource, id)
            is_shown = resource is not None and resource.state == ResourceState.PUBLISHED
            if not is_shown or resource is None or term not in terms_of(resource):
                yield f"resource {id} is under {term}, which it does not have"
