"""Reading what staff keep for themselves."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from reviewhub.admin.models import SavedList
from reviewhub.core.db import db

_kept = SavedList.__table__.c
_LISTS = (
    sa.select(_kept.id, _kept.name, _kept.query)
    .where(_kept.person_id == sa.bindparam("me", type_=sa.Integer))
    .order_by(_kept.name, _kept.id)
)


def lists_of(person_id: int | None) -> Sequence[Any]:
    """The lists that somebody keeps (id, name, query), by name."""
    return db.session.execute(_LISTS, {"me": person_id}).all()


def list_of(person_id: int | None, list_id: int) -> SavedList:
    """One of them. Raises NoResultFound for anybody else's."""
    return db.session.execute(
        sa.select(SavedList).where(SavedList.id == list_id, SavedList.person_id == person_id)
    ).scalar_one()
