"""The pages on which an editor decides: the drafted letter, what is ticked, the second person."""

import re
from html import unescape

import pytest

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.reviews import operations
from reviewhub.reviews.letters import draft_for
from reviewhub.reviews.signing import open_sign_off
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.submissions.letters import letter_of
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, send

OPEN, SECRET = "Its tables end in 2016 and should say so.", "zzconfidential"
FIELDS = {"approve": "note", "reject": "note", "request_changes": "wanted"}


def reviewed(make, db, **rules):
    """An item whose first reviewer finds the evidence weak, and whose decision is an editor's."""
    scene = Scene(make, db, on_include="ask_editor", **rules)
    first, *others = scene.panel()
    send(first, "include", score_evidence="1", comment_to_submitter=OPEN, comment_to_editor=SECRET)
    for one in others:
        send(one, "include", comment_to_editor=SECRET)
    db.commit()
    return scene


@pytest.fixture
def scene(make, db, clock):
    """The item under the rules as they come."""
    return reviewed(make, db)


@pytest.fixture
def signed(make, db, clock):
    """The same where a second person confirms."""
    scene = reviewed(make, db, second_sign_off=True)
    scene.second = make.editor("Sana Second")
    db.commit()
    return scene


def address(scene, verb):
    return f"/submissions/{scene.submission.ref}/{verb}"


