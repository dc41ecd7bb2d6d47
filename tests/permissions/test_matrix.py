"""Every endpoint, every principal, every state: the answer that the hand-written table gives."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from reviewhub.submissions.workflow import State
from tests.permissions import expected
from tests.permissions.asking import Asker, Cell
from tests.permissions.expected import IN_EVERY_STATE, IN_ONE_STATE, ON_THE_SHELF, STATES, TABLE
from tests.permissions.principals import PRINCIPALS, House

SAMPLED = 20  # one cell in so many is asked in the quick run


def test_the_table_has_a_line_for_every_endpoint(app: Flask) -> None:
    assert {route.endpoint for route in app.url_map.iter_rules()} == set(TABLE)


def test_the_table_knows_every_state_and_every_principal() -> None:
    assert set(STATES) == {state.value for state in State}
    named = expected.NO_ACCOUNT | expected.SUBMITTERS | expected.DESK | expected.ROSTER_DESK
    named |= expected.APPLICANTS | expected.MEMBERS | set(expected.SEATS)
    assert named | {"registered"} == set(PRINCIPALS)


def differences(asker: Asker, endpoints: Mapping[str, Any], *, sampled: bool) -> Iterator[str]:
    """The cells whose answer is another than the table's, as sentences."""
    for cell in asker.cells(endpoints):
        if sampled and not _is_sampled(cell):
            continue
        wanted, given = TABLE[cell.endpoint](cell.ask), asker.answer(cell)
        if wanted != given:
            ask = cell.ask
            yield (
                f"{ask.method} {cell.endpoint} by {ask.principal} when {ask.state}: "
                f"{given}, not {wanted}"
            )


def assert_none(found: Iterator[str]) -> None:
    """Fail with every difference, one a line."""
    lines = "\n".join(found)
    assert not lines, f"the table says otherwise:\n{lines}"


def _is_sampled(cell: Cell) -> bool:
    return sha256(f"{cell.endpoint} {cell.ask}".encode()).digest()[0] % SAMPLED == 0


@pytest.fixture
def asker(request: Any, app: Flask, db: Any, clock: Any, make: Any, sign_in: Any) -> Asker:
    """The house in the state that the test names."""
    return Asker(app, db, House(make, State(request.param)), sign_in)


@pytest.mark.lasting
@pytest.mark.parametrize("asker", ["in_review", "approved"], indirect=True)
def test_a_sample_of_the_cells_is_answered_as_the_table_says(asker: Asker) -> None:
    assert_none(differences(asker, IN_EVERY_STATE, sampled=True))


@pytest.mark.lasting
@pytest.mark.parametrize("asker", ["in_review"], indirect=True)
def test_a_sample_of_the_other_pages_is_answered_as_the_table_says(asker: Asker) -> None:
    assert_none(differences(asker, IN_ONE_STATE, sampled=True))


@pytest.mark.slow
@pytest.mark.parametrize("asker", STATES, indirect=True)
def test_every_page_of_a_submission_answers_as_the_table_says(asker: Asker) -> None:
    assert_none(differences(asker, IN_EVERY_STATE, sampled=False))


@pytest.mark.soak
@pytest.mark.cells
@pytest.mark.parametrize("asker", ["in_review"], indirect=True)
def test_every_other_page_answers_as_the_table_says(asker: Asker) -> None:
    assert_none(differences(asker, IN_ONE_STATE, sampled=False))


@pytest.mark.slow
@pytest.mark.parametrize("asker", ["published"], indirect=True)
def test_every_page_of_a_resource_answers_as_the_table_says(asker: Asker) -> None:
    assert_none(differences(asker, ON_THE_SHELF, sampled=False))
