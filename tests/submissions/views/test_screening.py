"""An editor's pages: decline, rescreen, refile, revive; and what came by mail."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from reviewhub.accounts.models import Person
from reviewhub.submissions import moves
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations import decline
from reviewhub.submissions.operations.refiling import refiling_of
from reviewhub.submissions.views.screening import _as_refiling
from reviewhub.submissions.workflow import State
from tests.factories import Factory

WHY = "It is about tourism and nothing else."


@pytest.fixture
def submission(db: Any, clock: Any, make: Factory) -> Submission:
    """Waits to be screened."""
    return make.submission()


@pytest.fixture
def browser(sign_in: Any, editor: Person) -> FlaskClient:
    """The editor's."""
    return sign_in(editor)  # type: ignore[no-any-return]


def address(submission: Submission, verb: str) -> str:
    """The page of one verb."""
    return f"/submissions/{submission.ref}/{verb}"


def seen(submission: Submission, **values: Any) -> dict[str, Any]:
    """A form that was filled in on the present page."""
    return {"version": str(submission.version), **values}


# -- decline and rescreen --


def test_declining_and_taking_it_back(
    db: Any, submission: Submission, browser: FlaskClient
) -> None:
    page = browser.get(address(submission, "decline"))
    assert "out_of_scope" in page.text
    form = seen(submission, reason="out_of_scope", note=WHY)
    done = browser.post(address(submission, "decline"), data=form)
    assert done.location == f"/desk/submissions/{submission.ref}"
    db.refresh(submission)
    assert submission.state is State.REJECTED
    back = browser.post(address(submission, "rescreen"), data=seen(submission, note=WHY))
    assert back.status_code == 302
    db.refresh(submission)
    assert submission.state is State.SUBMITTED


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"reason": "", "note": WHY}, "Please choose a reason."),
        ({"reason": "because", "note": WHY}, "Not a valid choice"),
        ({"reason": "out_of_scope", "note": ""}, "Please answer this."),
        ({"reason": "out_of_scope", "note": "No."}, "10 to 2000 characters"),
    ],
)
def test_a_refusal_without_its_reason_goes_nowhere(
    db: Any, submission: Submission, browser: FlaskClient, values: dict[str, str], sentence: str
) -> None:
    answer = browser.post(address(submission, "decline"), data=seen(submission, **values))
    assert answer.status_code == 422
    assert sentence in answer.text
    db.refresh(submission)
    assert submission.state is State.SUBMITTED


def test_the_second_of_two_editors_is_told(
    db: Any, submission: Submission, browser: FlaskClient, make: Factory, sign_in: Any
) -> None:
    form = seen(submission, reason="out_of_scope", note=WHY)
    assert browser.post(address(submission, "decline"), data=form).status_code == 302
    second = sign_in(make.editor()).post(address(submission, "decline"), data=form)
    assert second.status_code == 409


def test_an_old_page_decides_nothing(db: Any, submission: Submission, browser: FlaskClient) -> None:
    form = seen(submission, reason="out_of_scope", note=WHY)
    submission.title = "Somebody changed it meanwhile"
    db.flush()
    answer = browser.post(address(submission, "decline"), data=form)
    assert answer.status_code == 409
    assert "changed this" in answer.text
    db.refresh(submission)
    assert submission.state is State.SUBMITTED


def test_a_reason_that_has_to_be_given_is_not_called_optional(
    db: Any, make: Factory, browser: FlaskClient
) -> None:
    refused = make.submission(state=State.REJECTED)
    page = browser.get(address(refused, "rescreen"))
    assert "Kept in the history." in page.text
    assert "(optional)" not in page.text
    answer = browser.post(address(refused, "rescreen"), data=seen(refused))
    assert answer.status_code == 422
    assert "Please answer this." in answer.text
    withdrawn = make.submission(state=State.WITHDRAWN)
    assert "(optional)" in browser.get(address(withdrawn, "revive")).text


