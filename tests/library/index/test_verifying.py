"""Holding the index against the resources."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from pyroaring import BitMap

from reviewhub.accounts.actor import SYSTEM
from reviewhub.library import operations
from reviewhub.library.index import postings
from reviewhub.library.index.loading import forget, up_to_date
from reviewhub.library.index.verifying import verify
from reviewhub.library.models import Posting, Resource
from reviewhub.library.query import Query
from reviewhub.library.search import engine
from tests.library.shelf import put, term_id


def _lose_a_word(_row: Resource) -> None:
    postings._store({"a:consular": BitMap()}, 0)


def _gain_a_word(row: Resource) -> None:
    postings.write({"t:zebra": BitMap([row.id])}, 0)


def _lose_a_filing(_row: Resource) -> None:
    postings._store({f"f:{term_id('countries', 'KEN')}": BitMap()}, 0)
    forget()


def _move_one(row: Resource) -> None:
    # Past every operation, as a hand in the database would.
    change = sa.update(Resource).where(Resource.id == row.id).values(rank_title="zzz")
    operations.db.session.execute(change.execution_options(synchronize_session=False))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_lose_a_word, "is not under a:consular"),
        (_gain_a_word, "is under t:zebra, which it does not have"),
        (_lose_a_filing, "resources, but 0 in the index"),
        (_move_one, "the order of the titles differs"),
    ],
)
def test_every_difference_is_said_and_rebuilding_mends_it(
    db: Any, clock: Any, harm: Callable[[Resource], None], said: str
) -> None:
    row = put("Consular study", countries=["KEN"])
    put("Paper")
    engine.search(Query())
    assert verify() == []
    harm(row)
    assert any(said in line for line in verify()), verify()
    assert engine.rebuild() == 2
    assert verify() == []
    assert engine.search(Query(text="study")).total == 1


def test_a_rebuilt_index_holds_what_a_grown_one_holds(db: Any, clock: Any) -> None:
    rows = [put(f"Study {number}", countries=["KEN"]) for number in range(5)]
    operations.archive(rows[0], by=SYSTEM, note="Old")
    operations.remove(rows[1], by=SYSTEM, reason="Asked for")
    operations.correct(rows[2], by=SYSTEM, changes={"title": "Étude"}, note="")
    grown = _everything(db)
    assert engine.rebuild() == 5
    assert _everything(db) == grown
    with up_to_date() as memory:
        assert list(memory.shown) == sorted(row.id for row in rows[2:])


def test_nothing_of_what_is_hidden_is_in_the_index(db: Any, clock: Any) -> None:
    row = put("Zymurgy", description="Quokka", topics=["14"])
    operations.archive(row, by=SYSTEM, note="Old")
    assert _everything(db) == {}
    assert row.search_text == ""


def _everything(db: Any) -> dict[str, list[int]]:
    rows = db.execute(sa.select(Posting.term, Posting.bits).order_by(Posting.term))
    return {term: list(BitMap.deserialize(bits)) for term, bits in rows}
