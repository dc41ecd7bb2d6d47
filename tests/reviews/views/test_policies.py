"""The review policy on its pages: read, change, and see what would differ."""

import json
import re
import shutil

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.core.errors import InvalidInput
from reviewhub.reviews import operations, queries
from reviewhub.reviews.clock_words import reminders_words
from reviewhub.reviews.forms import PolicyForm
from reviewhub.taxonomy.operations import hub_folder, load
from reviewhub.taxonomy.queries import catalogue
from tests.admin.queries import counted
from tests.reviews.scene import Scene

PAGE = "/desk/policy/change"


@pytest.fixture
def scene(make, db, clock):
    """An item under review, under the first version."""
    scene = Scene(make, db)
    scene.start()
    db.commit()
    return scene


def filled(**changed):
    """The form as the page shows it, with some answers changed."""
    values = PolicyForm.values(catalogue().policy)
    wanted = {name: values[name] for name in PolicyForm()._fields if name in values}
    wanted |= changed
    return {name: str(value) for name, value in wanted.items() if value is not False}


def seen_on(page):
    """What the page remembers of the differences that it shows."""
    return re.search(r'name="seen"[^>]* value="([0-9a-f]*)"', page.text)[1]


@pytest.fixture
def form(app):
    """Fills the form, which asks the request for its token."""

    def fill(**changed):
        with app.test_request_context():
            return filled(**changed)

    return fill


def test_the_policy_is_read_in_words(scene, sign_in):
    page = sign_in(scene.editor).get("/desk/policy")
    assert "Days for a review" in page.text
    assert "1 open item" in page.text
    assert "Version 1" in page.text


@pytest.mark.lasting
def test_a_change_is_shown_before_it_is_made(scene, db, sign_in, form):
    browser = sign_in(scene.editor)
    shown = browser.post(PAGE, data=form(review_days=28, any=1))
    assert "<del>21</del> <ins>28</ins>" in shown.text
    assert "1 open item keeps" in shown.text
    assert queries.latest_policy().number == 1, "nothing has changed yet"
    sent = form(review_days=28, any=1) | {"confirmed": "y", "seen": seen_on(shown)}
    assert browser.post(PAGE, data=sent).status_code == 302
    db.expire_all()
    latest = queries.latest_policy()
    assert (latest.number, latest.created_by_id) == (2, scene.editor.id)
    assert latest.rules["slots"] == {"internal": 1, "external": 2, "any": 1}
    assert queries.rules_of(scene.round).review_days == 21, "an open item keeps its rules"
    assert "<del>21</del> <ins>28</ins>" in browser.get("/desk/policy").text


def test_what_was_changed_after_the_look_is_shown_again(scene, sign_in, form):
    browser = sign_in(scene.editor)
    shown = browser.post(PAGE, data=form(review_days=28))
    sent = form(review_days=35) | {"confirmed": "y", "seen": seen_on(shown)}
    again = browser.post(PAGE, data=sent)
    assert "<ins>35</ins>" in again.text
    assert queries.latest_policy().number == 1


def test_the_same_rules_make_no_version(scene, sign_in, form):
    page = sign_in(scene.editor).post(PAGE, data=form() | {"confirmed": "y"})
    assert "nothing would change" in page.text
    assert queries.latest_policy().number == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"internal": 0, "external": 0}, "can’t be used|at least one reviewer|can&#39;t be used"),
        ({"review_days": 0}, "from 1 to 180"),
        ({"invitation_expiry_working_days": 2}, "after the reminder"),
        ({"screening": "sometimes"}, "Not a valid choice"),
    ],
)
def test_rules_that_cannot_hold_are_refused(scene, sign_in, form, changed, says):
    page = sign_in(scene.editor).post(PAGE, data=form(**changed))
    assert re.search(says, page.text)
    assert queries.latest_policy().number == 1


def test_the_hubs_own_changes_outlive_the_next_load(scene, db, app):
    operations.change_policy({"review_days": 28}, by=scene.editor.id)
    db.flush()
    load(hub_folder("migration"))
    assert catalogue().policy["review_days"] == 28


def test_a_folder_with_another_policy_wins(scene, db, tmp_path):
    operations.change_policy({"review_days": 28}, by=scene.editor.id)
    db.flush()
    folder = tmp_path / "hub"
    shutil.copytree(hub_folder("migration"), folder)
    policy = json.loads((folder / "policy.json").read_text())
    (folder / "policy.json").write_text(json.dumps(policy | {"review_days": 14}))
    load(folder)
    assert catalogue().policy["review_days"] == 14


