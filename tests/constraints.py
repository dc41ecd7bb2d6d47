"""Provoking a database constraint."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session


@contextmanager
def refused_by(db: scoped_session[Session], constraint: str) -> Iterator[None]:
    """What is added inside is refused by this constraint, which PostgreSQL names.

    SQLite names CHECK constraints only, and those by their table and short name.
    """
    with pytest.raises(IntegrityError) as refused, db.begin_nested():  # noqa: PT012
        yield
        db.flush()
    if db.get_bind().dialect.name == "postgresql":
        assert f'"{constraint}"' in str(refused.value.orig)
    elif constraint.startswith("ck_"):
        assert constraint in str(refused.value.orig)
