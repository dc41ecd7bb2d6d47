"""Who is asked, and how much, over many random steps: what a plain model says, and never more.

REVIEWHUB_TEST_SEED=7 pytest tests/reviews/test_serving.py      other steps
"""

import os

import pytest

from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.core import clock
from tests import databases
from tests.conftest import START, SetClock
from tests.reviews.serving import Serving, until_done
from tests.second_app import second_app

SEED = int(os.environ.get("REVIEWHUB_TEST_SEED", "1"))
EVERY = {"invite", "decline", "accept", "submit", "pause", "call_off", "end", "return", "at once"}


def go(kind, folder, steps):
    """So many steps on a database of this kind; what was done."""
    moment = SetClock(START)
    with (
        databases.of_kind(kind, folder) as url,
        second_app(folder / "var", database_url=url) as app,
        app.app_context(),
        clock.set_to(moment),
    ):
        done = until_done(Serving(app, moment, SEED), steps)
        assert {rule.says: found for rule in INVARIANTS if (found := broken(rule))} == {}
    print(dict(sorted(done.items())))
    return {verb for verb, number in done.items() if number}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nobody_is_ever_asked_for_more_than_they_offered(app, kind, tmp_path):
    assert go(kind, tmp_path, 120) >= {"invite", "accept", "submit", "pause"}


@pytest.mark.slow
@pytest.mark.soak
def test_ten_thousand_steps_of_it(app, tmp_path):
    assert go("sqlite", tmp_path, 10_000) >= EVERY


@pytest.mark.slow
@pytest.mark.soak
def test_two_thousand_steps_of_it_on_postgresql(app, tmp_path):
    assert go("postgresql", tmp_path, 2_000) >= {"invite", "accept", "submit", "pause"}
