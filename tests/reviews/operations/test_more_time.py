"""More time than a reviewer can take: asked for, given, or refused."""

from datetime import timedelta

import pytest

from reviewhub.accounts.models import Person
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.reviews import operations
from tests.reviews.scene import as_editor, as_reviewer, send


@pytest.fixture
def seat(scene):
    """A reviewer who is writing."""
    return scene.panel()[0]


def test_the_editor_is_asked_and_the_date_stays_meanwhile(scene, seat):
    due_at = seat.due_at
    for _twice in range(2):
        operations.ask_for_time(seat, by=as_reviewer(seat), days=30, note="Field work.")
    assert (seat.wanted_days, seat.due_at) == (30, due_at)
    assert scene.sent_to("ask_for_time") == [scene.editor.email]


def test_the_editor_gives_it_and_the_reviewer_is_told(scene, seat):
    due_at = seat.due_at
    operations.ask_for_time(seat, by=as_reviewer(seat), days=30, note="")
    operations.give_time(seat, by=scene.by_editor, days=30)
    assert (seat.wanted_days, seat.due_at) == (None, due_at + timedelta(days=30))
    assert scene.sent_to("extend") == [scene.of(seat)]


def test_the_editor_refuses_and_the_reviewer_is_told(scene, seat):
    operations.ask_for_time(seat, by=as_reviewer(seat), days=30, note="")
    operations.refuse_time(seat, by=scene.by_editor)
    assert seat.wanted_days is None
    assert scene.sent_to("refuse_time") == [scene.of(seat)]
    with pytest.raises(WrongState):
        operations.refuse_time(seat, by=scene.by_editor)


def test_nobody_else_asks_or_refuses(scene, seat):
    other = scene.round.assignments[1]
    with pytest.raises(NotAllowed):
        operations.ask_for_time(seat, by=as_reviewer(other), days=30, note="")
    operations.ask_for_time(seat, by=as_reviewer(seat), days=30, note="")
    with pytest.raises(NotAllowed):
        operations.refuse_time(seat, by=as_editor(scene.db.get_one(Person, other.person_id)))
    with pytest.raises(NotAllowed):
        operations.refuse_time(seat, by=scene.by_submitter)


def test_nothing_is_asked_for_a_review_that_was_sent_nor_for_years(scene, seat):
    with pytest.raises(InvalidInput):
        operations.ask_for_time(seat, by=as_reviewer(seat), days=400, note="")
    send(seat)
    with pytest.raises(WrongState):
        operations.ask_for_time(seat, by=as_reviewer(seat), days=30, note="")


@pytest.mark.lasting
def test_the_page_takes_what_is_free_and_asks_for_the_rest(scene, seat, sign_in):
    scene.db.commit()
    browser = sign_in(scene.db.get_one(Person, seat.person_id))
    address = f"/assignments/{seat.id}/extend"
    page = browser.post(address, data={"days": "14", "note": ""}, follow_redirects=True)
    assert "You have more time." in page.text
    page = browser.post(address, data={"days": "20", "note": "Field work."}, follow_redirects=True)
    assert "The editor is asked." in page.text
    assert "You have asked the editor for 20 more days." in browser.get(address).text
    desk = sign_in(scene.editor)
    assert "asks for 20 more days" in desk.get(f"/submissions/{scene.submission.ref}/panel").text
    assert "They ask for 20 more days." in desk.get(f"/assignments/{seat.id}/give_time").text
    told = desk.post(f"/assignments/{seat.id}/refuse_time", follow_redirects=True)
    assert "They are told that the date stays." in told.text
