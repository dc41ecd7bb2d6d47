"""Finding resources: five methods, and what answers them with plain SQL on both databases.

The index is columns of the resource itself (folded text and the parts of the default order),
written in the transaction that publishes, so nothing is ever stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import defer, lazyload

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.library.facets import FACETS, PLACES, TOPIC, Facet
from reviewhub.library.models import Resource, ResourceTerm
from reviewhub.library.query import Query, Sort
from reviewhub.library.ranking import UPCOMING, day_number, rank
from reviewhub.library.words import normal, pattern, words
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.models import Scope
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

PAGE_SIZE = 20
SUGGESTIONS = 8
_BATCH = 500
_TOTAL = "total"
_FILED = "filed"  # counts of every facet without a choice, in one group
# Under what a search finds a resource besides its own words.
_NAMED = (Vocabulary.TOPICS, Vocabulary.COUNTRIES, Vocabulary.THEMES, Vocabulary.REGIONS)

# What no list shows of a resource is not read for one.
LISTED = (lazyload(Resource.filing), defer(Resource.search_text))

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Results:
    """One page of what was found; `counts` maps a facet's name to counts by term id.

    A count says how many resources are filed under that value: it obeys the words and every
    other facet, but not its own.
    """

    resources: Sequence[Resource]
    total: int
    page: int
    pages: int
    counts: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


class Search(Protocol):
    """What the library needs of a search engine."""

    def publish(self, resource: Resource) -> None:
        """Make a resource findable, or findable under its new values."""

    def withdraw(self, resource: Resource) -> None:
        """Make it unfindable."""

    def search(self, query: Query) -> Results:
        """One page of what matches, and the counts beside every facet's values."""

    def suggest(self, prefix: str) -> list[Resource]:
        """A few resources whose title has words that begin so."""

    def rebuild(self) -> int:
        """Make the whole index anew from the resources; returns how many were written."""


class SqlSearch:
    """Search by LIKE, EXISTS and GROUP BY: two statements a page, whatever it holds."""

    def publish(self, resource: Resource) -> None:
        """Write the folded text and the parts of the default order."""
        hub = catalogue()
        terms = [hub.term(filed.term_id) for filed in resource.filing]
        parts = rank(
            scope=resource.scope,
            regions=[t.code for t in terms if t.vocabulary == Vocabulary.REGIONS],
            countries=[t.code for t in terms if _is_country(t)],
            breadth=resource.breadth,
            dated=str(resource.details.get("starts_at") or resource.published_on),
            title=resource.title,
        )
        resource.rank_scope, resource.rank_breadth = parts.scope, parts.breadth
        resource.rank_date, resource.rank_title = parts.date, parts.title
        resource.search_text = f" {normal(' '.join(_texts(resource, terms, hub)))}"

    def withdraw(self, resource: Resource) -> None:
        """Forget the text; its state already keeps it out of every list."""
        resource.search_text = ""

    def search(self, query: Query) -> Results:
        """See `Search.search`."""
        counts = self._counts(query)
        total = counts.pop(_TOTAL).get(0, 0)
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(query.page, pages)
        found = db.session.scalars(
            sa.select(Resource)
            .options(*LISTED)
            .where(*_conditions(query))
            .order_by(*order(query))
            .limit(PAGE_SIZE)
            .offset((page - 1) * PAGE_SIZE)
        )
        return Results(list(found), total, page, pages, counts)

    def suggest(self, prefix: str) -> list[Resource]:
        """See `Search.suggest`: any of the words will do, best first."""
        wanted = words(prefix)
        if not wanted:
            return []
        hits = [_title().like(pattern(word), escape="\\") for word in wanted]
        score = sum((sa.case((hit, 1), else_=0) for hit in hits), sa.literal(0))
        return list(
            db.session.scalars(
                sa.select(Resource)
                .options(*LISTED)
                .where(Resource.state == ResourceState.PUBLISHED, sa.or_(*hits))
                .order_by(sa.desc(score), *default_order())
                .limit(SUGGESTIONS)
            )
        )

    def rebuild(self) -> int:
        """See `Search.rebuild`; resources that were withdrawn stay so."""
        last, written = 0, 0
        while batch := self._after(last):
            for resource in batch:
                self.publish(resource)
                if resource.state == ResourceState.REMOVED:
                    self.withdraw(resource)
            db.session.flush()
            last, written = batch[-1].id, written + len(batch)
        return written

    def _after(self, last: int) -> list[Resource]:
        rows = sa.select(Resource).where(Resource.id > last).order_by(Resource.id).limit(_BATCH)
        return list(db.session.scalars(rows))

    def _counts(self, query: Query) -> dict[str, dict[int, int]]:
        """Every facet's counts and the total, in one statement."""
        free = [f for f in FACETS if not f.column and f.name not in query.chosen]
        parts = [_count_total(query), _count_filed(query)]
        parts += [_count_facet(query, facet) for facet in FACETS if facet not in free]
        names = (_TOTAL, _FILED, *(facet.name for facet in FACETS))
        counts: dict[str, dict[int, int]] = {name: {} for name in names}
        for name, term_id, number in db.session.execute(sa.union_all(*parts)):
            counts[name][term_id] = number
        filed = counts.pop(_FILED)
        return counts | {facet.name: filed for facet in free}


