"""Deciding on many at once: what is said before, what is done, and that each stands by itself."""

import re

import pytest

from reviewhub.accounts.operations import declare_conflict
from reviewhub.accounts.roles import Role
from reviewhub.admin import deciding
from reviewhub.admin.screening import Chosen
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations as reviews
from reviewhub.reviews.signing import SignOff
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, send

INCLUDE, EXCLUDE = ("include",) * 3, ("do_not_include",) * 3
MIXED = ("include", "do_not_include", "include")
SECRET = "zzconfidential"


@pytest.fixture
def desk(make, db, clock):
    """A hub whose panels leave every decision to an editor, with room for many panels."""
    scene = Scene(
        make, db, internal=6, external=12, on_include="ask_editor", tie_breakers=0,
        open_items_cap=9, rest_days=0,
    )  # fmt: skip
    scene.said = lambda *said, **changed: reviewed(scene, said, **changed)
    return scene


def reviewed(scene, said, **changed):
    """One more item, of which the panel has said this."""
    scene.submission = scene.suggest()
    scene.db.flush()
    for one, recommendation in zip(scene.start(), said, strict=True):
        accept(one)
        send(one, recommendation, comment_to_editor=SECRET, **changed)
    scene.db.commit()
    return scene.submission


def refs(*items):
    return [f"{one.ref}:{one.version}" for one in items]


def states(db, *items):
    db.expire_all()
    return [db.get(Submission, one.id).state for one in items]


@pytest.mark.lasting
def test_the_preview_names_what_each_gets_and_changes_nothing(desk, sign_in, db):
    both = [desk.said(*INCLUDE, score_evidence="1"), desk.said(*INCLUDE)]
    before = db.query(Message).count()
    query = "&".join(f"item={one}" for one in refs(*both))
    page = sign_in(desk.editor).get(f"/desk/deciding?verb=approve&{query}").text
    assert "2 suggestions" in page
    assert page.count("All reviewers recommend that it is included.") == 2
    assert page.count("Some sources; method not stated") == 1
    assert SECRET not in page
    assert "Clear, recent" not in page, "no comment goes out from here"
    assert states(db, *both) == [State.REVIEWED, State.REVIEWED]
    assert db.query(Message).count() == before


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("verb", "carried", "otherwise"), [("approve", INCLUDE, EXCLUDE), ("reject", EXCLUDE, INCLUDE)]
)
def test_only_what_the_panel_says_as_well_is_decided(desk, sign_in, db, verb, carried, otherwise):
    same, other, split = desk.said(*carried), desk.said(*otherwise), desk.said(*MIXED)
    sent = {"verb": verb, "item": refs(same, other, split), "reason": "outdated", "note": ""}
    page = sign_in(desk.editor).post("/desk/deciding", data=sent).text
    assert "1 done · 2 left as they were" in page
    assert "the reviewers disagree" in page
    decided = State.APPROVED if verb == "approve" else State.REJECTED
    assert states(db, same, other, split) == [decided, State.REVIEWED, State.REVIEWED]
    assert db.query(Decision).one().decided_by_id == desk.editor.id


@pytest.mark.lasting
def test_each_refusal_is_named_and_holds_up_no_other(desk, make, sign_in, db):
    fine, changed, conflicted, waits = (desk.said(*INCLUDE) for _one in range(4))
    editor = make.editor("Otto Other")
    declare_conflict(editor, other=db.get(type(editor), conflicted.submitter_id))
    waits.progress.panel_result = ""
    db.commit()
    items = [*refs(fine), f"{changed.ref}:{changed.version + 1}", *refs(conflicted, waits)]
    page = sign_in(editor).post("/desk/deciding", data={"verb": "approve", "item": items}).text
    assert "1 done · 3 left as they were" in page
    assert "Somebody else changed it meanwhile" in page
    assert "You are involved" in page
    assert "nobody has reviewed it" in page
    assert states(db, fine) == [State.APPROVED]


