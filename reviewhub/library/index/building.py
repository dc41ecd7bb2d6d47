"""The whole index anew from the resources, a few thousand at a time."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap

from reviewhub.core.db import Model, db
from reviewhub.library.index import changes, postings
from reviewhub.library.index.describing import READ, WRITTEN, describe, terms_of
from reviewhub.library.index.loading import filing_of
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.taxonomy.queries import catalogue

_BATCH = 500
_ROWS = Model.metadata.tables[Resource.__tablename__]
# Past the mapper: what the index writes is no new version of a resource.
_UPDATE = (
    sa.update(_ROWS)
    .where(_ROWS.c.id == sa.bindparam("number"))
    .values({name: sa.bindparam(name) for name in WRITTEN})
)
_MOST_WAITING = 1_000_000  # entries, about 100 MB, before they are written


def build() -> int:
    """Write every resource's columns and the index; returns how many resources there are.

    Publications wait until this transaction ends; readers see the old index until then.
    """
    changes.begin_anew()
    postings.clear()
    waiting, last, written = _Waiting(), 0, 0
    while ids := _next(last):
        _take(ids, waiting)
        last, written = ids[-1], written + len(ids)
    waiting.write()
    return written


class _Waiting:
    """Entries of one chunk that are not written yet."""

    def __init__(self) -> None:
        self._chunk = 0
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self._entries = 0

    def add(self, number: int, terms: set[str]) -> None:
        chunk = postings.chunk_of(number)
        if chunk != self._chunk or self._entries > _MOST_WAITING:
            self.write()
        self._chunk = chunk
        self._entries += len(terms)
        for term in terms:
            self._numbers[term].append(number)

    def write(self) -> None:
        postings.write({t: BitMap(numbers) for t, numbers in self._numbers.items()}, self._chunk)
        self._numbers.clear()
        self._entries = 0


def _next(last: int) -> list[int]:
    rows = sa.select(Resource.id).where(Resource.id > last).order_by(Resource.id).limit(_BATCH)
    return list(db.session.scalars(rows))


def _take(ids: list[int], waiting: _Waiting) -> None:
    """Rows rather than objects of the session: there may be a million."""
    hub, filing, changed = catalogue(), filing_of(ids), []
    rows = sa.select(*READ).where(Resource.id.in_(ids)).order_by(Resource.id)
    for row in db.session.execute(rows):
        values = row._asdict()
        before = {name: values[name] for name in WRITTEN}
        resource: Any = SimpleNamespace(**values, filing=filing.get(row.id, []))
        describe(resource, hub)
        if resource.state == ResourceState.PUBLISHED:
            waiting.add(resource.id, terms_of(resource))
        else:
            resource.search_text = ""
        after = {name: getattr(resource, name) for name in WRITTEN}
        if after != before:
            changed.append({"number": row.id, **after})
    if changed:
        db.session.connection().execute(_UPDATE, changed)
        db.session.expire_all()
