"""What a list shows of a resource, as one value: a fraction of the row, and cheap to make."""

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from reviewhub.core.db import Model, db
from reviewhub.library.models import Origin, Resource
from reviewhub.submissions.models import Scope

# Of a description lists show the beginning; one character more says that there is more.
BEGINNING = 301


class Listed(NamedTuple):
    """One resource of a list."""

    id: int
    slug: str
    title: str
    title_en: str
    language: str
    description: str
    publisher: str
    published_on: str
    document_type_id: int | None
    section_id: int
    scope: Scope | None
    origin: Origin


_ROW = Model.metadata.tables[Resource.__tablename__].c
# Past the mapper, and put together once: it runs for every list.
_LISTED = sa.select(
    _ROW.id, _ROW.slug, _ROW.title, _ROW.title_en, _ROW.language,
    sa.func.substr(_ROW.description, 1, BEGINNING), _ROW.publisher, _ROW.published_on,
    _ROW.document_type_id, _ROW.section_id, _ROW.scope, _ROW.origin,
).where(_ROW.id.in_(sa.bindparam("ids", expanding=True)))  # fmt: skip


def listed(ids: Collection[int]) -> list[Listed]:
    """These resources in this order, in one statement."""
    if not ids:
        return []
    rows = db.session.connection().execute(_LISTED, {"ids": list(ids)})
    found = {row[0]: Listed._make(row) for row in rows}
    return [found[id] for id in ids if id in found]
