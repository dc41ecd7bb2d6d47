"""Reading a long list page by page, by key."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.core.pagination import Page

PAGE_SIZE = 50


def keyset(
    found: sa.Select[*tuple[Any, ...]],
    order: Any,
    key: Any,
    *,
    place: sa.Select[*tuple[Any, ...]],
    after: int | None,
    before: int | None,
    size: int,
) -> Page[Any]:
    """One page of a list ordered by (`order`, `key`).

    It begins behind the row whose key is `after`, or ends in front of `before`; `place` selects
    `order` of such a row. Without either, or where that row is gone, it is the first page.
    """
    back = before is not None
    start = before if back else after
    if start is not None:
        found = found.where(_beyond(order, key, place, start, back))
    direction = (order.desc(), key.desc()) if back else (order, key)
    rows: Sequence[Any] = db.session.execute(found.order_by(*direction).limit(size + 1)).all()
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows = rows[::-1]
    has_next, has_previous = (back or more), (more if back else start is not None)
    return Page(
        rows,
        after=str(rows[-1].id) if rows and has_next else "",
        before=str(rows[0].id) if rows and has_previous else "",
    )


def ids(found: sa.Select[*tuple[Any, ...]], key: Any, limit: int) -> list[int]:
    """The first `limit` ids of a selection, in their order."""
    return list(db.session.scalars(found.order_by(key).limit(limit)))


def _beyond(
    order: Any, key: Any, place: sa.Select[*tuple[Any, ...]], start: int, back: bool
) -> Any:
    value = db.session.scalar(place.where(key == start))
    if value is None:
        return sa.true()
    if back:
        return sa.or_(order < value, sa.and_(order == value, key < start))
    return sa.or_(order > value, sa.and_(order == value, key > start))
