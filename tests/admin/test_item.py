"""One item's page: what it shows to whom, and which verbs it offers."""

from datetime import timedelta

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.operations import declare_conflict
from reviewhub.accounts.queries import get
from reviewhub.admin.item import BUTTONS
from reviewhub.reviews import operations as reviews
from reviewhub.reviews.models import ReviewRound
from reviewhub.submissions.workflow import State
from tests.admin.queries import counted
from tests.library.shelf import put


def as_editor(person):
    return Actor(person_id=person.id, roles=person.roles)


@pytest.fixture
def item(make, db, clock):
    """An item in review with three invited reviewers, and the editor who handles it."""
    for number in range(4):
        home = make.organisation(internal=number == 0)
        person = make.person(f"Reviewer Nr {number}", organisation_id=home.id)
        make.member(person=person, internal=number == 0)
    editor = make.editor("Edith Handling")
    submission = make.submission(submitter_id=make.person("Sam Submitting", country="FRA").id)
    submission.progress.editor_id = editor.id
    reviews.fill(reviews.start_review(submission, by=as_editor(editor)))
    db.flush()
    return submission, editor


def panel_names(db, submission):
    return [get(one.person_id).name for one in round_of(db, submission).assignments]


def round_of(db, submission):
    return db.query(ReviewRound).filter_by(submission_id=submission.id).one()


