"""Who hears of a correction, an archiving, a removal, and what stands on the resource's page."""

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.library import operations, tasks
from reviewhub.library.models import Resource
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations as reviews
from tests.library.shelf import put
from tests.reviews.scene import Scene, as_reviewer

REASON = "The second edition replaces it."
SAID = {
    "submitter": "which you suggested",
    "editor": "which you handled",
    "reviewer": "which you reviewed",
}


@pytest.fixture
def scene(make, db, clock):
    """A published resource with its people: submitter, editor, and a reviewer who asked to hear."""
    scene = Scene(make, db)
    panel = scene.reviewed("include", "include", "include")
    scene.follower = db.get_one(Person, panel[0].person_id)
    reviews.follow(panel[0], by=as_reviewer(panel[0]), wants=True)
    clock.advance(minutes=16)
    db.commit()
    tasks.publish_due()
    scene.resource = db.scalars(sa.select(Resource)).one()
    scene.submitter = db.get_one(Person, scene.submission.submitter_id)
    scene.other = Actor(make.editor().id, frozenset({Role.EDITOR}))
    return scene


def correct(scene, by):
    operations.correct(scene.resource, by=by, changes={"title": "A better title"}, note=REASON)


def archive(scene, by):
    operations.archive(scene.resource, by=by, note=REASON)


def restore(scene, by):
    operations.archive(scene.resource, by=SYSTEM, note=REASON)
    operations.restore(scene.resource, by=by)


def remove(scene, by):
    operations.remove(scene.resource, by=by, reason=REASON)


VERBS = [correct, archive, restore, remove]


def told(db, verb, *, recipient=None):
    """Who was told by this verb's mail, with what it says."""
    named = db.query(Message).filter_by(event=f"library/{verb.__name__}").order_by(Message.id)
    return {
        one.recipient_id: render(one).get_body(("plain",)).get_content()
        for one in named
        if recipient in {None, one.recipient_id}
    }


@pytest.mark.lasting
@pytest.mark.parametrize("verb", VERBS)
def test_submitter_editor_and_a_reviewer_who_asked_are_told_each_in_their_words(scene, db, verb):
    verb(scene, scene.other)
    mails = told(db, verb)
    assert set(mails) == {scene.submitter.id, scene.editor.id, scene.follower.id}
    for person, part in (
        (scene.submitter, "submitter"), (scene.editor, "editor"), (scene.follower, "reviewer"),
    ):  # fmt: skip
        assert SAID[part] in mails[person.id]
        assert (REASON in mails[person.id]) is (verb is not restore)
        assert f"/resources/{scene.resource.slug}" in mails[person.id]


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_does_it_gets_no_mail_of_it(scene, db, verb):
    verb(scene, scene.by_editor)
    assert scene.editor.id not in told(db, verb)
    assert scene.submitter.id in told(db, verb)


@pytest.mark.parametrize("verb", VERBS)
def test_a_reviewer_who_did_not_ask_or_wants_no_more_hears_nothing(scene, db, verb):
    seat = scene.round.assignments[0]
    reviews.follow(seat, by=as_reviewer(seat), wants=False)
    db.flush()
    verb(scene, scene.other)
    assert set(told(db, verb)) == {scene.submitter.id, scene.editor.id}


def test_an_account_that_was_closed_is_told_nothing(scene, db, clock):
    scene.follower.suspended_at = clock()
    db.flush()
    archive(scene, scene.other)
    assert scene.follower.id not in told(db, archive)


@pytest.mark.parametrize("verb", VERBS)
def test_what_nobody_suggested_tells_nobody(db, make, verb):
    scene = type("Shelf", (), {"resource": put("On the shelf")})
    verb(scene, SYSTEM)
    assert told(db, verb) == {}


def test_a_correction_is_noticed_at_the_top_of_the_page(scene, db, client):
    address = f"/resources/{scene.resource.slug}"
    assert "was corrected on" not in client.get(address).text
    correct(scene, scene.other)
    db.commit()
    page = client.get(address).text
    assert "was corrected on" in page
    assert page.index('href="#corrections"') < page.index('id="corrections"')
    assert REASON in page


@pytest.mark.lasting
def test_an_archived_page_says_since_when_and_why_and_a_restored_one_does_not(scene, db, client):
    address = f"/resources/{scene.resource.slug}"
    archive(scene, scene.other)
    db.commit()
    page = client.get(address).text
    assert "This is archived" in page
    assert REASON in page
    assert 'name="robots" content="noindex"' in page
    operations.restore(scene.resource, by=scene.other)
    db.commit()
    page = client.get(address).text
    assert "This is archived" not in page
    assert REASON not in page


def test_a_tombstone_keeps_title_date_and_reason_and_nothing_else(scene, db, client):
    description = scene.submission.description
    remove(scene, scene.other)
    db.commit()
    answer = client.get(f"/resources/{scene.resource.slug}")
    assert answer.status_code == 410
    assert scene.resource.title in answer.text
    assert REASON in answer.text
    assert description not in answer.text
    assert "reviewers" not in answer.text


@pytest.mark.lasting
def test_a_reviewer_asks_to_hear_on_the_page_of_their_review(scene, db, sign_in):
    seat = scene.round.assignments[1]
    browser = sign_in(db.get_one(Person, seat.person_id))
    address = f"/assignments/{seat.id}"
    assert "we can tell you by mail" in browser.get(address).text
    page = browser.post(f"{address}/follow", follow_redirects=True).text
    assert "We tell you what becomes of it." in page
    assert "Tell me no more" in page
    browser.post(f"{address}/follow", data={"stop": "1"})
    db.refresh(seat)
    assert seat.follows is False


@pytest.mark.lasting
def test_nobody_follows_before_they_reviewed(make, db, clock, sign_in):
    scene = Scene(make, db)
    seat = scene.panel()[0]
    db.commit()
    browser = sign_in(db.get_one(Person, seat.person_id))
    assert browser.post(f"/assignments/{seat.id}/follow").status_code == 409