@pytest.mark.lasting
def test_each_submitter_gets_the_letter_of_their_own_item(desk, sign_in, db):
    weak, fine = desk.said(*EXCLUDE, score_evidence="0"), desk.said(*EXCLUDE)
    sent = {
        "verb": "reject", "item": refs(weak, fine), "reason": "outdated",
        "note": "Thank you for thinking of us.",
    }  # fmt: skip
    sign_in(desk.editor).post("/desk/deciding", data=sent)
    told = {
        one.object_id: one.context for one in db.query(Message).filter_by(event="reviews/reject")
    }
    assert told[weak.id]["note"].startswith("Thank you for thinking of us.\n")
    assert "Claims without sources" in told[weak.id]["note"]
    assert "Claims without sources" not in told[fine.id]["note"]
    assert told[weak.id]["released"] == told[fine.id]["released"] == []


@pytest.mark.lasting
def test_a_refusal_of_many_wants_its_reason_and_keeps_the_selection(desk, sign_in, db):
    item = desk.said(*EXCLUDE)
    answer = sign_in(desk.editor).post(
        "/desk/deciding", data={"verb": "reject", "item": refs(item), "reason": ""}
    )
    assert answer.status_code == 422
    assert refs(item)[0] in answer.text
    assert states(db, item) == [State.REVIEWED]


@pytest.mark.lasting
def test_where_a_second_person_confirms_each_waits_for_theirs(make, db, clock, sign_in):
    scene = Scene(make, db, on_include="ask_editor", second_sign_off=True)
    make.editor("Sana Second")
    item = reviewed(scene, INCLUDE)
    browser = sign_in(scene.editor)
    page = browser.get(f"/desk/deciding?verb=approve&item={refs(item)[0]}").text
    assert "It waits for Sana Second to confirm it." in page
    browser.post("/desk/deciding", data={"verb": "approve", "item": refs(item)})
    assert db.query(SignOff).one().outcome is None
    again = browser.post("/desk/deciding", data={"verb": "approve", "item": refs(item)}).text
    assert "Nothing was changed" in again
    assert "waits for Sana Second" in again


@pytest.mark.lasting
def test_the_panel_of_ones_own_item_is_not_told_in_a_refusal(desk, sign_in, db):
    item = desk.said(*EXCLUDE)
    item.submitter_id = desk.editor.id
    db.commit()
    (found,) = deciding.outlooks("approve", [Chosen(item.ref)], desk.by_editor)
    assert "You are involved" in found.refusal
    assert found.result == found.letter == ""


@pytest.mark.lasting
def test_one_that_was_decided_before_is_left_alone(desk, sign_in, db):
    item = desk.said(*INCLUDE)
    reviews.approve(item, by=desk.by_editor)
    db.commit()
    page = (
        sign_in(desk.editor)
        .post("/desk/deciding", data={"verb": "approve", "item": [item.ref]})
        .text
    )
    assert "Nothing was changed" in page


@pytest.mark.lasting
def test_the_list_offers_it_where_something_is_reviewed(desk, make, sign_in):
    item = desk.said(*INCLUDE)
    page = sign_in(desk.editor).get("/desk?whose=all").text
    assert re.findall(r'name="item" value="([^"]+)"', page).count(item.ref) == 1
    assert 'value="approve" formaction="/desk/deciding"' in page
    auditor = sign_in(make.staff(Role.AUDITOR))
    assert "/desk/deciding" not in auditor.get("/desk?whose=all").text
    assert auditor.get("/desk/deciding?verb=approve").status_code == 403


@pytest.mark.parametrize("query", ["", "?verb=approve", "?verb=decline&item=RH-2026-000001"])
def test_without_a_selection_one_is_sent_back_to_the_list(make, sign_in, query):
    answer = sign_in(make.editor()).get("/desk/deciding" + query)
    assert (answer.status_code, answer.location) == (302, "/desk")