def box(page, field="note"):
    """What stands in the box."""
    found = re.search(rf'<textarea[^>]* name="{field}"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    return unescape(found[1]).strip()


def state(db, scene):
    db.expire_all()
    return db.get(Submission, scene.submission.id).state


@pytest.mark.lasting
@pytest.mark.parametrize("verb", FIELDS)
def test_the_page_offers_a_draft_whose_sentences_lead_to_their_reviews(scene, sign_in, verb):
    page = sign_in(scene.editor).get(address(scene, verb))
    draft = draft_for(scene.submission)
    assert box(page, FIELDS[verb]) == draft.text
    assert len(draft.sentences) == 2
    seat = scene.round.assignments[0]
    assert f'href="#review-{seat.id}"' in page.text
    assert f'id="review-{seat.id}"' in page.text
    assert f"· <bdi>{scene.db.get_one(Person, seat.person_id).name}</bdi>" in page.text


@pytest.mark.parametrize("verb", FIELDS)
def test_nothing_is_ticked_by_itself_and_the_confidential_has_no_box(scene, sign_in, verb):
    page = sign_in(scene.editor).get(address(scene, verb)).text
    boxes = re.findall(r'<input type="checkbox" name="release"[^>]*>', page)
    assert len(boxes) == 3
    assert not [one for one in boxes if "checked" in one]
    form = page[page.index('<form class="form"') : page.index("</form>", page.index("release"))]
    assert SECRET not in form
    assert SECRET in page, "the editor reads it below"


@pytest.mark.lasting
def test_what_was_ticked_is_on_the_submitters_page_and_nothing_else_is(scene, db, sign_in, clock):
    seat, other, _third = scene.round.assignments
    browser = sign_in(scene.editor)
    text = draft_for(scene.submission).text + "\nThank you for the annex."
    sent = {"note": text, "release": [seat.id], "reason": "outdated"}
    assert browser.post(address(scene, "reject"), data=sent).status_code == 302
    assert state(db, scene) is State.REJECTED
    submitter = db.get_one(Person, scene.submission.submitter_id)
    own = f"/submissions/{scene.submission.ref}"
    assert OPEN not in sign_in(submitter).get(own).text, "nothing is told before the hold is over"
    clock.advance(minutes=16)
    page = sign_in(submitter).get(own).text
    letter = letter_of(live_decision(scene.submission.id))
    (released,) = letter.released
    assert "Thank you for the annex." in page
    assert page.count(OPEN) == 1
    assert f'href="#reviewer-{released["number"]}"' in page
    assert f'id="reviewer-{released["number"]}"' in page
    assert SECRET not in page
    assert other.review.comment_to_submitter not in page
    assert db.get_one(Person, seat.person_id).name not in page
    desk = sign_in(scene.editor).get(f"/desk/submissions/{scene.submission.ref}").text
    assert "1 comment of a reviewer was sent along" in desk


def test_what_changes_are_wanted_for_is_told_with_the_released_comment(scene, db, sign_in):
    seat = scene.round.assignments[0]
    sent = {"wanted": "Please name the years.", "release": [seat.id]}
    assert (
        sign_in(scene.editor).post(address(scene, "request_changes"), data=sent).status_code == 302
    )
    submitter = db.get_one(Person, scene.submission.submitter_id)
    page = sign_in(submitter).get(f"/submissions/{scene.submission.ref}").text
    assert "Please name the years." in page
    assert OPEN in page


def test_a_refused_form_keeps_the_text_and_the_ticks(scene, db, sign_in):
    seat = scene.round.assignments[0]
    page = sign_in(scene.editor).post(
        address(scene, "reject"), data={"note": "My own words.", "release": [seat.id], "reason": ""}
    )
    assert box(page) == "My own words."
    ticked = re.findall(r'name="release"[^>]*value="(\d+)"\s+checked', page.text)
    assert ticked == [str(seat.id)]
    assert state(db, scene) is State.REVIEWED


@pytest.mark.lasting
def test_a_fresh_draft_never_takes_the_place_of_an_edited_text_unasked(scene, db, sign_in):
    browser, draft = sign_in(scene.editor), draft_for(scene.submission).text
    first = draft.splitlines()[0]
    looked = browser.post(
        address(scene, "approve"), data={"note": "My own words.", "redraft": "look"}
    )
    assert box(looked) == "My own words."
    assert "A fresh draft" in looked.text
    assert first in unescape(looked.text)
    replaced = browser.post(
        address(scene, "approve"), data={"note": "My own words.", "redraft": "replace"}
    )
    assert box(replaced) == draft
    assert "Your text before" in replaced.text
    assert "My own words." in replaced.text
    emptied = browser.post(address(scene, "approve"), data={"note": "", "redraft": "look"})
    assert box(emptied) == draft
    assert state(db, scene) is State.REVIEWED


@pytest.mark.lasting
def test_a_comment_of_another_panel_is_refused_in_words(scene, make, db, sign_in):
    other = reviewed(make, db).round.assignments[0]
    sent = {"note": "", "release": [other.id]}
    page = sign_in(scene.editor).post(address(scene, "approve"), data=sent)
    assert "can't be sent any more" in unescape(page.text)
    assert state(db, scene) is State.REVIEWED


def test_before_any_review_there_is_nothing_to_draft_from(make, sign_in):
    submission = make.submission()
    page = sign_in(make.editor()).get(f"/submissions/{submission.ref}/request_changes")
    assert box(page, "wanted") == ""
    assert "redraft" not in page.text


@pytest.mark.lasting
def test_who_comes_second_sees_what_the_first_decided(scene, make, db, sign_in):
    browser, other = sign_in(scene.editor), sign_in(make.editor())
    seen = re.search(r'name="version"[^>]*value="(\d+)"', other.get(address(scene, "reject")).text)[
        1
    ]
    assert browser.post(address(scene, "approve"), data={"note": ""}).status_code == 302
    late = other.post(
        address(scene, "reject"), data={"note": "", "reason": "outdated", "version": seen}
    )
    assert late.status_code == 409
    assert "already decided: approved" in late.text


# -- the second person --


@pytest.mark.lasting
def test_the_second_person_is_named_on_the_page_and_confirms_on_theirs(signed, db, sign_in):
    first, second = sign_in(signed.editor), sign_in(signed.second)
    page = first.get(address(signed, "approve")).text
    assert "Who confirms it" in page
    seat = signed.round.assignments[0]
    sent = {"note": "Welcome.", "second": signed.second.id, "release": [seat.id]}
    answer = first.post(address(signed, "approve"), data=sent, follow_redirects=True)
    assert "waits for Sana Second to confirm it" in answer.text
    assert address(signed, "take_back") in answer.text
    assert address(signed, "reject") not in answer.text
    assert signed.submission.ref in second.get("/desk?whose=action").text
    item = second.get(f"/desk/submissions/{signed.submission.ref}").text
    assert "A decision waits for its second person" in item
    assert address(signed, "confirm_decision") in item
    look = second.get(address(signed, "confirm_decision")).text
    assert "Welcome." in look
    assert OPEN in look
    waiting = {"sign_off": open_sign_off(signed.submission.id).id}
    assert second.post(address(signed, "confirm_decision"), data=waiting).status_code == 302
    assert state(db, signed) is State.APPROVED
    assert second.post(address(signed, "confirm_decision"), data=waiting).status_code == 409
    assert (
        "Confirmed by Sana Second." in first.get(f"/desk/submissions/{signed.submission.ref}").text
    )


@pytest.mark.lasting
def test_nobody_closes_a_panel_or_undoes_a_decision_without_a_reason(scene, make, db, sign_in):
    other = Scene(make, db)
    other.panel()
    operations.approve(scene.submission, by=scene.by_editor, note="It is good.")
    db.commit()
    for one, verb in ((other, "finish_review"), (scene, "reopen")):
        browser, was = sign_in(one.editor), one.submission.state
        assert "(optional)" not in browser.get(address(one, verb)).text
        answer = browser.post(address(one, verb), data={"note": " "})
        assert "Please answer this." in answer.text
        db.expire_all()
        assert one.submission.state is was


def test_of_two_steps_at_once_the_later_one_is_refused(signed, db, sign_in):
    first, second = sign_in(signed.editor), sign_in(signed.second)
    first.post(address(signed, "approve"), data={"note": ""})
    seen = {"sign_off": open_sign_off(signed.submission.id).id}
    assert first.post(address(signed, "take_back"), data=seen).status_code == 302
    assert second.post(address(signed, "confirm_decision"), data=seen).status_code == 409
    first.post(address(signed, "approve"), data={"note": "Anew."})
    late = second.post(address(signed, "confirm_decision"), data=seen)
    assert late.status_code == 409, "that is not what they looked at"
    assert state(db, signed) is State.REVIEWED


@pytest.mark.lasting
def test_sending_back_wants_a_reason_and_gives_it_to_the_first(signed, db, sign_in):
    first, second = sign_in(signed.editor), sign_in(signed.second)
    first.post(address(signed, "reject"), data={"note": "Old.", "reason": "outdated"})
    seen = {"sign_off": open_sign_off(signed.submission.id).id}
    page = second.post(address(signed, "send_back"), data={**seen, "note": ""})
    assert page.status_code == 200
    assert "Please answer this." in page.text
    sent = {**seen, "note": "Look at the new annex."}
    assert second.post(address(signed, "send_back"), data=sent).status_code == 302
    item = first.get(f"/desk/submissions/{signed.submission.ref}").text
    assert "Look at the new annex." in item
    assert address(signed, "approve") in item


@pytest.mark.lasting
def test_what_waits_is_read_by_the_desk_alone(signed, make, db, sign_in):
    operations.reject(
        signed.submission, by=signed.by_editor, reason="outdated", note="zzproposed",
        second_id=signed.second.id,
    )  # fmt: skip
    reviewer = db.get_one(Person, signed.round.assignments[0].person_id)
    reviewer.grants = [*make.editor().grants]
    db.commit()
    item, own = (
        f"/desk/submissions/{signed.submission.ref}",
        f"/submissions/{signed.submission.ref}",
    )
    seen = sign_in(make.staff(Role.ADMIN)).get(item).text
    assert "zzproposed" in seen
    assert address(signed, "confirm_decision") not in seen
    submitter = db.get_one(Person, signed.submission.submitter_id)
    page = sign_in(submitter).get(own).text
    assert "zzproposed" not in page
    assert "Sana" not in page
    seat = signed.round.assignments[0]
    assert "zzproposed" not in sign_in(reviewer).get(f"/assignments/{seat.id}").text
    involved = sign_in(reviewer).get(item)
    assert "zzproposed" not in involved.text
    assert "Sana" not in involved.text


@pytest.mark.lasting
def test_where_nobody_can_confirm_the_page_says_so(make, db, clock, sign_in):
    scene = reviewed(make, db, second_sign_off=True)
    browser = sign_in(scene.editor)
    assert "no other editor may decide on this item" in browser.get(address(scene, "approve")).text
    assert browser.post(address(scene, "approve"), data={"note": ""}).status_code == 302
    assert state(db, scene) is State.APPROVED
    item = browser.get(f"/desk/submissions/{scene.submission.ref}").text
    assert "nobody else could confirm it" in item


# -- a review that comes late, and one that is to be made clearer --


def late(make, db):
    """A panel closed early, and the one who came too late."""
    scene = Scene(make, db, on_include="ask_editor")
    one, *others = scene.panel()
    for other in others:
        send(other)
    operations.finish_review(scene.submission, by=scene.by_editor, note="We waited long enough.")
    scene.late = one
    return scene


@pytest.mark.lasting
def test_what_came_late_is_flagged_for_the_editor_before_and_after_the_decision(
    make, db, clock, sign_in
):
    scene = late(make, db)
    send(scene.late, comment_to_submitter=OPEN)
    db.commit()
    browser = sign_in(scene.editor)
    deciding = browser.get(address(scene, "reject")).text
    assert "came too late, and counts for nothing" in deciding
    assert OPEN in deciding
    assert 'name="release" id="release-2"' not in deciding, "it can't be released"
    item = f"/desk/submissions/{scene.submission.ref}"
    assert "arrived when the panel was complete" in browser.get(item).text
    other = late(make, db)
    operations.approve(other.submission, by=other.by_editor)
    clock.advance(days=1)
    send(other.late, comment_to_submitter=OPEN)
    db.commit()
    page = sign_in(other.editor).get(f"/desk/submissions/{other.submission.ref}").text
    assert "arrived after the decision" in page
    assert OPEN in page


@pytest.mark.lasting
def test_an_editor_asks_for_a_clearer_review_while_the_panel_is_open(make, db, clock, sign_in):
    scene = Scene(make, db, on_include="ask_editor")
    first, *_others = scene.panel()
    send(first, comment_to_submitter=OPEN)
    db.commit()
    browser, where = sign_in(scene.editor), f"/assignments/{first.id}/return"
    item = browser.get(f"/desk/submissions/{scene.submission.ref}").text
    assert f'href="{where}"' in item
    assert f'href="{where}"' in browser.get(address(scene, "panel")).text
    assert OPEN in browser.get(where).text
    assert "Please answer this." in browser.post(where, data={"note": ""}).text
    assert browser.post(where, data={"note": "Which tables do you mean?"}).status_code == 302
    db.expire_all()
    assert first.state is AssignmentState.RETURNED
    assert scene.sent_to("return_") == [scene.of(first)]
    reviewer = sign_in(db.get_one(Person, first.person_id))
    form = reviewer.get(f"/assignments/{first.id}").text
    assert "asked for a clearer review" in form
    assert OPEN in form, "the answers are as they were"
    assert browser.post(where, data={"note": "Once more, please."}).status_code == 409


@pytest.mark.lasting
def test_nobody_else_sends_a_review_back(make, db, clock, sign_in):
    scene = Scene(make, db, on_include="ask_editor")
    first = scene.panel()[0]
    send(first)
    db.commit()
    where = f"/assignments/{first.id}/return"
    assert sign_in(db.get_one(Person, first.person_id)).get(where).status_code == 404
    submitter = db.get_one(Person, scene.submission.submitter_id)
    assert sign_in(submitter).get(where).status_code == 404
