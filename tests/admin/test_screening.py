"""Screening many at once: what is said before, what is done, and that each stands by itself."""

import re

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.operations import declare_conflict
from reviewhub.accounts.roles import Role
from reviewhub.admin import screening
from reviewhub.admin.screening import Chosen
from reviewhub.audit.queries import history
from reviewhub.core.errors import InvalidInput
from reviewhub.notifications.models import Message
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.admin.queries import counted

SENTENCE = "This is about another field than ours."


def as_editor(person):
    return Actor(person_id=person.id, roles=person.roles)


@pytest.fixture
def roster(make):
    """Four reviewers, one of them inside."""
    for number in range(4):
        home = make.organisation(internal=number == 0)
        person = make.person(f"Reviewer Nr {number}", organisation_id=home.id)
        make.member(person=person, internal=number == 0)


@pytest.fixture
def waiting(make):
    """Makes suggestions that wait for screening, each of somebody known."""

    def _waiting(number, **values):
        return [
            make.submission(
                submitter_id=make.person(f"Submitter {one}", country="FRA").id,
                title=f"Suggestion Nr {one}", **values,
            )
            for one in range(number)
        ]  # fmt: skip

    return _waiting


def state_of(db, submission):
    return db.get(Submission, submission.id).state


def test_the_preview_names_who_would_be_asked_and_changes_nothing(
    roster, waiting, make, sign_in, db
):
    first, second = waiting(2)
    browser = sign_in(make.editor())
    page = browser.get(f"/desk/screening?verb=start_review&item={first.ref}&item={second.ref}").text
    assert "2 suggestions" in page
    assert "Reviewer Nr 0" in page
    assert "8 mails go out" in page  # two submitters, twice three reviewers
    assert state_of(db, first) is State.SUBMITTED
    assert db.query(Message).count() == 0


def test_the_preview_names_what_is_missing_of_a_panel(waiting, make, sign_in):
    (only,) = waiting(1)
    page = sign_in(make.editor()).get(f"/desk/screening?verb=start_review&item={only.ref}").text
    assert "missing" in page


def test_what_can_not_be_done_is_named_with_its_reason(waiting, make, sign_in, db):
    editor = make.editor()
    fine, decided, bare, own, conflicted = waiting(5)
    decided.state = State.WITHDRAWN
    bare.publisher = ""
    own.submitter_id = editor.id
    declare_conflict(editor, other=db.get(type(editor), conflicted.submitter_id))
    db.flush()
    chosen = [Chosen(one.ref) for one in (fine, decided, bare, own, conflicted)]
    refusals = [
        one.refusal for one in screening.outlooks("start_review", chosen, as_editor(editor))
    ]
    assert refusals[0] == ""
    assert "withdrawn" in refusals[1]
    assert "the publisher" in refusals[2]
    assert "You are involved" in refusals[3]
    assert "You are involved" in refusals[4]
    page = sign_in(editor).get(
        "/desk/screening?verb=decline&" + "&".join(f"item={one.ref}" for one in chosen)
    )
    assert page.text.count("You are involved") == 2
    assert f"{own.ref}:" not in page.text  # the form does not carry what is refused


def test_starting_many_does_what_is_possible_and_says_what_was_not(
    roster, waiting, make, sign_in, db
):
    editor = make.editor()
    fine, changed, own = waiting(3)
    own.submitter_id = editor.id
    db.flush()
    browser = sign_in(editor)
    items = [f"{fine.ref}:{fine.version}", f"{changed.ref}:{changed.version + 1}", f"{own.ref}:"]
    page = browser.post("/desk/screening", data={"verb": "start_review", "item": items})
    assert page.status_code == 200
    assert "1 done · 2 left as they were" in page.text
    assert "Somebody else changed it meanwhile" in page.text
    assert "You are involved" in page.text
    assert state_of(db, fine) is State.IN_REVIEW
    assert state_of(db, changed) is State.SUBMITTED
    assert state_of(db, own) is State.SUBMITTED
    assert "start_review" in [event.verb for event in history("submissions", fine.id)]


def test_sending_the_same_selection_twice_does_nothing_the_second_time(
    roster, waiting, make, sign_in
):
    (only,) = waiting(1)
    browser = sign_in(make.editor())
    sent = {"verb": "start_review", "item": [f"{only.ref}:{only.version}"]}
    browser.post("/desk/screening", data=sent)
    page = browser.post("/desk/screening", data=sent).text
    assert "Nothing was changed" in page


