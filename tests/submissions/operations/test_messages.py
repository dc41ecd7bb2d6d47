"""A question to the submitter: asked once, answered once, and the editor's date waits for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.actor import NOBODY, Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.submissions import operations
from reviewhub.submissions.messages import Question, last_question, thread
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.clocks import screening_waits
from reviewhub.submissions.operations.owners import start_screening
from reviewhub.submissions.progress import wait_for
from reviewhub.submissions.queries import screening_overdue
from reviewhub.submissions.workflow import OPEN, State
from tests.constraints import refused_by
from tests.factories import Factory

Mails = Callable[[], list[tuple[str, str]]]
By = Callable[[Person], Actor]
ASKED = "Is there a newer edition of this handbook?"


@pytest.fixture
def waiting(db: Any, clock: Any, make: Factory, editor: Person) -> Submission:
    """Waits for the editor's first look."""
    submission = make.submission()
    start_screening(submission)
    return submission


def ask(submission: Submission, by: Actor, text: str = ASKED) -> Question:
    return operations.ask(submission, by=by, text=text)


def test_the_submitter_is_mailed_and_the_answer_comes_back_to_who_asked(
    waiting: Submission, editor: Person, by: By, by_link: Any, mails: Mails, make: Factory
) -> None:
    other = make.editor()
    question = ask(waiting, by(other))
    submitter = make.session.get_one(Person, waiting.submitter_id)
    assert mails() == [("submissions/ask", submitter.email)]
    operations.answer(waiting, question, by=by_link(waiting), text=" Yes,\r\nsince May. ")
    assert mails()[1:] == [("submissions/answer", other.email)]
    assert (question.answer, waiting.state) == ("Yes,\nsince May.", State.SUBMITTED)
    events = [(e.verb, e.role, e.actor_id, e.data) for e in history("submissions", waiting.id)]
    assert events == [
        ("ask", "editor", other.id, {"number": 1}),
        ("answer", "submitter", waiting.submitter_id, {"number": 1}),
    ]


@pytest.mark.parametrize("state", sorted(OPEN))
def test_it_may_be_asked_until_the_item_is_closed(
    make: Factory, editor: Person, by: By, by_link: Any, state: State
) -> None:
    submission = make.submission(state=state)
    question = ask(submission, by(editor))
    operations.answer(submission, question, by=by_link(submission), text="Yes.")
    assert submission.state is state


@pytest.mark.parametrize("state", sorted(set(State) - OPEN))
def test_nothing_is_asked_or_answered_once_it_is_closed(
    make: Factory, editor: Person, by: By, by_link: Any, state: State
) -> None:
    submission = make.submission(reviewed_at=core_clock.now())
    question = ask(submission, by(editor))
    submission.state = state
    with pytest.raises(WrongState):
        ask(submission, by(editor), "Something else about it?")
    with pytest.raises(WrongState):
        operations.answer(submission, question, by=by_link(submission), text="Yes.")


def test_only_an_editor_without_a_stake_asks_and_only_the_submitter_answers(
    waiting: Submission, editor: Person, by: By, by_link: Any, make: Factory
) -> None:
    submitter = make.session.get_one(Person, waiting.submitter_id)
    for actor in (by(submitter), by_link(waiting), by(make.person()), NOBODY):
        with pytest.raises(NotAllowed):
            ask(waiting, actor)
    question = ask(waiting, by(editor))
    for actor in (by(editor), by(make.person()), NOBODY, by_link(make.submission())):
        with pytest.raises(NotAllowed):
            operations.answer(waiting, question, by=actor, text="Yes.")


def test_a_second_click_changes_nothing(
    waiting: Submission, editor: Person, by: By, by_link: Any, mails: Mails
) -> None:
    question = ask(waiting, by(editor))
    assert ask(waiting, by(editor)) is question
    for _time in range(2):
        operations.answer(waiting, question, by=by_link(waiting), text="Yes.")
    assert len(mails()) == 2
    with pytest.raises(WrongState):
        operations.answer(waiting, question, by=by_link(waiting), text="No.")


def test_one_question_waits_at_a_time(
    waiting: Submission, editor: Person, by: By, by_link: Any, make: Factory
) -> None:
    first = ask(waiting, by(editor))
    for who, text in ((editor, "Something else?"), (make.editor(), ASKED)):
        with pytest.raises(WrongState):
            ask(waiting, by(who), text)
    operations.answer(waiting, first, by=by_link(waiting), text="Yes.")
    assert ask(waiting, by(editor)).number == 2  # the same words, but a new question


