"""While the submitter is asked, reviewers' clocks wait; and no day is given twice."""

from datetime import timedelta

import pytest

from reviewhub.core import clock as core_clock
from reviewhub.reviews import operations, queries, tasks
from reviewhub.reviews.operations.pauses import clocks_to_set
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import operations as submissions
from tests.reviews.scene import Scene, accept, as_reviewer, send

DAYS = 14  # that the policy gives for an answer


def ask(scene, text="Which edition of the handbook is this?"):
    return submissions.ask(scene.submission, by=scene.by_editor, text=text)


def answer(scene, question):
    submissions.answer(scene.submission, question, by=scene.by_submitter, text="The second one.")


def beat(scene):
    """What the beat does for the clocks of this item."""
    scene.db.flush()
    for number in clocks_to_set(core_clock.now()):
        operations.set_clock(queries.get(number))
    for number in queries.due_assignments(core_clock.now()):
        operations.tick(queries.get(number))
    scene.db.flush()


def dates(panel):
    return [one.due_at for one in panel]


@pytest.mark.lasting
def test_a_reviews_date_moves_by_the_days_that_were_waited(scene, clock):
    panel = scene.panel()
    before = dates(panel)
    question = ask(scene)
    beat(scene)
    beat(scene)
    assert dates(panel) == [due + timedelta(days=DAYS) for due in before]
    assert {one.paused_from for one in panel} == {clock()}
    clock.advance(days=3)
    answer(scene, question)
    beat(scene)
    beat(scene)
    assert dates(panel) == [due + timedelta(days=3) for due in before]
    assert {one.paused_from for one in panel} == {None}


@pytest.mark.lasting
def test_without_an_answer_the_review_goes_on_after_its_date(scene, clock):
    panel = scene.panel()
    before = dates(panel)
    question = ask(scene)
    beat(scene)
    clock.advance(days=DAYS)
    beat(scene)
    assert dates(panel) == [due + timedelta(days=DAYS) for due in before]
    clock.advance(days=2)
    answer(scene, question)
    beat(scene)
    assert dates(panel) == [due + timedelta(days=DAYS) for due in before], "late answers move none"


@pytest.mark.lasting
def test_no_reminder_and_no_help_while_the_submitter_is_asked(scene, clock):
    panel = scene.panel()
    for one in panel[1:]:
        send(one)
    clock.advance(days=20)
    beat(scene)
    told = len(scene.sent_to("remind_review"))
    question = ask(scene)
    beat(scene)
    for _day in range(10):
        clock.advance(days=1)
        beat(scene)
    assert len(scene.sent_to("remind_review")) == told
    assert panel[0].relieved_at is None
    answer(scene, question)
    beat(scene)
    assert panel[0].due_at == clock() + timedelta(days=1), "a day is left, as before"
    assert len(scene.sent_to("remind_review")) == told, "the same rung is not told twice"
    clock.advance(days=2)
    beat(scene)
    assert len(scene.sent_to("remind_review")) == told + 1


def test_an_invitation_goes_on(scene, clock):
    first = scene.start()[0]
    answer_by = first.answer_by
    ask(scene)
    beat(scene)
    assert (first.answer_by, first.paused_from) == (answer_by, None)


@pytest.mark.lasting
def test_who_accepts_meanwhile_waits_for_the_days_that_are_left(scene, clock):
    first = scene.start()[0]
    question = ask(scene)
    clock.advance(days=4)
    accept(first)
    due_at = first.due_at
    beat(scene)
    assert first.due_at == due_at + timedelta(days=DAYS - 4)
    clock.advance(days=1)
    answer(scene, question)
    beat(scene)
    assert first.due_at == due_at + timedelta(days=1)


@pytest.mark.lasting
def test_a_question_that_came_and_went_without_a_clock_counts_all_the_same(scene, clock):
    panel = scene.panel()
    before = dates(panel)
    question = ask(scene)
    clock.advance(days=5)
    answer(scene, question)
    clock.advance(days=5)
    beat(scene)
    beat(scene)
    assert dates(panel) == [due + timedelta(days=5) for due in before]


@pytest.mark.lasting
def test_two_questions_one_after_the_other_both_count(scene, clock):
    panel = scene.panel()
    before = dates(panel)
    first = ask(scene)
    beat(scene)
    clock.advance(days=2)
    answer(scene, first)
    second = ask(scene, "And in which year did it come out?")
    beat(scene)
    clock.advance(days=3)
    answer(scene, second)
    beat(scene)
    assert dates(panel) == [due + timedelta(days=5) for due in before]


@pytest.mark.lasting
def test_an_extension_in_the_wait_is_kept(scene, clock):
    first, *_others = scene.panel()
    due_at = first.due_at
    question = ask(scene)
    beat(scene)
    operations.extend(first, by=as_reviewer(first), days=7)
    clock.advance(days=1)
    beat(scene)
    answer(scene, question)
    beat(scene)
    assert first.due_at == due_at + timedelta(days=8)


@pytest.mark.lasting
def test_a_review_can_be_sent_while_the_submitter_is_asked(scene, clock):
    panel = scene.panel()
    ask(scene)
    beat(scene)
    for one in panel:
        send(one)
    assert {one.state for one in panel} == {A.SUBMITTED}
    clock.advance(days=DAYS + 1)
    beat(scene)
    assert clocks_to_set(core_clock.now()) == []


@pytest.mark.lasting
def test_the_task_sets_the_clocks_before_it_moves_them(make, db, clock):
    scene = Scene(make, db)
    panel = scene.panel()
    clock.advance(days=22)
    ask(scene)
    db.commit()
    tasks.tick()
    assert scene.sent_to("remind_review") == [], "it waits from the moment of the question on"
    clock.advance(days=DAYS)
    tasks.tick()
    db.expire_all()
    assert {one.paused_from for one in panel} == {None}
    assert len(scene.sent_to("remind_review")) == len(panel), "the wait is over, and it is late"