def page(browser, submission):
    answer = browser.get(f"/desk/submissions/{submission.ref}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.lasting
def test_staff_see_the_panel_with_the_reasons_for_each_choice(item, sign_in, db):
    submission, editor = item
    names = panel_names(db, submission)
    assert len(names) == 3
    text = page(sign_in(editor), submission)
    for name in names:
        assert name in text
    assert "ranked 1 of" in text
    assert "invited a reviewer" in text


@pytest.mark.lasting
@pytest.mark.parametrize("part", ["submitter", "reviewer", "conflict"])
def test_whoever_is_part_of_it_sees_no_panel_and_no_reviews(item, make, sign_in, db, part):
    submission, _editor = item
    names = panel_names(db, submission)
    other = make.editor("Otto Other")
    if part == "submitter":
        submission.submitter_id = other.id
    elif part == "reviewer":
        round_of(db, submission).assignments[0].person_id = other.id
        names = names[1:]
    else:
        declare_conflict(other, other=db.get(type(other), submission.submitter_id))
    db.flush()
    text = page(sign_in(other), submission)
    assert "You are part of this item" in text
    assert "invited a reviewer" not in text
    assert not [name for name in names if name in text]
    browser = sign_in(other)
    for address in ("/desk/history", "/desk/outbox?state=queued"):
        listed = browser.get(address).text
        assert not [name for name in names if name in listed], address


def test_the_buttons_are_those_that_the_operation_would_accept(make, sign_in):
    editor = make.editor()
    for state, first in ((State.SUBMITTED, "start_review"), (State.REVIEWED, "approve")):
        submission = make.submission(state=state)
        text = page(sign_in(editor), submission)
        assert f"/submissions/{submission.ref}/{first}" in text
        assert f"/submissions/{submission.ref}/publish" not in text


def test_an_editor_is_offered_nothing_on_their_own_suggestion(make, sign_in):
    editor = make.editor()
    submission = make.submission(submitter_id=editor.id)
    assert f"/submissions/{submission.ref}/" not in page(sign_in(editor), submission)


def test_every_step_of_the_page_has_its_page(app):
    addresses = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {f"/submissions/<ref>/{verb}" for verb in BUTTONS} <= addresses


def test_a_shortage_is_named_with_what_would_help(make, sign_in, db, clock):
    editor = make.editor()
    submission = make.submission(submitter_id=make.person(country="FRA").id)
    submission.progress.editor_id = editor.id
    reviews.fill(reviews.start_review(submission, by=as_editor(editor)))
    db.flush()
    text = page(sign_in(editor), submission)
    assert "reviewer is missing" in text or "reviewers are missing" in text
    assert "find a new roster member" in text


def test_an_unknown_reference_is_not_found(make, sign_in):
    assert sign_in(make.editor()).get("/desk/submissions/RH-1999-000001").status_code == 404


@pytest.mark.lasting
def test_the_page_costs_the_same_with_one_round_and_with_two(item, make, sign_in, db, clock):
    submission, editor = item
    other = make.editor("Otto Other")  # the one who decided does not act again
    browser, address = sign_in(other), f"/desk/submissions/{submission.ref}"
    browser.get(address)
    with counted() as one:
        browser.get(address)
    reviews.finish_review(submission, by=as_editor(editor), note="Long enough waited.")
    reviews.reject(submission, by=as_editor(editor), reason="outdated", note="It is too old.")
    clock.advance(hours=1)  # past the hold of the mail with the reasons
    himself = Actor(person_id=submission.submitter_id)
    reviews.appeal(submission, by=himself, note="The second edition has the new figures in it.")
    reviews.start_review(submission, by=as_editor(other))
    db.flush()
    with counted() as two:
        browser.get(address)
    # A decision is asked for where there is one; after an appeal also who took it.
    assert len(one) == len(two) - 2 <= 10


def test_what_the_hub_may_have_already_is_named_before_screening(make, sign_in, db):
    submitter = make.person(country="FRA")
    waits = make.submission(title="A guide to consular help", url="https://a.example/guide",
                            url_key="a.example/guide", submitter_id=submitter.id)  # fmt: skip
    same = make.submission(title="Quite another name", url_key="a.example/guide",
                           state=State.PUBLISHED)  # fmt: skip
    near = make.submission(title="Guide to consular help, a", state=State.REJECTED)
    make.submission(title="Something else altogether")
    draft = make.submission(title="A guide to consular help", state=State.DRAFT)
    text = page(sign_in(make.editor()), waits)
    assert "The hub may have this already" in text
    assert f"/desk/submissions/{same.ref}" in text
    assert f"/desk/submissions/{near.ref}" in text
    assert draft.ref not in text
    assert text.count("the same address") == text.count("a similar title") == 1


def test_a_resource_of_the_library_under_the_same_address_is_named(make, sign_in, db):
    waits = make.submission(url_key="a.example/guide")
    resource = put("In the library since long")
    resource.url_key = waits.url_key
    db.flush()
    text = page(sign_in(make.editor()), waits)
    assert f"/resources/{resource.slug}" in text


def test_what_is_under_review_is_not_compared_any_more(item, make, sign_in):
    submission, editor = item
    make.submission(title=submission.title)
    assert "The hub may have this already" not in page(sign_in(editor), submission)


def test_a_page_to_screen_costs_no_more_than_others(make, sign_in):
    submission = make.submission(url_key="a.example/guide")
    browser, address = sign_in(make.editor()), f"/desk/submissions/{submission.ref}"
    browser.get(address)
    with counted() as statements:
        browser.get(address)
    assert len(statements) <= 12


def test_the_next_step_names_who_takes_it(make, sign_in, db):
    editor, other = make.editor("Edith Handling"), make.editor("Otto Other")
    submission = make.submission()
    submission.progress.editor_id = submission.progress.owner_id = editor.id
    db.flush()
    assert "<bdi>you</bdi>" in page(sign_in(editor), submission)
    assert "<bdi>Edith Handling</bdi>" in page(sign_in(other), submission)


def test_an_editor_who_is_away_is_said_to_be(make, sign_in, db, clock):
    editor = make.editor("Edith Handling")
    submission = make.submission()
    submission.progress.editor_id = editor.id
    editor.away_until = clock() + timedelta(days=8)
    db.flush()
    browser = sign_in(make.editor())
    assert "Edith Handling is away until 10 Mar 2026" in page(browser, submission)
    editor.away_until = clock() - timedelta(days=1)
    db.flush()
    assert "is away until" not in page(browser, submission)


def test_how_many_can_not_be_asked_is_said_with_the_way_to_the_reasons(item, make, sign_in, db):
    submission, editor = item
    left_out = make.person("Lea Leftout")
    round_ = round_of(db, submission)
    round_.standing = {
        **round_.standing,
        "excluded": [{"person_id": left_out.id, "codes": ["paused"]}],
        "excluded_count": 1,
    }
    db.flush()
    text = page(sign_in(editor), submission)
    assert "1 person can’t be asked" in text
    assert "Lea Leftout" not in text  # all of them stand on a page of their own
    assert f"/submissions/{submission.ref}/panel/people?show=excluded" in text
