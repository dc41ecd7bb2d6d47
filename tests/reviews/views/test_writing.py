"""Nothing that a reviewer types is lost: two tabs, expired sessions and tokens, closed links."""

from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from tests.reviews.scene import Scene, answers, as_reviewer, send

TEXT = "Clear and recent; the third part rests on two interviews alone."
OTHER = "What the other tab says of it, at length."
JSON = {"Accept": "application/json"}


@pytest.fixture
def scene(make: Any, db: Any, clock: Any) -> Scene:
    """A panel that is writing."""
    scene = Scene(make, db)
    scene.panel()
    db.commit()
    return scene


@pytest.fixture
def seat(scene: Scene) -> Assignment:
    """One reviewer's."""
    return scene.round.assignments[0]


@pytest.fixture
def browser(
    scene: Scene, seat: Assignment, sign_in: Callable[[Person], FlaskClient]
) -> FlaskClient:
    """The reviewer's, signed in."""
    return sign_in(scene.db.get_one(Person, seat.person_id))


@pytest.fixture
def guarded(app: Flask) -> Iterator[None]:
    """Tokens of forms are looked at, as outside of tests."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def at(seat: Assignment, verb: str = "") -> str:
    """The reviewer's page, or one of its addresses."""
    return f"/assignments/{seat.id}" + (f"/{verb}" if verb else "")


def key_of(seat: Assignment) -> str:
    """The key in the reviewer's mail."""
    return links.token(links.ensure(Capability.ASSIGNMENT, seat.id, person_id=seat.person_id))


def typed(version: int = 0, tab: str = "one", **more: str) -> dict[str, str]:
    """What a page sends while its reviewer types."""
    return {"comment_to_submitter": TEXT, "draft_version": str(version), "draft_tab": tab, **more}


def draft(scene: Scene, seat: Assignment) -> dict[str, Any]:
    """What is kept."""
    scene.db.refresh(seat, ["review"])
    return dict(seat.review.draft) if seat.review else {}


