"""Why each person of a panel was chosen, everybody else, and a what-if, over HTTP."""

import re

import pytest

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.reviews import operations
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.admin.queries import counted
from tests.reviews.scene import Scene, as_reviewer


@pytest.fixture
def scene(make, db, clock):
    """An item that waits, and a roster for it."""
    scene = Scene(make, db)
    db.commit()
    return scene


@pytest.fixture
def browser(scene, sign_in):
    """The editor's."""
    return sign_in(scene.editor)


def at(scene, page):
    return f"/submissions/{scene.submission.ref}/panel/{page}"


def name(scene, person_id):
    return scene.db.get_one(Person, person_id).name


def hidden(page, field):
    return re.search(rf'name="{field}"[^>]*value="([^"]*)"', page).group(1)


@pytest.mark.lasting
def test_the_reasons_of_each_seat_are_told_with_parts_line_and_rank(scene, browser, db, make):
    scene.start()
    db.commit()
    text = browser.get(at(scene, "reasons")).text
    for one in scene.round.assignments:
        assert name(scene, one.person_id) in text
    assert "number 1 of 3 who may be asked" in text
    assert "100 % of what they offered" in text
    assert "chosen under version" in text
    waiting = scene.round.standing["alternates"]["external"][0]["person_id"]
    assert name(scene, waiting) in text
    assert "ranks lower than everybody on the panel" in text
    page = browser.get(f"/desk/submissions/{scene.submission.ref}").text
    for link in ("reasons", "people", "what_if"):
        assert at(scene, link) in page


@pytest.mark.lasting
def test_before_anybody_was_asked_there_are_no_reasons_and_a_what_if(scene, browser):
    assert browser.get(at(scene, "reasons")).status_code == 409
    assert browser.get(at(scene, "what_if")).status_code == 200
    assert at(scene, "what_if") in browser.get(f"/desk/submissions/{scene.submission.ref}").text
    assert (
        at(scene, "what_if")
        in browser.get(f"/submissions/{scene.submission.ref}/start_review").text
    )


@pytest.mark.lasting
def test_everybody_is_listed_with_a_sentence_why_not_and_can_be_searched(scene, browser, db, make):
    busy = make.member(topics={"14": 3}, person=make.person("Bea Busy"), capacity=1)
    submitter = db.get(Person, scene.submission.submitter_id)
    close = make.person("Clara Close", organisation_id=submitter.organisation_id)
    make.member(person=close)
    away = make.member(topics={"13": 3}, person=make.person("Otto Offtopic"))
    other = scene.suggest()
    round_ = operations.start_review(other, by=scene.by_editor)
    round_.wanted = [
        {
            "person_id": busy.person_id, "slot": "external", "by_id": scene.editor.id,
            "note": "", "overruled": [],
        }
    ]  # fmt: skip
    operations.fill(round_)
    scene.start()
    db.commit()
    text = browser.get(at(scene, "people")).text
    assert "at their limit of 1 review for the half-year" in text
    assert "which stands behind this" in text
    assert text.count("<tr") - 1 == len(scene.members) + 3
    found = browser.get(at(scene, "people?q=otto")).text
    assert name(scene, away.person_id) in found
    assert "Bea Busy" not in found
    out = browser.get(at(scene, "people?show=excluded")).text
    assert "Clara Close" in out
    assert "Otto Offtopic" not in out
    assert "Nobody of that kind" in browser.get(at(scene, "people?q=zzz&page=9")).text


@pytest.mark.lasting
def test_the_pages_cost_the_same_for_a_short_and_a_long_roster(scene, browser, db, make):
    scene.start()
    numbers = {}
    for extra in (0, 60):
        for _one in range(extra):
            make.member()
        db.commit()
        for page in ("people", "reasons", "what_if?w_topic=1"):
            browser.get(at(scene, page))
            with counted() as statements:
                assert browser.get(at(scene, page)).status_code == 200
            numbers.setdefault(page, []).append(len(statements))
    assert all(few == many for few, many in numbers.values()), numbers
    assert "page=2" in browser.get(at(scene, "people")).text


@pytest.mark.lasting
def test_what_was_looked_at_is_what_is_done(scene, browser, db):
    before = browser.get(at(scene, "what_if?w_load=2&w_topic=0.1")).text
    assert "Send 4 mails" in before
    assert "weight of topic: 0.1" in before
    sent = {
        "seen": hidden(before, "seen"), "before": hidden(before, "before"),
        "w_load": "2", "w_topic": "0.1",
    }  # fmt: skip
    answer = browser.post(at(scene, "assign"), data=sent)
    assert answer.location == f"/desk/submissions/{scene.submission.ref}"
    asked = ",".join(f"{one.slot.value}:{one.person_id}" for one in scene.round.assignments)
    assert sorted(asked.split(",")) == sorted(sent["before"].split(","))
    assert "changed for this decision alone" in browser.get(at(scene, "reasons")).text


@pytest.mark.lasting
def test_a_change_meanwhile_is_shown_with_what_differs_and_nothing_is_sent(scene, browser, db):
    before = browser.get(at(scene, "what_if")).text
    first = int(hidden(before, "before").split(",")[0].split(":")[1])
    db.get(Person, first).suspended_at = scene.submission.submitted_at
    db.commit()
    sent = {"seen": hidden(before, "seen"), "before": hidden(before, "before")}
    answer = browser.post(at(scene, "assign"), data=sent)
    assert answer.status_code == 409
    assert "so nothing was done" in answer.text
    assert "New:" in answer.text
    assert name(scene, first) in answer.text.split("No more:")[1].split("</p>")[0]
    assert db.get(Submission, scene.submission.id).state is State.SUBMITTED
    assert db.query(ReviewRound).count() == 0
    sent = {"seen": hidden(answer.text, "seen"), "before": hidden(answer.text, "before")}
    assert browser.post(at(scene, "assign"), data=sent).status_code == 302


@pytest.mark.lasting
def test_a_pin_against_a_rule_asks_for_a_word_and_nonsense_is_refused(scene, browser, db, make):
    busy = make.member(person=make.person("Bea Busy"), capacity=1)
    scene.start()
    first = next(one for one in scene.round.assignments if one.slot == "external")
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    busy.capacity = 1
    db.commit()
    query = f"?pin=external:{busy.person_id}&rest=0"
    assert "put first by an editor" in browser.get(at(scene, "what_if") + query).text
    for query, status in (("?w_topic=much", 422), ("?pin=external:999999", 422), ("?off=x", 200)):
        assert browser.get(at(scene, "what_if") + query).status_code == status
    assert browser.post(at(scene, "assign"), data={}).status_code == 422
    assert [one.state for one in scene.round.assignments].count(A.INVITED) == 2


@pytest.mark.lasting
def test_these_pages_are_for_editors_without_a_part_in_it(scene, sign_in, make, db):
    scene.start()
    db.commit()
    seat = scene.round.assignments[0]
    reviewer = sign_in(db.get(Person, seat.person_id))
    auditor = sign_in(make.staff(Role.AUDITOR))
    for page in ("reasons", "people", "what_if"):
        assert reviewer.get(at(scene, page)).status_code == 404
        assert auditor.get(at(scene, page)).status_code == 403
