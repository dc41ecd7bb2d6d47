"""The submitter's answer that an editor enters from a mail; its correction; a reminder half way."""

from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.submissions import operations, tasks
from reviewhub.submissions.messages import Question, thread
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.owners import start_screening
from reviewhub.submissions.workflow import State
from tests.factories import Factory

Mails = Callable[[], list[tuple[str, str]]]
By = Callable[[Person], Actor]
DAY = date(2026, 3, 1)


@pytest.fixture
def waiting(db: Any, clock: Any, make: Factory, editor: Person) -> Submission:
    """Waits for the editor's first look."""
    submission = make.submission()
    start_screening(submission)
    return submission


@pytest.fixture
def question(waiting: Submission, editor: Person, by: By) -> Question:
    """What the editor asked."""
    return operations.ask(waiting, by=by(editor), text="Is there a newer edition?")


def enter(submission: Submission, question: Question, by: Actor, **changed: Any) -> None:
    """The editor enters the answer."""
    given = {"text": "Yes, since May.", "received_on": DAY}
    operations.record_answer(submission, question, by=by, **{**given, **changed})


def test_the_history_says_who_entered_it_for_whom_and_the_submitter_is_told(
    waiting: Submission, question: Question, editor: Person, by: By, mails: Mails, make: Factory
) -> None:
    enter(waiting, question, by(editor))
    submitter = make.session.get_one(Person, waiting.submitter_id)
    assert question.answer == "Yes, since May."
    event = history("submissions", waiting.id)[-1]
    assert (event.verb, event.actor_id) == ("record_answer", editor.id)
    assert event.data == {"number": 1, "person": submitter.id, "received_on": "2026-03-01"}
    assert mails()[1:] == [("submissions/record_answer", submitter.email)]


def test_the_submitter_puts_it_right_once_and_whoever_asked_is_told(
    waiting: Submission, question: Question, editor: Person, by: By, by_link: Any, mails: Mails
) -> None:
    enter(waiting, question, by(editor))
    own = by_link(waiting)
    assert thread(waiting, own).open is question
    answered_at = question.answered_at
    operations.answer(waiting, question, by=own, text="No, since June.")
    assert (question.answer, question.answered_at) == ("No, since June.", answered_at)
    assert history("submissions", waiting.id)[-1].verb == "correct_answer"
    assert mails()[-1] == ("submissions/answer", editor.email)
    assert thread(waiting, own).open is None
    with pytest.raises(WrongState):
        operations.answer(waiting, question, by=own, text="Or was it July?")


def test_what_was_answered_or_closed_is_not_entered(
    waiting: Submission, question: Question, editor: Person, by: By, by_link: Any
) -> None:
    with pytest.raises(InvalidInput):
        enter(waiting, question, by(editor), received_on=date(2026, 3, 9))
    operations.answer(waiting, question, by=by_link(waiting), text="Yes.")
    with pytest.raises(WrongState):
        enter(waiting, question, by(editor))


def test_nothing_is_entered_once_it_is_closed(
    waiting: Submission, question: Question, editor: Person, by: By
) -> None:
    waiting.state = State.WITHDRAWN
    with pytest.raises(WrongState):
        enter(waiting, question, by(editor))


def test_only_an_editor_without_a_stake_enters(
    waiting: Submission, question: Question, make: Factory, by: By, by_link: Any
) -> None:
    for who in (by_link(waiting), by(make.person())):
        with pytest.raises(NotAllowed):
            enter(waiting, question, who)


def test_the_submitter_is_reminded_once_half_way(
    waiting: Submission, question: Question, mails: Mails, clock: Any, db: Any
) -> None:
    db.commit()
    clock.advance(days=6)
    tasks.tick()
    assert [event for event, _to in mails()] == ["submissions/ask"]
    for _day in range(3):
        clock.advance(days=1)
        tasks.tick()
    assert [event for event, _to in mails()].count("submissions/remind_answer") == 1


def test_nobody_is_reminded_of_what_was_answered(
    waiting: Submission, question: Question, mails: Mails, clock: Any, by_link: Any, db: Any
) -> None:
    operations.answer(waiting, question, by=by_link(waiting), text="Yes.")
    db.commit()
    clock.advance(days=8)
    tasks.tick()
    assert "submissions/remind_answer" not in [event for event, _to in mails()]


@pytest.mark.lasting
def test_the_editor_enters_on_a_page_and_the_submitter_corrects_on_theirs(
    waiting: Submission, question: Question, editor: Person, sign_in: Any, make: Factory
) -> None:
    desk, own = sign_in(editor), sign_in(make.session.get_one(Person, waiting.submitter_id))
    address = f"/submissions/{waiting.ref}/record-answer"
    assert address in desk.get(f"/desk/submissions/{waiting.ref}").text
    refused = desk.post(address, data={"answer": "Yes.", "received_on": ""})
    assert refused.status_code == 422
    desk.post(address, data={"answer": "Yes, since May.", "received_on": "2026-03-01"})
    page = unescape(own.get(f"/submissions/{waiting.ref}").text)
    assert f"Entered by {editor.name} for" in page
    assert "received on 1 Mar 2026" in page
    assert "Put the answer right" in page
    form = own.get(f"/submissions/{waiting.ref}/answer").text
    assert "Yes, since May." in form
    own.post(f"/submissions/{waiting.ref}/answer", data={"number": "1", "answer": "No."})
    assert "put right by them on 2 Mar 2026" in unescape(
        desk.get(f"/desk/submissions/{waiting.ref}").text
    )
