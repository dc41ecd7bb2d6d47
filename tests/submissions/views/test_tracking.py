"""Following a suggestion, its files, the list of one's own, and the changed version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.submissions.attachments import attach
from reviewhub.submissions.models import Decision, DecisionKind, Submission, SubmissionFile
from reviewhub.submissions.workflow import State
from tests.factories import Factory

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def submission(db: Any, clock: Any, make: Factory) -> Submission:
    """Somebody's suggestion, waiting to be screened."""
    return make.submission(submitter_id=make.person("Sue Submitter").id)


def address(submission: Submission, verb: str = "") -> str:
    """A page about it."""
    return f"/submissions/{submission.ref}" + (f"/{verb}" if verb else "")


@contextmanager
def statements(db: Any) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    connection = db.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    yield seen
    sa.event.remove(connection, "before_cursor_execute", note)


# -- who sees it --


def test_the_submitter_follows_it_by_link_and_signed_in(
    submission: Submission, client: FlaskClient, sign_in: Any, db: Any, key_of: Any
) -> None:
    by_link = client.get(address(submission), query_string={"key": key_of(submission)})
    signed_in = sign_in(db.get_one(Person, submission.submitter_id)).get(address(submission))
    for page in (by_link, signed_in):
        assert page.status_code == 200
        assert submission.title in page.text
        assert "look whether it fits the library" in page.text


def test_to_others_it_does_not_exist(
    submission: Submission, client: FlaskClient, make: Factory, sign_in: Any, key_of: Any
) -> None:
    other = make.submission()
    pages = [
        client.get(address(submission)),
        client.get(address(submission), query_string={"key": key_of(other)}),
        client.get(address(submission), query_string={"key": "1.0000"}),
        sign_in(make.person()).get(address(submission)),
        sign_in(make.staff(Role.ROSTER_MANAGER)).get(address(submission)),
        client.get("/submissions/RH-2026-999999"),
    ]
    assert {page.status_code for page in pages} == {404}
    sentences = {page.text.partition("<main")[2].partition("</main>")[0] for page in pages[:3]}
    assert len(sentences) == 1  # nothing tells a number that is there from one that is not


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN, Role.AUDITOR])
def test_staff_look_at_it_on_the_desk(
    submission: Submission, make: Factory, sign_in: Any, role: Role
) -> None:
    page = sign_in(make.staff(role)).get(address(submission))
    assert (page.status_code, page.location) == (302, f"/desk/submissions/{submission.ref}")


def test_an_editor_follows_their_own_like_anybody_else(
    make: Factory, sign_in: Any, editor: Person, clock: Any
) -> None:
    page = sign_in(editor).get(address(make.submission(submitter_id=editor.id)))
    assert page.status_code == 200
    assert "/decline" not in page.text


def test_a_link_that_was_closed_opens_nothing(
    submission: Submission, client: FlaskClient, key_of: Any
) -> None:
    key = key_of(submission)
    links.revoke(Capability.SUBMISSION, submission.id)
    assert client.get(address(submission), query_string={"key": key}).status_code == 404


def test_a_page_behind_a_link_leaks_its_key_to_nobody(
    submission: Submission, client: FlaskClient, key_of: Any
) -> None:
    page = client.get(address(submission), query_string={"key": key_of(submission)})
    assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "no-cache" in page.headers["Cache-Control"]


# -- what it offers --


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.DRAFT, {"withdraw"}),
        (State.SUBMITTED, {"withdraw"}),
        (State.IN_REVIEW, {"withdraw"}),
        (State.REVIEWED, {"withdraw"}),
        (State.CHANGES_REQUESTED, {"withdraw", "revise"}),
        (State.APPROVED, {"withdraw"}),
        (State.REJECTED, {"appeal"}),
        (State.PUBLISHED, set()),
        (State.WITHDRAWN, {"revive"}),
    ],
)
def test_each_state_offers_what_can_be_done(
    db: Any, clock: Any, make: Factory, sign_in: Any, state: State, offered: set[str]
) -> None:
    person = make.person()
    submission = make.submission(state=state, submitter_id=person.id)
    page = sign_in(person).get(address(submission))
    verbs = {"withdraw", "revise", "appeal", "revive"}
    assert {verb for verb in verbs if f"{address(submission, verb)}" in page.text} == offered


