"""The catalogue costs one tiny query per session and never shows what was rolled back."""

from pathlib import Path

import pytest

from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import NotFound
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests.taxonomy.conftest import Edit


def test_without_a_hub_the_reader_is_told() -> None:
    with pytest.raises(NotFound, match="no vocabularies yet"):
        catalogue()


def test_a_session_asks_for_the_stamp_once(health: Path, statements: list[str]) -> None:
    load(health)
    db.session.commit()
    catalogue()
    db.session.remove()
    statements.clear()
    first, second = catalogue(), catalogue()
    assert first is second
    assert len(statements) == 1
    assert "hub.stamp" in statements[0]


def test_the_next_session_sees_a_new_version(health: Path, edit: Edit) -> None:
    load(health)
    db.session.commit()
    assert len(catalogue().vocabulary("topics")) == 3
    edit("topics", lambda topics: topics.pop())
    load(health)
    db.session.commit()
    db.session.remove()
    assert len(catalogue().vocabulary("topics")) == 2


def test_a_load_that_was_rolled_back_is_forgotten(health: Path, edit: Edit) -> None:
    load(health)
    db.session.commit()
    edit("topics", lambda topics: topics.pop())
    load(health)
    assert catalogue().version == 2
    db.session.rollback()
    assert catalogue().version == 1
    assert len(catalogue().vocabulary("topics")) == 3


def test_a_load_undone_in_a_savepoint_is_forgotten(health: Path, edit: Edit) -> None:
    load(health)
    edit("topics", lambda topics: topics.pop())
    savepoint = in_savepoint()
    load(health)
    assert catalogue().version == 2
    savepoint.rollback()
    assert catalogue().version == 1