@pytest.mark.parametrize("verb", ["decline", "rescreen", "refile", "revive"])
def test_following_an_address_changes_nothing(
    db: Any, make: Factory, browser: FlaskClient, verb: str
) -> None:
    state = {"rescreen": State.REJECTED, "revive": State.WITHDRAWN}.get(verb, State.SUBMITTED)
    submission = make.submission(state=state)
    before = submission.version
    assert browser.get(address(submission, verb)).status_code == 200
    assert browser.head(address(submission, verb)).status_code == 200
    db.refresh(submission)
    assert (submission.version, submission.state) == (before, state)


@pytest.mark.parametrize("verb", ["decline", "refile", "rescreen"])
def test_an_editors_step_is_not_for_the_submitter_even_one_who_edits(
    db: Any, clock: Any, make: Factory, sign_in: Any, client: FlaskClient, editor: Person,
    key_of: Any, verb: str,
) -> None:  # fmt: skip
    state = State.REJECTED if verb == "rescreen" else State.SUBMITTED
    make.editor("Otto Other")
    submission = make.submission(submitter_id=editor.id, state=state)
    form = seen(submission, reason="out_of_scope", note=WHY)
    for answer in (
        sign_in(editor).get(address(submission, verb)),
        sign_in(editor).post(address(submission, verb), data=form),
        client.post(f"{address(submission, verb)}?key={key_of(submission)}", data=form),
    ):
        assert answer.status_code == 403
    assert client.post(address(submission, verb), data=form).status_code == 404
    assert sign_in(make.person()).get(address(submission, verb)).status_code == 404
    db.refresh(submission)
    assert submission.state is state


@pytest.mark.parametrize("verb", ["decline", "rescreen", "revive", "revise", "confirm"])
def test_a_step_that_is_not_open_says_so(
    db: Any, make: Factory, sign_in: Any, clock: Any, verb: str
) -> None:
    person = make.person() if verb in {"revise", "confirm"} else make.editor()
    submitter = {"submitter_id": person.id} if verb in {"revise", "confirm"} else {}
    submission = make.submission(state=State.PUBLISHED, **submitter)
    answer = sign_in(person).post(address(submission, verb), data=seen(submission, note=WHY))
    assert answer.status_code == (302 if verb == "confirm" else 409)
    db.refresh(submission)
    assert submission.state is State.PUBLISHED


# -- refile --


def filled_in(submission: Submission, **values: Any) -> dict[str, Any]:
    """The page of corrections as it is opened, but for these values."""
    return {name: value for name, value in _as_refiling(submission).items()
            if value not in (None, False, "", ())} | values  # fmt: skip


def test_the_record_is_corrected(db: Any, submission: Submission, browser: FlaskClient) -> None:
    page = browser.get(address(submission, "refile"))
    assert submission.title in page.text
    form = filled_in(submission, title="A better title", main_topic="20", topics=["14"])
    done = browser.post(address(submission, "refile"), data=form)
    assert done.location == f"/desk/submissions/{submission.ref}"
    db.refresh(submission)
    assert submission.title == "A better title"
    assert refiling_of(submission).answers.topics == ("20", "14")
    assert submission.why_useful.startswith("It is the only handbook")


def test_saving_the_page_as_it_was_opened_changes_nothing(
    db: Any, submission: Submission, browser: FlaskClient
) -> None:
    before = refiling_of(submission)
    done = browser.post(address(submission, "refile"), data=filled_in(submission))
    assert done.status_code == 302
    assert "Nothing was different" in browser.get("/suggestions").text
    db.refresh(submission)
    assert refiling_of(submission) == before


def test_corrections_on_an_old_page_are_refused(
    db: Any, submission: Submission, browser: FlaskClient
) -> None:
    form = filled_in(submission, title="By the second")
    browser.post(address(submission, "refile"), data=filled_in(submission, title="By the first"))
    assert browser.post(address(submission, "refile"), data=form).status_code == 409
    db.refresh(submission)
    assert submission.title == "By the first"


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "9" * 30, "²"])
def test_a_version_that_was_tampered_with_is_an_old_one(
    submission: Submission, browser: FlaskClient, version: str
) -> None:
    form = filled_in(submission, version=version)
    assert browser.post(address(submission, "refile"), data=form).status_code == 409


