"""Panels for a selection of the list: asked for, waited for, looked at, confirmed."""

import re

import pytest

from reviewhub.accounts.models import Person
from reviewhub.reviews import tasks
from reviewhub.reviews.batches import Batch, BatchStage
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.admin.queries import counted
from tests.reviews.scene import Scene


@pytest.fixture
def scene(make, db, clock):
    scene = Scene(make, db, internal=4, external=8)
    db.commit()
    return scene


def seen(page):
    return re.search(r'name="seen" value="([^"]+)"', page).group(1)


def planned(scene, browser, items, **given):
    sent = {"item": [one.ref for one in items], "mode": "total", **given}
    answer = browser.post("/desk/assigning", data=sent)
    assert answer.status_code == 302
    waits = browser.get(answer.location).text
    assert 'data-progress="running"' in waits
    tasks.assign()
    return answer.location


@pytest.mark.lasting
def test_a_selection_is_planned_looked_at_and_confirmed(scene, sign_in, db):
    items = [scene.submission, scene.suggest(), scene.suggest()]
    db.commit()
    browser = sign_in(scene.editor)
    listed = browser.get("/desk?whose=all").text
    assert 'formaction="/desk/assigning"' in listed
    page = browser.get("/desk/assigning?" + "&".join(f"item={one.ref}" for one in items)).text
    assert "3 suggestions" in page
    place = planned(scene, browser, items, w_load="2")
    shown = browser.get(place).text
    assert "Send 12 mails" in shown
    assert "weight of free capacity: 2" in shown
    assert db.query(Assignment).count() == 0
    browser.post(place + "/confirm", data={"seen": seen(shown)})
    assert "The reviewers are being asked" in browser.get(place).text
    tasks.assign()
    done = browser.get(place).text
    assert "The reviewers have been asked" in done
    assert "Send 12 mails" not in done
    assert {db.get(Submission, one.id).state for one in items} == {State.IN_REVIEW}
    assert db.query(Assignment).filter_by(state=A.INVITED).count() == 9


@pytest.mark.lasting
def test_the_plan_is_changed_without_somebody_and_says_what_differs_later(scene, sign_in, db):
    browser = sign_in(scene.editor)
    place = planned(scene, browser, [scene.submission, scene.suggest()])
    batch = db.query(Batch).one()
    first = batch.plan["outlooks"][0]["seats"][0]["person_id"]
    name = db.get(Person, first).name
    browser.post(place + "/change", data={"off": first, "mode": "total"})
    tasks.assign()
    page = browser.get(place).text
    assert "1 person kept off" in page
    assert f"<strong><bdi>{name}</bdi>" not in page
    other = db.query(Batch).one().plan["outlooks"][0]["seats"][0]["person_id"]
    db.get(Person, other).suspended_at = scene.submission.submitted_at
    db.commit()
    browser.post(place + "/confirm", data={"seen": seen(page)})
    tasks.assign()
    page = browser.get(place).text
    assert "so nothing was done" in page
    assert db.get(Person, other).name in page.split("No more:")[1].split("</p>")[0]
    stale = browser.post(place + "/confirm", data={"seen": "of before"})
    assert stale.status_code == 409
    assert db.query(Batch).one().stage is BatchStage.PLANNED


def test_a_whole_list_can_be_taken_and_nothing_else(scene, sign_in, make, db):
    for _one in range(3):
        scene.suggest()
    make.submission(state=State.REVIEWED)
    db.commit()
    browser = sign_in(scene.editor)
    assert "4 suggestions" in browser.get("/desk/assigning?all=1&back=whose%3Dall").text
    assert browser.get("/desk/assigning").location == "/desk"
    refused = browser.post("/desk/assigning", data={"item": scene.submission.ref, "mode": "best"})
    assert refused.status_code == 422
    wrong = {"item": scene.submission.ref, "mode": "total", "w_topic": "much"}
    assert "weight from 0 to" in browser.post("/desk/assigning", data=wrong).text
    assert db.query(Batch).count() == 0


@pytest.mark.lasting
def test_a_plan_is_its_editors_alone_and_hides_what_they_become_part_of(scene, sign_in, make, db):
    browser = sign_in(scene.editor)
    place = planned(scene, browser, [scene.submission])
    assert sign_in(make.editor()).get(place).status_code == 404
    browser = sign_in(scene.editor)
    reviewer = db.query(Batch).one().plan["outlooks"][0]["seats"][0]["person_id"]
    name = db.get(Person, reviewer).name
    assert name in browser.get(place).text
    scene.submission.submitter_id = scene.editor.id
    db.commit()
    assert name not in browser.get(place).text


@pytest.mark.lasting
def test_the_plan_costs_the_same_for_one_and_for_six(scene, sign_in, db):
    browser = sign_in(scene.editor)
    numbers = []
    for items in ([scene.submission], [scene.suggest() for _one in range(6)]):
        db.commit()
        place = planned(scene, browser, items)
        browser.get(place)
        with counted() as statements:
            browser.get(place)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