engine: Search = SqlSearch()


def order(query: Query) -> list[Any]:
    """The ORDER BY of a query, down to the id."""
    if query.sort == Sort.NEWEST:
        return [Resource.rank_date, Resource.rank_title, Resource.id]  # undated is 0, the last
    if query.sort == Sort.TITLE:
        return [Resource.rank_title, Resource.id]
    topics = [term.id for term in query.chosen.get(TOPIC.name, ())]
    by_rank = default_order(topics)
    return [_relevance(query.words), *by_rank] if query.sort == Sort.RELEVANCE else by_rank


def default_order(topics: Sequence[int] = ()) -> list[Any]:
    """The default order; among equals, those whose primary topic is one of `topics` first."""
    primary = [sa.case((_filed(topics, ResourceTerm.is_primary), 0), else_=1)] if topics else []
    return [Resource.rank_scope, Resource.rank_breadth, *primary, _date(),
            Resource.rank_title, Resource.id]  # fmt: skip


def _date() -> sa.ColumnElement[int]:
    """Events to come stand first, the soonest on top; then newest first, undated last."""
    section = catalogue().find(Vocabulary.SECTIONS, "events")
    if section is None:
        return sa.type_coerce(Resource.rank_date, sa.Integer)
    today = day_number(clock.today())
    upcoming = sa.and_(Resource.section_id == section.id, Resource.rank_date <= -today)
    return sa.case((upcoming, UPCOMING - Resource.rank_date), else_=Resource.rank_date)


def _relevance(asked: Sequence[str]) -> sa.ColumnElement[int]:
    """0 where every word is in the title, 1 where some are, 2 where only the text has them."""
    hits = [_title().like(pattern(word), escape="\\") for word in asked]
    return sa.case((sa.and_(*hits), 0), (sa.or_(*hits), 1), else_=2)


def _title() -> sa.ColumnElement[str]:
    return sa.literal(" ") + Resource.rank_title


def _conditions(query: Query, *, without: Facet | None = None) -> list[Condition]:
    held: list[Condition] = [Resource.state == ResourceState.PUBLISHED]
    held += [Resource.search_text.like(pattern(word), escape="\\") for word in query.words]
    for facet in FACETS:
        terms = query.chosen.get(facet.name, ())
        if terms and facet != without:
            held.append(_chosen(facet, terms, query.include_global))
    return held


def _chosen(facet: Facet, terms: Iterable[TermView], include_global: bool) -> Condition:
    ids = [term.id for term in terms]
    if facet.column:
        column: sa.ColumnElement[int] = getattr(Resource, facet.column)
        return column.in_(ids)
    if facet in PLACES and include_global:
        return sa.or_(_filed(ids), Resource.scope == Scope.GLOBAL)
    return _filed(ids)


def _filed(term_ids: Sequence[int], *further: Any) -> Condition:
    """Whether a resource is filed under one of these; counting joins the filing as well, so the
    inner one is told apart."""
    return (
        sa.exists()
        .where(
            ResourceTerm.resource_id == Resource.id, ResourceTerm.term_id.in_(term_ids), *further
        )
        .correlate(Resource)
    )


def _count_total(query: Query) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(sa.literal(_TOTAL), sa.literal(0), sa.func.count(Resource.id)).where(
        *_conditions(query)
    )


def _count_filed(query: Query) -> sa.Select[*tuple[Any, ...]]:
    return _grouped(_FILED, query, without=None)


def _count_facet(query: Query, facet: Facet) -> sa.Select[*tuple[Any, ...]]:
    if not facet.column:
        return _grouped(facet.name, query, without=facet)
    column = getattr(Resource, facet.column)
    return (
        sa.select(sa.literal(facet.name), column, sa.func.count(Resource.id))
        .where(column.is_not(None), *_conditions(query, without=facet))
        .group_by(column)
    )


def _grouped(name: str, query: Query, *, without: Facet | None) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(sa.literal(name), ResourceTerm.term_id, sa.func.count(Resource.id))
        .join(Resource, Resource.id == ResourceTerm.resource_id)
        .where(*_conditions(query, without=without))
        .group_by(ResourceTerm.term_id)
    )


def _is_country(term: TermView) -> bool:
    return term.vocabulary == Vocabulary.COUNTRIES and term.data.get("kind") != "global"


def _texts(resource: Resource, terms: Iterable[TermView], hub: Catalogue) -> list[str]:
    """Everything a reader may remember of it."""
    named = [t for t in terms if t.vocabulary in _NAMED]
    labels = [label for term in named for label in term.labels.values() if label]
    author_names = [str(author) for author in resource.authors]
    short = [term.text("short_label", hub.default_locale) for term in named]
    return [
        resource.title, resource.title_en, resource.description, resource.publisher,
        *author_names, *labels, *(str(label) for label in short if label),
    ]  # fmt: skip
