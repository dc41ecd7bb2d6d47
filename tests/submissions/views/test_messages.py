"""The pages of a question and its answer, from both sides."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.library.link_checks import LinkCheck, Verdict
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.submissions import operations
from reviewhub.submissions.messages import last_question
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.factories import Factory

ASKED = "Is there a newer <b>edition</b>?\nOr an older one?"
Key = Callable[[Submission], str]
By = Callable[[Person], Actor]


def test_an_editor_asks_and_the_submitter_answers_by_the_mailed_link(
    sign_in: Any, client: FlaskClient, make: Factory, editor: Person, key_of: Key, db: Any
) -> None:
    submission, desk = make.submission(), sign_in(editor)
    assert "as “an editor”" not in desk.get(f"/submissions/{submission.ref}/ask").text
    answer = desk.post(f"/submissions/{submission.ref}/ask", data={"question": ASKED})
    assert answer.headers["Location"] == f"/desk/submissions/{submission.ref}"
    mail = render(db.query(Message).one()).get_body(("plain",)).get_content()
    assert "Is there a newer <b>edition</b>?" in mail
    assert f"/submissions/{submission.ref}/answer?key=" in mail
    assert editor.name not in mail
    key = key_of(submission)
    page = client.get(f"/submissions/{submission.ref}/answer?key={key}").text
    assert "Is there a newer &lt;b&gt;edition&lt;/b&gt;?" in page
    assert editor.name not in page
    assert last_question(submission.id).answered_at is None
    sent = client.post(
        f"/submissions/{submission.ref}/answer",
        data={"key": key, "answer": "Since May.", "number": "1"},
    )
    assert sent.headers["Location"] == f"/submissions/{submission.ref}?key={key}"
    shown = client.get(sent.headers["Location"]).text
    assert "Since May." in shown
    assert "An editor" in shown
    assert editor.name not in shown


def test_a_second_click_leads_to_the_same_page(
    sign_in: Any, client: FlaskClient, make: Factory, editor: Person, key_of: Key, mails: Any
) -> None:
    submission, desk = make.submission(), sign_in(editor)
    key = key_of(submission)
    for _time in range(2):
        sent = desk.post(f"/submissions/{submission.ref}/ask", data={"question": ASKED})
        assert sent.status_code == 302
    for _time in range(2):
        data = {"key": key, "answer": "Since May.", "number": "1"}
        sent = client.post(f"/submissions/{submission.ref}/answer", data=data)
        assert sent.status_code == 302
    assert len(mails()) == 2
    data["answer"] = "Something else"
    again = client.post(f"/submissions/{submission.ref}/answer", data=data)
    assert again.status_code == 409


def test_what_can_not_be_sent_is_said_beside_it(
    sign_in: Any, client: FlaskClient, make: Factory, editor: Person, key_of: Key, by: By
) -> None:
    submission, desk = make.submission(), sign_in(editor)
    short = desk.post(f"/submissions/{submission.ref}/ask", data={"question": "Why?"})
    assert short.status_code == 422
    assert "Why?" in short.text
    operations.ask(submission, by=by(editor), text=ASKED)
    empty = client.post(
        f"/submissions/{submission.ref}/answer", data={"key": key_of(submission), "number": "1"}
    )
    assert (empty.status_code, last_question(submission.id).answered_at) == (422, None)


def test_without_a_question_the_page_of_the_answer_leads_on(
    client: FlaskClient, make: Factory, key_of: Key
) -> None:
    submission = make.submission()
    key = key_of(submission)
    went = client.get(f"/submissions/{submission.ref}/answer?key={key}")
    assert went.headers["Location"] == f"/submissions/{submission.ref}?key={key}"
    for number in ("", "7", "x", "9" * 30):
        data = {"key": key, "number": number, "answer": "Yes."}
        late = client.post(f"/submissions/{submission.ref}/answer", data=data)
        assert late.status_code in {404, 409}


@pytest.mark.parametrize("state", [State.PUBLISHED, State.REJECTED, State.WITHDRAWN])
def test_a_closed_item_is_not_asked_about(
    sign_in: Any, make: Factory, editor: Person, state: State
) -> None:
    submission = make.submission(state=state)
    page = sign_in(editor).get(f"/submissions/{submission.ref}/ask")
    assert page.status_code == 409


def test_an_onlooker_asks_nothing(sign_in: Any, make: Factory) -> None:
    submission = make.submission()
    for role in (Role.ADMIN, Role.AUDITOR):
        page = sign_in(make.staff(role)).get(f"/submissions/{submission.ref}/ask")
        assert page.status_code == 403
    assert sign_in(make.person()).get(f"/submissions/{submission.ref}/ask").status_code == 404


def test_the_answer_is_mailed_to_who_asked_with_the_way_to_the_item(
    make: Factory, editor: Person, by: By, by_link: Any, db: Any
) -> None:
    submission = make.submission()
    question = operations.ask(submission, by=by(editor), text=ASKED)
    operations.answer(submission, question, by=by_link(submission), text="Since May.")
    db.flush()
    message = db.query(Message).filter(Message.event == "submissions/answer").one()
    mail = render(message).get_body(("plain",)).get_content()
    assert "Since May." in mail
    assert f"/desk/submissions/{submission.ref}" in mail
    assert message.address == editor.email


def test_the_items_page_shows_the_thread_with_names_and_the_way_to_ask(
    sign_in: Any, make: Factory, editor: Person, by: By, by_link: Any
) -> None:
    submission, desk = make.submission(), sign_in(make.editor())
    where = f"/desk/submissions/{submission.ref}"
    ask_here = f"/submissions/{submission.ref}/ask"
    assert ask_here in desk.get(where).text
    question = operations.ask(submission, by=by(editor), text=ASKED)
    page = desk.get(where).text
    assert "Is there a newer &lt;b&gt;edition&lt;/b&gt;?" in page
    assert editor.name in page
    assert "Waits for an answer until" in page
    assert ask_here not in page
    operations.answer(submission, question, by=by_link(submission), text="Since May.")
    assert "Since May." in desk.get(where).text


def test_the_items_page_says_that_its_link_leads_nowhere(
    sign_in: Any, make: Factory, db: Any
) -> None:
    submission, desk = make.submission(), sign_in(make.editor())
    now = clock.now()
    check = LinkCheck(
        submission_id=submission.id, url=submission.url, host="library.example", next_at=now,
        verdict=Verdict.GONE, status=404, checked_at=now, failing_since=now, failures=2,
        is_dead=True,
    )  # fmt: skip
    db.add(check)
    page = desk.get(f"/desk/submissions/{submission.ref}").text
    assert "The link is gone, as of" in page
    assert "2 looks since" in page
    check.verdict, check.failures, check.moved_to = Verdict.MOVED, 0, "https://new.example/"
    assert "https://new.example/" in desk.get(f"/desk/submissions/{submission.ref}").text