@pytest.mark.parametrize("text", ["", " \n ", "Why?", "x" * 2001])
def test_a_question_has_bounds(waiting: Submission, editor: Person, by: By, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(waiting, by(editor), text)
    assert refused.value.field == "question"


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5001])
def test_an_answer_has_bounds(
    waiting: Submission, editor: Person, by: By, by_link: Any, text: str
) -> None:
    question = ask(waiting, by(editor))
    with pytest.raises(InvalidInput) as refused:
        operations.answer(waiting, question, by=by_link(waiting), text=text)
    assert refused.value.field == "answer"


# -- the clock --


def test_the_editors_date_moves_by_the_days_that_were_waited(
    waiting: Submission, editor: Person, by: By, by_link: Any, clock: Any
) -> None:
    due_at = waiting.progress.due_at
    assert due_at is not None
    question = ask(waiting, by(editor))
    assert waiting.progress.due_at == due_at + timedelta(days=14)
    clock.advance(days=3, hours=2)
    operations.answer(waiting, question, by=by_link(waiting), text="Yes.")
    assert waiting.progress.due_at == due_at + timedelta(days=3, hours=2)


def test_nobody_is_reminded_of_the_screening_while_the_submitter_is_asked(
    waiting: Submission, editor: Person, by: By, clock: Any
) -> None:
    ask(waiting, by(editor))
    clock.advance(days=13)
    assert screening_overdue(core_clock.now(), waits=screening_waits()) == []
    clock.advance(days=15)
    assert screening_overdue(core_clock.now(), waits=screening_waits()) == [waiting.id]


def test_without_an_answer_the_item_goes_on_and_a_late_one_is_still_taken(
    waiting: Submission, editor: Person, by: By, by_link: Any, clock: Any, mails: Mails
) -> None:
    due_at = waiting.progress.due_at
    assert due_at is not None
    question = ask(waiting, by(editor))
    clock.advance(days=20)
    assert not question.is_waited_for
    operations.answer(waiting, question, by=by_link(waiting), text="Sorry, yes.")
    assert waiting.progress.due_at == due_at + timedelta(days=14)
    assert len(mails()) == 2


def test_a_date_that_was_set_anew_meanwhile_stays(
    waiting: Submission, editor: Person, by: By, by_link: Any, clock: Any
) -> None:
    question = ask(waiting, by(editor))
    anew = clock.moment + timedelta(days=40)
    wait_for(waiting, editor.id, anew)
    operations.answer(waiting, question, by=by_link(waiting), text="Yes.")
    assert waiting.progress.due_at == anew


def test_the_panels_date_moves_as_well(make: Factory, editor: Person, by: By, clock: Any) -> None:
    submission = make.submission(state=State.IN_REVIEW)
    wait_for(submission, editor.id, clock.moment + timedelta(days=5))
    ask(submission, by(editor))
    assert submission.progress.due_at == clock.moment + timedelta(days=19)


def test_the_submitters_date_and_that_of_publication_do_not_move(
    make: Factory, editor: Person, by: By, clock: Any
) -> None:
    due_at = clock.moment + timedelta(days=5)
    for state in (State.CHANGES_REQUESTED, State.APPROVED):
        submission = make.submission(state=state)
        wait_for(submission, editor.id, due_at)
        ask(submission, by(editor))
        assert submission.progress.due_at == due_at


# -- who reads it --


def test_the_thread_is_for_the_submitter_and_the_desk(
    waiting: Submission, editor: Person, by: By, by_link: Any, make: Factory
) -> None:
    question = ask(waiting, by(editor))
    mine = thread(waiting, by_link(waiting))
    assert (mine.questions, mine.open, mine.may_ask) == ([question], question, False)
    theirs = thread(waiting, by(editor))
    assert (theirs.questions, theirs.open, theirs.may_ask) == ([question], None, False)
    assert theirs.waited_for is question
    assert thread(waiting, by(make.person())).questions == ()
    operations.answer(waiting, question, by=by_link(waiting), text="Yes.")
    assert thread(waiting, by(editor)).may_ask
    assert thread(waiting, by_link(waiting)).open is None


def test_the_rows_hold_their_rules(
    waiting: Submission, editor: Person, by: By, db: scoped_session[Session]
) -> None:
    ask(waiting, by(editor))
    now = core_clock.now()
    values = {
        "submission_id": waiting.id, "number": 2, "text": "Well?", "asked_by_id": editor.id,
        "asked_at": now, "answer_by": now + timedelta(days=1), "answer": "",
    }  # fmt: skip
    for rule, broken in {
        "uq_submission_questions_number": {"number": 1},
        "ck_submission_questions_text_given": {"text": ""},
        "ck_submission_questions_answer_has_time": {"answer": "Yes."},
        "ck_submission_questions_time_to_answer": {"answer_by": now},
        "ck_submission_questions_date_moved_whole": {"due_before": now},
    }.items():
        with refused_by(db, rule):
            db.add(Question(**values | broken))
    last = last_question(waiting.id)
    assert last is not None
    assert last.number == 1