def test_a_policy_that_no_hub_can_use_is_not_stored(scene, db):
    with pytest.raises(InvalidInput):
        operations.change_policy({"screening_days": "soon"}, by=scene.editor.id)
    assert catalogue().policy["screening_days"] == 7


def test_an_auditor_reads_and_does_not_change(scene, make, sign_in):
    browser = sign_in(make.staff(Role.AUDITOR))
    page = browser.get("/desk/policy")
    assert page.status_code == 200
    assert "Change the rules" not in page.text
    assert browser.get(PAGE).status_code == 403


@pytest.mark.lasting
def test_the_versions_take_as_many_statements_for_three_as_for_one(scene, db, sign_in):
    browser = sign_in(scene.editor)
    operations.change_policy({"review_days": 24}, by=scene.editor.id)
    db.commit()
    browser.get("/desk/policy")
    with counted() as one:
        browser.get("/desk/policy")
    for days in (22, 23):
        operations.change_policy({"review_days": days}, by=scene.editor.id)
        db.commit()
    browser.get("/desk/policy")  # a new policy is a new state of the hub, read once per process
    with counted() as three:
        browser.get("/desk/policy")
    assert len(one) == len(three)


def test_a_second_person_is_a_rule_whose_consequences_are_said_before(
    scene, make, db, sign_in, form
):
    browser = sign_in(scene.editor)
    alone = browser.post(PAGE, data=form(second_sign_off=True)).text
    assert "<del>no</del> <ins>yes</ins>" in alone
    assert "This hub has one editor, so nobody could confirm" in alone
    make.editor()
    db.commit()
    two = browser.post(PAGE, data=form(second_sign_off=True))
    assert "2 editors can confirm" in two.text
    sent = form(second_sign_off=True) | {"confirmed": "y", "seen": seen_on(two)}
    assert browser.post(PAGE, data=sent).status_code == 302
    db.expire_all()
    assert queries.rules_in_force().second_sign_off
    assert not queries.rules_of(scene.round).second_sign_off, "an open item keeps its rules"


def test_open_names_and_reports_are_offered_with_what_they_mean(scene, sign_in, form):
    page = (
        sign_in(scene.editor).post(PAGE, data=form(anonymity="visible", published="reports")).text
    )
    assert "the submitter gets their names with the decision" in page
    assert "public only where an editor released it" in page


def test_a_policy_file_without_the_rule_shows_no_difference(scene, db, sign_in, form):
    without = {k: v for k, v in catalogue().policy.items() if k != "second_sign_off"}
    assert not PolicyForm.values(without).get("second_sign_off")
    assert "second_sign_off" not in changed_by(form, without)


def changed_by(form, rules):
    """What the form, sent as it stands, would say of these rules."""
    found = PolicyForm(formdata=None, data=PolicyForm.values(rules))
    return found.changes(rules)


def test_a_rule_that_is_neither_on_nor_off_is_refused_in_words(scene):
    with pytest.raises(InvalidInput, match="second_sign_off"):
        operations.change_policy({"second_sign_off": "sometimes"}, by=scene.editor.id)


def test_the_reminders_and_the_calendar_are_read_in_words(scene, sign_in):
    page = sign_in(scene.editor).get("/desk/policy").text
    assert "7 days before, 2 days before, 1 day after, 7 days after, 14 days after" in page
    assert (
        "Monday, Tuesday, Wednesday, Thursday, Friday; no holidays; "
        "days begin by the clocks of UTC" in page
    )
    assert "People asked for one seat at once" in page


def test_reminders_are_told_as_they_really_come(app):
    with app.test_request_context():
        assert reminders_words([]) == "1 day after"
        assert reminders_words([0, -1]) == "1 day before, on the day, 1 day after"


def test_how_many_are_asked_at_once_is_changed_on_the_page(scene, db, form, sign_in):
    browser = sign_in(scene.editor)
    shown = browser.post(PAGE, data=form(parallel_invitations=3))
    assert "People asked for one seat at once" in shown.text
    sent = form(parallel_invitations=3) | {"confirmed": "y", "seen": seen_on(shown)}
    assert browser.post(PAGE, data=sent).status_code == 302
    db.expire_all()
    assert queries.latest_policy().rules["parallel_invitations"] == 3
    assert queries.rules_of(scene.round).parallel_invitations == 1, "an open item keeps its rules"
    refused = browser.post(PAGE, data=form(parallel_invitations=6)).text
    assert "Please give a number from 1 to 5" in refused
