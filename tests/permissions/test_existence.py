"""A number that is somebody else's answers like a number that was never given; and a decision is
not read before its mail goes out.
"""

from typing import Any

import pytest
from flask import Flask

from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.reviews import operations
from reviewhub.submissions.workflow import State
from tests.permissions.asking import Asker, Cell
from tests.permissions.crawling import normal
from tests.permissions.expected import ROSTER_PAGES, SEAT_PAGES, SUBMISSION_PAGES
from tests.permissions.principals import House
from tests.reviews.scene import Scene

STRANGERS = ("anonymous", "declined")
NUMBERS = {
    "ref": "RH-2026-987654", "assignment_id": 987654, "membership_id": 987654,
    "question_id": 987654, "invitation_id": 987654, "publication_id": 987654,
    "absence_id": 987654,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("principal", STRANGERS)
def test_a_number_of_somebody_else_tells_no_more_than_one_that_is_not_there(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any, principal: str
) -> None:
    asker = Asker(app, db, House(make, State.IN_REVIEW), sign_in)
    adapter = app.url_map.bind("localhost")
    compared = 0
    for cell in asker.cells({**SUBMISSION_PAGES, **SEAT_PAGES, **ROSTER_PAGES}):
        if cell.ask.principal != principal or _is_theirs(cell, principal):
            continue
        route = asker.routes[cell.endpoint]
        numbers = {**NUMBERS, "file_id": 1, "upload_id": 1}
        if cell.endpoint.startswith("roster."):
            numbers["ref"] = "RA-2026-987654"
        unknown = adapter.build(
            cell.endpoint,
            {name: numbers[name] for name in route.arguments} | asker.browsers[principal][1],
        )
        other = Cell(cell.endpoint, unknown, cell.ask)
        assert _body(asker, cell) == _body(asker, other), cell
        compared += 1
    assert compared > 30


def _is_theirs(cell: Cell, principal: str) -> bool:
    return cell.endpoint in SEAT_PAGES and principal == "declined"


def _body(asker: Asker, cell: Cell) -> tuple[int, str]:
    response = asker.send(cell)
    address = cell.address.partition("?")[0]
    beside = address.rpartition("/")[0] + "/"  # where the other pages of the same number are
    text = normal(response.text).replace(address, "HERE").replace(beside, "BESIDE/")
    return response.status_code, text


@pytest.mark.lasting
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_decision_is_read_when_its_mail_goes_out_and_not_before(
    db: Any, clock: Any, make: Any, sign_in: Any, verb: str
) -> None:
    scene = Scene(make, db)
    scene.submission.reviewed_at = core_clock.now()
    scene.submission.state = State.REVIEWED
    reason = {"reason": "outdated"} if verb == "reject" else {}
    getattr(operations, verb)(scene.submission, by=scene.by_editor, note="Words of it.", **reason)
    own = sign_in(db.get_one(Person, scene.submission.submitter_id))
    address = f"/submissions/{scene.submission.ref}"
    before = own.get(address).text
    assert "Words of it." not in before
    assert "appeal" not in before
    clock.advance(hours=2)
    after = own.get(address).text
    assert "Words of it." in after
    assert ("appeal" in after) == (verb == "reject")


@pytest.mark.lasting
def test_an_editor_who_suggested_it_reads_no_more_on_the_desk_than_other_submitters(
    db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    scene = Scene(make, db)
    own = make.editor()
    scene.submission.submitter_id = own.id
    scene.submission.reviewed_at = core_clock.now()
    scene.submission.state = State.REVIEWED
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="Words of it.")
    address = f"/desk/submissions/{scene.submission.ref}"
    assert "Words of it." not in sign_in(own).get(address).text
    assert "Words of it." in sign_in(scene.editor).get(address).text
    clock.advance(hours=2)
    assert "Words of it." in sign_in(own).get(address).text
    assert "Words of it." not in sign_in(own).get("/desk/history").text