def test_the_decision_is_told_with_its_reason_and_no_name(
    db: Any, submission: Submission, make: Factory, client: FlaskClient, key_of: Any
) -> None:
    editor = make.editor("Edna Editor")
    submission.state = State.REJECTED
    db.add(Decision(submission_id=submission.id, kind=DecisionKind.REJECTED, reason="outdated",
                    text="It is from 1950.", decided_by_id=editor.id))  # fmt: skip
    page = client.get(address(submission), query_string={"key": key_of(submission)}).text
    assert "It is from 1950." in page
    assert "Not included, on 2 Mar 2026" in page
    assert "Edna" not in page


def test_what_a_submitter_wrote_is_shown_as_text(
    db: Any, submission: Submission, client: FlaskClient, key_of: Any
) -> None:
    submission.title = "<script>alert(1)</script> & co"
    submission.description = "<img src=x onerror=alert(1)>"
    page = client.get(address(submission), query_string={"key": key_of(submission)}).text
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


# -- files --


@pytest.fixture
def file(db: Any, submission: Submission) -> SubmissionFile:
    """A file that came with it."""
    return attach(submission, 'Report "final"\nü.pdf', PDF)


def test_a_file_is_handed_out_as_a_download_and_nothing_else(
    submission: Submission, file: SubmissionFile, client: FlaskClient, key_of: Any
) -> None:
    answer = client.get(
        address(submission, f"files/{file.id}"), query_string={"key": key_of(submission)}
    )
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    answer.close()


def test_a_file_is_for_those_who_may_see_its_suggestion(
    submission: Submission, file: SubmissionFile, client: FlaskClient, make: Factory,
    sign_in: Any, editor: Person,
) -> None:  # fmt: skip
    where = address(submission, f"files/{file.id}")
    other = make.submission()
    assert client.get(where).status_code == 404
    assert sign_in(make.person()).get(where).status_code == 404
    with sign_in(editor).get(where) as answer:
        assert answer.status_code == 200
    assert sign_in(editor).get(address(other, f"files/{file.id}")).status_code == 404


# -- the changed version --


@pytest.fixture
def returned(db: Any, clock: Any, make: Factory, editor: Person) -> Submission:
    """A suggestion that changes were asked of."""
    submission = make.submission(
        state=State.CHANGES_REQUESTED, changes_wanted="Say who made it.", url_key="a.example/x",
        url="https://a.example/x",
    )  # fmt: skip
    submission.progress.editor_id = editor.id
    return submission


def changed(form: Callable[..., dict[str, Any]], **values: Any) -> dict[str, Any]:
    """The form of the changed version."""
    return form(url="https://a.example/x", note="I named the maker.", **values)


def test_the_changed_version_is_sent_by_link(
    db: Any, returned: Submission, client: FlaskClient, key_of: Any, form: Any, mails: Any
) -> None:
    key = key_of(returned)
    page = client.get(address(returned, "revise"), query_string={"key": key}).text
    assert "Say who made it." in page
    assert returned.title in page
    done = client.post(f"{address(returned, 'revise')}?key={key}", data=changed(form))
    assert done.location == f"{address(returned)}?key={key}"
    db.refresh(returned)
    assert (returned.state, returned.round) == (State.SUBMITTED, 2)
    assert "submissions/revise" in [event for event, _address in mails()]


