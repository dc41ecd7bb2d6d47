"""All identities visible: who learns whose name, when, and that under other rules nobody does."""

import pytest

from reviewhub.accounts.models import Person
from reviewhub.library import operations as library
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations
from tests.reviews.scene import Scene, accept, send

NAMES = ("Nomsa First", "Olga Second", "Pia Third")
COMMENT = "Its tables end in 2016 and should say so."
SUBMITTER = "Sadia Submitter"


@pytest.fixture
def play(make, db, clock):
    """A panel of three with names, which has reviewed under some rules."""

    def _play(**rules):
        scene = Scene(make, db, on_include="ask_editor", **rules)
        db.get_one(Person, scene.submission.submitter_id).name = SUBMITTER
        panel = scene.start()
        for one, name in zip(panel, NAMES, strict=True):
            db.get_one(Person, one.person_id).name = name
            accept(one)
        scene.writing = panel[2]
        for one in panel[:2]:
            send(one, comment_to_submitter=COMMENT)
        db.commit()
        return scene

    return _play


def decided(scene):
    """The third review comes, and an editor decides and releases the first comment."""
    send(scene.writing)
    seat = scene.round.assignments[0]
    decision = operations.approve(scene.submission, by=scene.by_editor, release=[seat.id])
    scene.db.commit()
    return decision


def named(text, own=""):
    """Which reviewers' names stand there; one's own stands on every page of one's own."""
    return [name for name in NAMES if name in text and name != own]


def pages(scene, sign_in, clock):
    """Every page and mail on which a name could stand, after the decision was told."""
    decided(scene)
    clock.advance(minutes=16)
    db = scene.db
    submitter = sign_in(db.get_one(Person, scene.submission.submitter_id))
    first = scene.round.assignments[0]
    reviewer = sign_in(db.get_one(Person, first.person_id))
    mails = {
        one.event: render(one).as_string()
        for one in db.query(Message).filter(
            Message.recipient_id.in_([scene.submission.submitter_id, first.person_id])
        )
        if one.event in {"reviews/approve", "reviews/outcome"}
    }
    return {
        "submitter": submitter.get(f"/submissions/{scene.submission.ref}").text,
        "reviewer": reviewer.get(f"/assignments/{first.id}").text,
        **mails,
    }


@pytest.mark.lasting
def test_with_the_decision_submitter_and_reviewers_learn_the_names(play, sign_in, clock):
    found = pages(play(anonymity="visible"), sign_in, clock)
    assert set(named(found["submitter"])) == set(NAMES)
    assert set(named(found["reviewer"], own=NAMES[0])) == set(NAMES[1:])
    assert set(named(found["reviews/approve"])) == set(NAMES)
    assert set(named(found["reviews/outcome"])) == set(NAMES)
    assert "Reviewer 1" not in found["submitter"]


@pytest.mark.lasting
@pytest.mark.parametrize("anonymity", ["single", "double"])
def test_under_other_rules_no_page_and_no_mail_names_a_reviewer(play, sign_in, clock, anonymity):
    found = pages(play(anonymity=anonymity), sign_in, clock)
    assert COMMENT in found["submitter"], "there is something to leak with"
    for where, text in found.items():
        own = NAMES[0] if where in {"reviewer", "reviews/outcome"} else ""
        assert named(text, own) == [], where
    assert SUBMITTER not in found["reviewer"]


@pytest.mark.lasting
def test_before_the_decision_the_submitter_learns_no_name(play, db, sign_in):
    scene = play(anonymity="visible")
    submitter = sign_in(db.get_one(Person, scene.submission.submitter_id))
    address = f"/submissions/{scene.submission.ref}"
    assert named(submitter.get(address).text) == []
    decided(scene)
    assert named(submitter.get(address).text) == [], "nothing is told before the hold is over"


@pytest.mark.lasting
def test_a_reviewer_is_told_so_before_saying_yes_and_learns_who_suggested_it_after(
    make, db, clock, sign_in
):
    scene = Scene(make, db, anonymity="visible")
    db.get_one(Person, scene.submission.submitter_id).name = SUBMITTER
    seat = scene.start()[0]
    db.commit()
    browser, address = sign_in(db.get_one(Person, seat.person_id)), f"/assignments/{seat.id}"
    asked = browser.get(address).text
    assert "Names are open here" in asked
    assert SUBMITTER not in asked
    accept(seat)
    db.commit()
    writing = browser.get(address).text
    assert SUBMITTER in writing
    assert "Your name stands with it." in writing


@pytest.mark.lasting
def test_one_who_has_not_sent_a_review_learns_no_other_name(play, db, sign_in):
    scene = play(anonymity="visible")
    browser = sign_in(db.get_one(Person, scene.writing.person_id))
    assert named(browser.get(f"/assignments/{scene.writing.id}").text, own=NAMES[2]) == []


@pytest.mark.lasting
def test_an_address_never_stands_in_for_a_name(play, db, sign_in, clock):
    scene = play(anonymity="visible")
    nameless = db.get_one(Person, scene.round.assignments[1].person_id)
    nameless.name = ""
    db.flush()
    found = pages(scene, sign_in, clock)
    assert not [where for where, text in found.items() if nameless.email in text]
    assert "Reviewer " in found["submitter"]


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("published", "shows"), [("review_summary", False), ("reports", True), ("nothing", False)]
)
def test_what_the_library_shows_of_a_review_is_the_policys(
    play, client, db, clock, published, shows
):
    scene = play(anonymity="visible", published=published)
    decided(scene)
    resource = library.publish(scene.submission, by=scene.by_editor)
    db.commit()
    page = client.get(f"/resources/{resource.slug}").text
    assert (page.count(COMMENT) == 1) is shows, "one was released, of two alike"
    assert named(page) == []
    assert ("3 reviewers" in page) is (published != "nothing")
    assert ("Decided by an editor" in page) is (published != "nothing")