def test_declining_many_tells_each_submitter_the_reason(waiting, make, sign_in, db):
    first, second = waiting(2)
    browser = sign_in(make.editor())
    items = [f"{one.ref}:{one.version}" for one in (first, second)]
    sent = {"verb": "decline", "item": items, "reason": "out_of_scope", "note": SENTENCE}
    assert "2 done" in browser.post("/desk/screening", data=sent).text
    assert state_of(db, first) is state_of(db, second) is State.REJECTED
    told = db.query(Message).filter_by(event="submissions/decline").all()
    assert {one.object_id for one in told} == {first.id, second.id}


def test_declining_without_a_sentence_keeps_the_selection(waiting, make, sign_in, db):
    (only,) = waiting(1)
    browser = sign_in(make.editor())
    item = f"{only.ref}:{only.version}"
    answer = browser.post("/desk/screening", data={"verb": "decline", "item": [item], "note": ""})
    assert answer.status_code == 422
    assert item in answer.text
    assert state_of(db, only) is State.SUBMITTED


def test_an_item_in_review_is_not_declined(waiting, make, sign_in, db):
    (only,) = waiting(1, state=State.IN_REVIEW)
    sent = {"verb": "decline", "item": [only.ref], "reason": "out_of_scope", "note": SENTENCE}
    assert "Nothing was changed" in sign_in(make.editor()).post("/desk/screening", data=sent).text
    assert state_of(db, only) is State.IN_REVIEW


def test_a_draft_and_an_unknown_number_are_left_out(waiting, make):
    (draft,) = waiting(1, state=State.DRAFT)
    chosen = [Chosen(draft.ref), Chosen("RH-1999-000001")]
    assert screening.outlooks("decline", chosen, as_editor(make.editor())) == []


def test_a_selection_has_its_limit(make, sign_in):
    refs = [f"RH-2026-{number:06d}" for number in range(screening.MOST + 1)]
    with pytest.raises(InvalidInput):
        Chosen.read(refs)
    assert len(Chosen.read(refs[1:] + refs[1:])) == screening.MOST
    address = "/desk/screening?verb=decline&" + "&".join(f"item={ref}" for ref in refs)
    assert sign_in(make.editor()).get(address).status_code == 422


@pytest.mark.parametrize("query", ["", "?verb=decline", "?verb=approve&item=RH-2026-000001"])
def test_without_a_selection_one_is_sent_back_to_the_list(make, sign_in, query):
    answer = sign_in(make.editor()).get("/desk/screening" + query)
    assert answer.status_code == 302
    assert answer.location == "/desk"


def test_the_way_back_is_the_list_that_one_came_from(waiting, make, sign_in):
    (only,) = waiting(1)
    address = (
        f"/desk/screening?verb=decline&item={only.ref}&back=state%3Dsubmitted%26x%3D%2F%2Fevil"
    )
    page = sign_in(make.editor()).get(address).text
    assert 'href="/desk?whose=all&amp;state=submitted"' in page
    assert 'href="//evil' not in page


def test_only_what_an_editor_can_screen_or_decide_has_a_box_in_the_list(make, sign_in):
    waits, reviewed = make.submission(), make.submission(state=State.REVIEWED)
    read = make.submission(state=State.IN_REVIEW)
    page = sign_in(make.editor()).get("/desk?whose=all").text
    boxes = re.findall(r'type="checkbox" name="item" value="([^"]+)"', page)
    assert set(boxes) == {waits.ref, reviewed.ref}
    assert read.ref in page


def test_an_auditor_selects_nothing(make, sign_in):
    make.submission()
    browser = sign_in(make.staff(Role.AUDITOR))
    assert 'name="item"' not in browser.get("/desk?whose=all").text
    assert browser.get("/desk/screening?verb=decline").status_code == 403


def test_the_reading_of_items_costs_the_same_for_one_and_three(waiting, make, db):
    editor = as_editor(make.editor())
    items = [Chosen(one.ref) for one in waiting(3)]
    numbers = []
    for chosen in (items[:1], items):
        db.expire_all()
        with counted() as statements:
            screening.chosen_rows(chosen)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
    assert screening.outlooks("decline", items, editor)