def test_a_draft_is_saved_by_the_script_and_without_one(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    said = browser.post(at(seat, "save"), data=typed(), headers=JSON).get_json()
    assert said["fields"] == {"draft_version": "1"}
    assert said["saved_at"].startswith("2026-03-02T09:00")
    page = browser.post(at(seat, "save"), data=typed(1, score_relevance="2"), follow_redirects=True)
    assert "Your draft is saved." in page.text
    assert "Saved 2 Mar 2026, 09:00" in page.text
    assert draft(scene, seat) == {"comment_to_submitter": TEXT, "score_relevance": "2"}


def test_the_older_of_two_tabs_is_told_and_nothing_is_written_over(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    browser.post(at(seat, "save"), data=typed(0, "one"), headers=JSON)
    late = typed(0, "two", comment_to_submitter=OTHER)
    said = browser.post(at(seat, "save"), data=late, headers=JSON)
    assert (said.status_code, said.get_json()["overtaken"]) == (409, True)
    assert draft(scene, seat)["comment_to_submitter"] == TEXT


def test_both_texts_are_shown_and_the_reviewer_chooses(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    browser.post(at(seat, "save"), data=typed(0, "one", gate_in_scope="yes"))
    late = typed(0, "two", comment_to_submitter=OTHER)
    page = browser.post(at(seat, "save"), data=late)
    assert page.status_code == 409
    shown = unescape(page.text)
    assert "This review was also written in another tab" in shown
    assert TEXT in shown
    assert OTHER in shown
    assert "Or go on with the saved text instead" in shown
    assert 'name="draft_version" value="1"' in shown
    browser.post(at(seat, "save"), data={**late, "draft_version": "1"})
    assert draft(scene, seat) == {"comment_to_submitter": OTHER}


@pytest.mark.lasting
def test_sending_from_the_older_tab_shows_both_and_sends_nothing(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    browser.post(at(seat, "save"), data=typed(0, "one"))
    late = {**answers(), "draft_version": "0", "draft_tab": "two"}
    page = browser.post(at(seat, "submit"), data=late)
    assert page.status_code == 409
    scene.db.refresh(seat)
    assert seat.state is A.ACCEPTED
    assert draft(scene, seat) == {"comment_to_submitter": TEXT}
    browser.post(at(seat, "submit"), data={**late, "draft_version": "1"})
    scene.db.refresh(seat)
    assert seat.state is A.SUBMITTED


def test_a_tab_whose_answer_was_lost_on_the_way_goes_on(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    for text in (TEXT, OTHER):
        said = browser.post(
            at(seat, "save"), data=typed(0, "one", comment_to_submitter=text), headers=JSON
        )
        assert said.status_code == 200
    assert draft(scene, seat)["comment_to_submitter"] == OTHER


def test_two_tabs_that_say_the_same_do_not_disturb_each_other(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    for tab in ("one", "two"):
        said = browser.post(at(seat, "save"), data=typed(0, tab), headers=JSON)
        assert said.get_json()["fields"] == {"draft_version": "1"}


def test_a_page_from_before_a_review_was_sent_and_returned_is_an_older_one(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    browser.post(at(seat, "save"), data=typed(0, "one"))
    scene.db.refresh(seat, ["review"])
    send(seat)
    operations.return_(seat, by=scene.by_editor, note="Which part do you mean?")
    scene.db.commit()
    said = browser.post(at(seat, "save"), data=typed(1, "one"), headers=JSON)
    assert said.status_code == 409


def test_after_an_expired_session_the_text_is_handed_back_and_saved_after_signing_in(
    scene: Scene, seat: Assignment, browser: FlaskClient, client: FlaskClient
) -> None:
    page = client.post(at(seat, "save"), data=typed(gate_in_scope="yes"))
    assert page.status_code == 404
    shown = unescape(page.text)
    assert "Your text is still here" in shown
    assert TEXT in shown
    assert 'name="gate_in_scope" value="yes"' in shown
    assert draft(scene, seat) == {}
    browser.post(at(seat, "save"), data={"comment_to_submitter": TEXT, "gate_in_scope": "yes"})
    assert draft(scene, seat) == {"comment_to_submitter": TEXT, "gate_in_scope": "yes"}


def test_handing_back_tells_nobody_whether_there_is_such_a_review(
    seat: Assignment, client: FlaskClient
) -> None:
    there = client.post(at(seat, "submit"), data=typed())
    not_there = client.post("/assignments/999999/submit", data=typed())
    assert there.status_code == not_there.status_code == 404
    assert there.text.replace(f"/{seat.id}/", "/999999/") == not_there.text


def test_a_closed_link_hands_back_the_text_and_the_new_one_takes_it(
    scene: Scene, seat: Assignment, client: FlaskClient
) -> None:
    old = key_of(seat)
    links.revoke(Capability.ASSIGNMENT, seat.id)
    page = client.post(at(seat, f"save?key={old}"), data=typed())
    assert TEXT in unescape(page.text)
    assert "Send me a new link by mail" in page.text
    client.post(at(seat, "renew"), data={"old": old})
    newest = scene.db.query(Message).order_by(Message.id.desc()).first()
    assert (newest.event, newest.address) == ("reviews/renew", scene.of(seat))
    address = next(word for word in _body(newest).split() if "key=" in word)
    saved = client.post(at(seat, "save"), data={**typed(), "link": address})
    assert saved.status_code == 302
    assert draft(scene, seat) == {"comment_to_submitter": TEXT}
    assert "key=" in saved.headers["Location"]


def test_a_new_link_is_for_whoever_held_an_older_one(
    scene: Scene, seat: Assignment, client: FlaskClient
) -> None:
    other = key_of(scene.round.assignments[1])
    before = scene.db.query(Message).count()
    for old in ("", "1.2", "999999999999.x", other, f"{other}x"):
        page = client.post(at(seat, "renew"), data={"old": old})
        assert page.status_code == 200
        assert "If that link once opened a review" in page.text
    assert scene.db.query(Message).count() == before


def test_the_page_of_a_closed_link_offers_a_new_one(
    scene: Scene, seat: Assignment, client: FlaskClient
) -> None:
    old = key_of(seat)
    links.revoke(Capability.ASSIGNMENT, seat.id)
    page = client.get(at(seat, f"?key={old}").replace("/?", "?"))
    assert page.status_code == 404
    assert "This link has been closed" in page.text
    assert "This link has been closed" not in client.get(at(seat)).text


def test_with_the_link_no_token_is_needed(
    scene: Scene, seat: Assignment, client: FlaskClient, guarded: None
) -> None:
    saved = client.post(at(seat, f"save?key={key_of(seat)}"), data=typed(), headers=JSON)
    assert saved.status_code == 200
    assert draft(scene, seat) == {"comment_to_submitter": TEXT}


def test_with_an_expired_token_the_page_comes_back_with_the_text_and_a_new_one(
    scene: Scene, seat: Assignment, browser: FlaskClient, guarded: None
) -> None:
    page = browser.post(at(seat, "save"), data=typed(csrf_token="old"))
    assert page.status_code == 400
    assert TEXT in unescape(page.text)
    assert draft(scene, seat) == {}
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    browser.post(at(seat, "save"), data=typed(csrf_token=token))
    assert draft(scene, seat) == {"comment_to_submitter": TEXT}


def test_the_script_gets_a_new_token_and_saves_again(
    scene: Scene, seat: Assignment, browser: FlaskClient, guarded: None
) -> None:
    said = browser.post(at(seat, "save"), data=typed(csrf_token="old"), headers=JSON)
    assert said.status_code == 400
    again = browser.post(at(seat, "save"), data=typed(**said.get_json()["fields"]), headers=JSON)
    assert again.status_code == 200
    assert draft(scene, seat) == {"comment_to_submitter": TEXT}


def test_another_links_key_is_no_proof(
    scene: Scene, seat: Assignment, browser: FlaskClient, guarded: None
) -> None:
    other = key_of(scene.round.assignments[1])
    page = browser.post(at(seat, f"save?key={other}"), data=typed())
    assert page.status_code == 400
    assert draft(scene, seat) == {}


def test_what_arrives_after_the_review_was_sent_is_handed_back(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    send(seat)
    scene.db.commit()
    page = browser.post(at(seat, "save"), data=typed())
    assert page.status_code == 409
    shown = unescape(page.text)
    assert "This review can no longer be changed." in shown
    assert TEXT in shown
    assert "Save my text" not in shown


def test_what_is_missing_is_said_beside_the_question_and_everything_else_is_kept(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    page = browser.post(at(seat, "submit"), data=typed())
    assert "Please choose what you recommend." in page.text
    assert TEXT in unescape(page.text)
    assert draft(scene, seat) == {"comment_to_submitter": TEXT}


@pytest.mark.lasting
def test_others_reviews_show_after_ones_own_where_the_policy_says_so(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    other = scene.round.assignments[1]
    send(other, comment_to_submitter=OTHER)
    scene.db.commit()
    assert OTHER not in unescape(browser.get(at(seat)).text)
    send(seat)
    scene.db.commit()
    page = unescape(browser.get(at(seat)).text)
    assert "Thank you." in page
    assert OTHER in page
    assert scene.db.get_one(Person, other.person_id).name not in page


def test_the_link_is_sent_to_the_reviewers_own_address(
    scene: Scene, seat: Assignment, browser: FlaskClient
) -> None:
    page = browser.post(at(seat, "send-link"), follow_redirects=True)
    assert "on its way to your mail" in page.text
    assert scene.sent_to("renew") == [scene.of(seat)]


@pytest.mark.lasting
def test_a_forwarded_link_can_be_closed_and_the_reviewer_gets_another(
    scene: Scene, seat: Assignment, client: FlaskClient
) -> None:
    operations.save(seat, answers={"comment_to_submitter": TEXT})
    old = key_of(seat)
    asked = client.get(at(seat, f"disown?key={old}"))
    assert "Is this not you?" in asked.text
    assert client.get(at(seat) + f"?key={old}").status_code == 200  # looking changes nothing
    closed = client.post(at(seat, "disown"), data={"key": old})
    assert "The link is closed" in closed.text
    assert client.get(at(seat) + f"?key={old}").status_code == 404
    assert scene.sent_to("renew") == [scene.of(seat)]
    assert TEXT in unescape(client.get(at(seat) + f"?key={key_of(seat)}").text)


def _body(message: Message) -> str:
    return str(render(message).get_body(("plain",)).get_content())


def test_a_review_that_is_over_needs_no_new_link(scene: Scene, seat: Assignment) -> None:
    operations.decline(seat, by=as_reviewer(seat), reason="no_time")
    operations.renew(seat)
    assert scene.sent_to("renew") == []


@pytest.mark.lasting
def test_the_pages_that_hand_back_a_text_are_whole(
    scene: Scene, seat: Assignment, browser: FlaskClient, client: FlaskClient
) -> None:
    old = key_of(seat)
    browser.post(at(seat, "save"), data=typed(0, "one", gate_in_scope="yes"))
    both = browser.post(at(seat, "save"), data=typed(0, "two", comment_to_submitter="<b>&amp;"))
    stranger = client.post(at(seat, "save"), data=typed(comment_to_editor="<script>"))
    links.revoke(Capability.ASSIGNMENT, seat.id)
    closed = client.post(at(seat, f"save?key={old}"), data=typed())
    gone = client.get(at(seat) + f"?key={old}")
    for answer in (both, stranger, closed, gone):
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(answer.text)
        assert parser.errors == []
        assert "<script>" not in answer.text.replace("<script type", "")
