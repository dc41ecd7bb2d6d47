"""A reviewer asks the submitter through the editor, and nobody is named on the way."""

import pytest

from reviewhub.accounts.models import Person
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations, tasks
from reviewhub.reviews.questions import asked, questions_of
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.messages import last_question
from tests.constraints import refused_by
from tests.reviews.scene import Scene, as_editor, as_reviewer, send

WORDS = "On how many interviews does the third part rest?"
ASKED = "How many interviews were made for the third part?"
ANSWER = "Forty-one, in two countries."


@pytest.fixture
def seat(scene):
    """A reviewer who is writing."""
    return scene.panel()[0]


@pytest.fixture
def question(seat):
    """What they ask."""
    return operations.raise_question(seat, by=as_reviewer(seat), text=WORDS)


def texts(scene, event):
    """What the mails of an event carry."""
    rows = scene.db.query(Message).filter_by(event=event).order_by(Message.id)
    return [row.context for row in rows]


def test_the_editor_is_told_and_the_submitter_is_not(scene, question):
    assert scene.sent_to("raise_question") == [scene.editor.email]
    assert last_question(scene.submission.id) is None
    assert question.waits_for_editor


def test_the_same_question_again_changes_nothing(scene, seat, question):
    again = operations.raise_question(seat, by=as_reviewer(seat), text=WORDS)
    assert again.id == question.id
    assert len(questions_of(scene.round.id)) == 1


def test_the_submitter_is_asked_by_the_editor_in_the_editors_words(scene, seat, question):
    operations.forward_question(question, by=scene.by_editor, text=ASKED)
    passed_on = last_question(scene.submission.id)
    assert (passed_on.text, passed_on.asked_by_id) == (ASKED, scene.editor.id)
    (mail,) = texts(scene, "submissions/ask")
    assert scene.db.get_one(Person, seat.person_id).name not in str(mail)
    assert WORDS not in str(mail)


@pytest.mark.lasting
def test_the_answer_reaches_the_whole_panel_by_itself(scene, seat, question, clock):
    operations.forward_question(question, by=scene.by_editor, text=ASKED)
    passed_on = last_question(scene.submission.id)
    submissions.answer(scene.submission, passed_on, by=scene.by_submitter, text=ANSWER)
    scene.db.commit()
    tasks.tick()
    tasks.tick()
    assert (question.reply, question.next_at) == (ANSWER, None)
    told = scene.sent_to("reply_to_question")
    assert sorted(told) == sorted(scene.of(one) for one in scene.round.assignments)
    for one in scene.round.assignments:
        assert [found.shown for found in asked(one).answered] == [ASKED]
        assert bool(asked(one).own) == (one.id == seat.id)


def test_no_mail_to_the_panel_names_who_asked(scene, seat, question):
    operations.reply_to_question(question, by=scene.by_editor, text=ANSWER)
    name = scene.db.get_one(Person, seat.person_id).shown_name
    for mail in texts(scene, "reviews/reply_to_question"):
        assert mail["name"] == name or name not in str(mail)


@pytest.mark.lasting
def test_where_the_submitter_is_hidden_the_editor_passes_the_answer_on(make, db, clock):
    scene = Scene(make, db, anonymity="double")
    seat = scene.panel()[0]
    question = operations.raise_question(seat, by=as_reviewer(seat), text=WORDS)
    operations.forward_question(question, by=scene.by_editor, text=ASKED)
    passed_on = last_question(scene.submission.id)
    submissions.answer(scene.submission, passed_on, by=scene.by_submitter, text=ANSWER)
    assert not operations.pass_back(question)
    assert question.waits_for_editor
    assert asked(seat).answered == []
    operations.reply_to_question(question, by=scene.by_editor, text="Forty-one.")
    assert [one.reply for one in asked(seat).answered] == ["Forty-one."]


def test_an_answered_question_is_not_answered_twice(scene, question):
    operations.reply_to_question(question, by=scene.by_editor, text=ANSWER)
    with pytest.raises(WrongState):
        operations.reply_to_question(question, by=scene.by_editor, text="Something else.")
    with pytest.raises(WrongState):
        operations.forward_question(question, by=scene.by_editor, text=ASKED)


def test_a_question_is_passed_on_once(scene, question):
    operations.forward_question(question, by=scene.by_editor, text=ASKED)
    with pytest.raises(WrongState, match="passed on already"):
        operations.forward_question(question, by=scene.by_editor, text=ASKED)


def test_only_the_reviewer_asks_and_only_an_editor_without_a_part_answers(scene, seat, question):
    other = scene.round.assignments[1]
    with pytest.raises(NotAllowed):
        operations.raise_question(seat, by=as_reviewer(other), text=WORDS + " And where?")
    reviewing = as_editor(scene.db.get_one(Person, other.person_id))
    for do in (operations.forward_question, operations.reply_to_question):
        with pytest.raises(NotAllowed):
            do(question, by=reviewing, text=ASKED)
        with pytest.raises(NotAllowed):
            do(question, by=scene.by_submitter, text=ASKED)


def test_too_short_too_many_and_too_late(scene, seat, question):
    with pytest.raises(InvalidInput) as caught:
        operations.raise_question(seat, by=as_reviewer(seat), text="Why?")
    assert caught.value.field == "question"
    for number in (2, 3):
        operations.raise_question(seat, by=as_reviewer(seat), text=f"{WORDS} ({number})")
    with pytest.raises(WrongState, match="wait"):
        operations.raise_question(seat, by=as_reviewer(seat), text=f"{WORDS} (4)")
    send(seat)
    with pytest.raises(WrongState):
        operations.raise_question(seat, by=as_reviewer(seat), text=f"{WORDS} (5)")


@pytest.mark.lasting
def test_the_editor_is_called_on_a_few_times(scene, question, clock):
    scene.db.commit()
    tasks.tick()
    assert scene.sent_to("remind_question") == []
    clock.advance(days=3)
    tasks.tick()
    tasks.tick()
    assert scene.sent_to("remind_question") == [scene.editor.email]
    for _call in range(5):
        clock.advance(days=7)
        tasks.tick()
    assert len(scene.sent_to("remind_question")) == 3
    assert question.next_at is None


def test_the_rows_hold_what_the_operations_promise(db, scene, seat, question):
    def row(**values):
        given = {"assignment_id": seat.id, "round_id": scene.round.id, "number": 9, "text": WORDS}
        db.add(type(question)(**{**given, **values}))

    with refused_by(db, "uq_reviewer_questions_number"):
        row(number=question.number)
    with refused_by(db, "ck_reviewer_questions_text_given"):
        row(text="")
    with refused_by(db, "ck_reviewer_questions_reply_has_time"):
        row(reply="A reply without its time.")
    with refused_by(db, "ck_reviewer_questions_replied_waits_no_more"):
        row(reply="Done.", replied_at=question.asked_at, next_at=question.asked_at)