def test_a_refused_change_loses_nothing(
    db: Any, returned: Submission, client: FlaskClient, key_of: Any, form: Any
) -> None:
    key = key_of(returned)
    answer = client.post(
        f"{address(returned, 'revise')}?key={key}",
        data=changed(form, title="Four", publisher="Institute of Crossings"),
    )
    assert answer.status_code == 422
    for text in (answer.text, client.get(f"{address(returned, 'revise')}?key={key}").text):
        assert "Institute of Crossings" in text
        assert "I named the maker." in text
    db.refresh(returned)
    assert returned.state is State.CHANGES_REQUESTED
    assert returned.publisher == "Example Press"


def test_the_changed_version_saves_itself(
    db: Any, returned: Submission, client: FlaskClient, key_of: Any, form: Any
) -> None:
    key = key_of(returned)
    saved = client.post(
        f"/suggest/{returned.ref}/save?key={key}",
        data=changed(form, title="Half"),
        headers={"Accept": "application/json"},
    )
    assert saved.json["action"] == f"{address(returned, 'revise')}?key={key}"
    assert 'value="Half"' in client.get(saved.json["action"]).text


def test_nobody_else_changes_it(
    returned: Submission, client: FlaskClient, make: Factory, sign_in: Any, form: Any,
    editor: Person,
) -> None:  # fmt: skip
    for browser, status in ((client, 404), (sign_in(make.person()), 404), (sign_in(editor), 403)):
        assert browser.get(address(returned, "revise")).status_code == status
        answer = browser.post(address(returned, "revise"), data=changed(form))
        assert answer.status_code == status
        saved = browser.post(f"/suggest/{returned.ref}/save", data=changed(form))
        assert saved.status_code == status


def test_after_sending_there_is_nothing_to_change(
    submission: Submission, client: FlaskClient, key_of: Any, form: Any
) -> None:
    key = key_of(submission)
    assert client.get(f"{address(submission, 'revise')}?key={key}").status_code == 409
    answer = client.post(f"{address(submission, 'revise')}?key={key}", data=changed(form))
    assert answer.status_code == 409


# -- one's own --


def test_the_list_shows_ones_own_and_nobody_elses(
    db: Any, submission: Submission, make: Factory, sign_in: Any
) -> None:
    other = make.submission(title="Somebody else's find")
    page = sign_in(db.get_one(Person, submission.submitter_id)).get("/suggestions").text
    assert submission.title in page
    assert other.title not in page
    assert "Nothing suggested yet" in sign_in(make.person()).get("/suggestions").text


def test_the_list_needs_an_account(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/suggestions").location


def test_the_list_asks_the_database_the_same_for_one_row_and_three(
    db: Any, submission: Submission, make: Factory, sign_in: Any
) -> None:
    browser = sign_in(db.get_one(Person, submission.submitter_id))
    browser.get("/suggestions")  # the vocabularies are read once
    with statements(db) as for_one:
        browser.get("/suggestions")
    for _number in range(2):
        make.submission(submitter_id=submission.submitter_id, topics=["14", "20"])
    with statements(db) as for_three:
        browser.get("/suggestions")
    assert len(for_one) == len(for_three)


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "١٢", "%00"])
def test_a_page_of_the_list_that_is_not_there_breaks_nothing(
    db: Any, submission: Submission, sign_in: Any, after: str
) -> None:
    browser = sign_in(db.get_one(Person, submission.submitter_id))
    assert browser.get(f"/suggestions?after={after}").status_code == 200


def test_a_long_list_goes_on_at_the_next_page(db: Any, make: Factory, sign_in: Any) -> None:
    person = make.person()
    for number in range(21):
        make.submission(submitter_id=person.id, title=f"Find number {number:02}")
    browser = sign_in(person)
    first = browser.get("/suggestions").text
    assert "Find number 20" in first
    assert "Find number 00" not in first
    oldest = db.scalars(sa.select(Submission.id).order_by(Submission.id)).all()[1]
    assert f"after={oldest}" in first
    assert "Find number 00" in browser.get(f"/suggestions?after={oldest}").text
