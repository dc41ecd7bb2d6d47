"""An editor's page of a panel, and each hand on it over HTTP."""

import pytest

from reviewhub.accounts.models import Person
from reviewhub.reviews import operations, tasks
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions import operations as submissions
from tests.admin.queries import counted
from tests.reviews.scene import Scene, accept, as_reviewer


@pytest.fixture
def scene(make, db, clock):
    """An item whose panel has been asked."""
    scene = Scene(make, db)
    scene.start()
    db.commit()
    return scene


@pytest.fixture
def browser(scene, sign_in):
    """The editor's."""
    return sign_in(scene.editor)


def address(scene, verb=""):
    """The panel's page, or one of its buttons."""
    return f"/submissions/{scene.submission.ref}/panel{verb}"


def next_in_line(scene, slot=Slot.EXTERNAL):
    """The first of the reserve."""
    return scene.round.standing["alternates"][slot][0]["person_id"]


@pytest.mark.lasting
def test_the_page_names_seats_reserve_and_who_is_left_out(scene, browser):
    page = browser.get(address(scene))
    for one in scene.round.assignments:
        assert scene.db.get_one(type(scene.editor), one.person_id).name in page.text
    assert "Ask first" in page.text
    assert "Left out, and why" not in page.text
    first = scene.round.assignments[0]
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    scene.fill()
    scene.db.commit()
    page = browser.get(address(scene))
    assert "Left out, and why" in page.text
    assert "already asked in this round" in page.text


@pytest.mark.lasting
def test_somebody_is_put_first_and_taken_out_again(scene, db, browser):
    person_id = next_in_line(scene)
    sent = {"person_id": person_id, "slot": "external"}
    assert browser.post(address(scene, "/ask"), data=sent).status_code == 302
    assert "Asked first" in browser.get(address(scene)).text
    db.expire_all()
    assert [one["person_id"] for one in scene.round.wanted] == [person_id]
    assert browser.post(address(scene, "/forget"), data=sent).status_code == 302
    db.expire_all()
    assert scene.round.wanted == []


@pytest.mark.lasting
def test_a_rule_is_overruled_on_the_page_with_a_reason(scene, db, browser, make):
    submitter = db.get_one(type(scene.editor), scene.submission.submitter_id)
    submitter.organisation_id = make.organisation().id
    person_id = next_in_line(scene)
    db.get_one(type(scene.editor), person_id).organisation_id = submitter.organisation_id
    db.commit()
    sent = {"person_id": person_id, "slot": "external"}
    asked = browser.post(address(scene, "/ask"), data=sent)
    assert "please say why it may be overruled" in asked.text
    why = sent | {"note": "Nobody else knows the field."}
    assert browser.post(address(scene, "/ask"), data=why).status_code == 302


@pytest.mark.lasting
def test_the_search_is_paused_and_goes_on(scene, db, browser):
    assert browser.post(address(scene, "/pause")).status_code == 302
    assert "The search is paused" in browser.get(address(scene)).text
    assert browser.post(address(scene, "/pause")).status_code == 409
    assert browser.post(address(scene, "/resume")).status_code == 302
    assert "The search is paused" not in browser.get(address(scene)).text


@pytest.mark.lasting
def test_a_seat_is_taken_and_given_by_hand(scene, db, browser, clock):
    first = scene.round.assignments[0]
    step = f"/assignments/{first.id}"
    assert browser.get(f"{step}/let_go").status_code == 200
    assert "Please answer this." in browser.post(f"{step}/let_go", data={"note": ""}).text
    assert browser.post(f"{step}/let_go", data={"note": "On leave."}).status_code == 302
    db.refresh(first)
    assert first.state is A.CANCELLED
    clock.advance(minutes=5)
    assert browser.post(f"{step}/ask_again").status_code == 302
    db.refresh(first)
    assert first.state is A.INVITED
    assert browser.post(f"{step}/ask_again").status_code == 409
    operations.accept(first, by=as_reviewer(first))
    db.commit()
    due_at = first.due_at
    assert browser.post(f"{step}/give_time", data={"days": "40"}).status_code == 302
    db.refresh(first)
    assert (first.due_at - due_at).days == 40


@pytest.mark.lasting
def test_nothing_is_done_by_following_an_address(scene, db, browser):
    first = scene.round.assignments[0]
    before = first.version
    for verb in ("let_go", "ask_again", "give_time"):
        browser.get(f"/assignments/{first.id}/{verb}")
    for verb in ("/pause", "/resume", "/ask", "/forget"):
        assert browser.get(address(scene, verb)).status_code == 405
    db.refresh(first)
    assert first.version == before


def test_the_seats_are_nobody_elses_to_know(scene, client, sign_in, make):
    first = scene.round.assignments[0]
    assert sign_in(make.person()).get(f"/assignments/{first.id}/let_go").status_code == 404
    submitter = scene.db.get_one(type(scene.editor), scene.submission.submitter_id)
    assert sign_in(submitter).get(f"/assignments/{first.id}/let_go").status_code == 404
    assert sign_in(submitter).get(address(scene)).status_code == 403


@pytest.mark.lasting
def test_the_page_takes_as_many_statements_for_six_seats_as_for_three(scene, db, browser, clock):
    browser.get(address(scene))
    with counted() as three:
        browser.get(address(scene))
    for one in list(scene.round.assignments):
        operations.decline(one, by=as_reviewer(one), reason="no_time")
    scene.fill()
    db.commit()
    with counted() as six:
        browser.get(address(scene))
    assert len(three) == len(six)


@pytest.mark.lasting
def test_the_page_counts_what_is_taken_and_who_is_asked(make, db, clock, sign_in):
    scene = Scene(make, db, parallel_invitations=2)
    scene.start()
    accept(next(one for one in scene.round.assignments if one.slot is Slot.EXTERNAL))
    db.commit()
    browser = sign_in(scene.editor)
    for address in ("/submissions/{}/panel", "/desk/submissions/{}"):
        page = browser.get(address.format(scene.submission.ref)).text
        assert "1 of 2 taken · 2 people are asked · up to 2 for each free seat" in page
        assert "0 of 1 taken · 2 people are asked" in page


@pytest.mark.lasting
def test_a_review_that_waits_for_the_submitter_says_so(make, db, clock, sign_in):
    scene = Scene(make, db)
    scene.panel()
    submissions.ask(scene.submission, by=scene.by_editor, text="Which edition is this?")
    db.commit()
    tasks.tick()
    page = sign_in(scene.editor).get(f"/submissions/{scene.submission.ref}/panel").text
    assert page.count("waits for the submitter’s answer") == 3


@pytest.mark.lasting
def test_whoever_is_asked_beside_others_reads_so_on_the_page(make, db, clock, sign_in):
    for at_once, said in ((1, False), (2, True)):
        scene = Scene(make, db, internal=4, external=8, parallel_invitations=at_once)
        first = scene.start()[0]
        db.commit()
        page = sign_in(db.get_one(Person, first.person_id)).get(f"/assignments/{first.id}").text
        assert "Please answer by" in page
        assert ("whoever says yes first has the seat" in page) is said