def test_a_wrong_correction_is_named_and_the_others_are_kept(
    db: Any, submission: Submission, browser: FlaskClient
) -> None:
    form = filled_in(submission, title="Four", publisher="Institute of Crossings")
    answer = browser.post(address(submission, "refile"), data=form)
    assert answer.status_code == 422
    assert "Institute of Crossings" in answer.text
    assert "5 to 300 characters" in answer.text


def test_the_page_says_what_is_still_needed_before_review(
    db: Any, make: Factory, browser: FlaskClient
) -> None:
    submission = make.submission(scope=None, licence=None)
    page = browser.get(address(submission, "refile")).text
    assert "Needed before reviewers are asked" in page
    assert "the geographic scope" in page
    assert "the permission to list it" in page


# -- revive --


def test_a_submitter_takes_it_up_again_by_link(
    db: Any, submission: Submission, client: FlaskClient, key_of: Any, by_link: Any
) -> None:
    moves.withdraw(submission, by=by_link(submission))
    key = key_of(submission)
    done = client.post(f"{address(submission, 'revive')}?key={key}", data=seen(submission, note=""))
    assert done.location == f"/submissions/{submission.ref}?key={key}"
    db.refresh(submission)
    assert submission.state is State.SUBMITTED


def test_too_late_a_revival_says_what_to_do(
    db: Any, clock: Any, submission: Submission, browser: FlaskClient, by_link: Any
) -> None:
    moves.withdraw(submission, by=by_link(submission))
    db.flush()
    clock.advance(days=91)
    answer = browser.post(address(submission, "revive"), data=seen(submission))
    assert answer.status_code == 409
    assert "suggest it anew" in answer.text


def test_what_stands_in_the_way_of_a_revival_is_said_on_the_page(
    db: Any, make: Factory, submission: Submission, browser: FlaskClient, by_link: Any
) -> None:
    moves.withdraw(submission, by=by_link(submission))
    make.submission(url=submission.url, url_key=submission.url_key)
    answer = browser.post(address(submission, "revive"), data=seen(submission))
    assert answer.status_code == 422
    assert "already under review" in answer.text


# -- what came by mail --


def test_an_editor_enters_what_came_by_mail(
    db: Any, browser: FlaskClient, form: Any, mails: Any
) -> None:
    assert browser.get("/suggest/record_for").status_code == 200
    done = browser.post("/suggest/record_for", data=form(name="Gia Guest", note="A letter."))
    submission = db.scalars(sa.select(Submission)).one()
    assert done.location == f"/desk/submissions/{submission.ref}"
    assert ("submissions/record_for", "gia@guest.example") in mails()


def test_a_bad_entry_keeps_its_answers_and_leaves_nothing_behind(
    db: Any, browser: FlaskClient, form: Any, editor: Person
) -> None:
    for values in ({"title": "Four"}, {"email": editor.email}, {"published_on": "May 2024"}):
        answer = browser.post("/suggest/record_for", data=form(publisher="Crossings", **values))
        assert answer.status_code == 422
        assert "Crossings" in answer.text
    assert db.scalars(sa.select(Submission)).all() == []


def test_entering_for_others_is_for_editors(
    client: FlaskClient, make: Factory, sign_in: Any
) -> None:
    assert client.get("/suggest/record_for").status_code == 302
    assert sign_in(make.person()).get("/suggest/record_for").status_code == 403


def test_a_declined_one_can_be_followed_to_its_appeal(
    db: Any, submission: Submission, editor: Person, by: Any, client: FlaskClient, key_of: Any
) -> None:
    decline(submission, by=by(editor), reason="out_of_scope", note=WHY)
    page = client.get(f"/submissions/{submission.ref}?key={key_of(submission)}").text
    assert WHY in page
    assert "Ask for a second look" in page
