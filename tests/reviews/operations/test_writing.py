"""Writing a review, and what lateness does."""

import pytest

from reviewhub.audit.queries import history
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.models import PanelResult
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, answers, as_reviewer, send


def test_a_draft_review_survives_a_refused_submit(scene, db):
    first = scene.panel()[0]
    half = answers(comment_to_submitter="Too short.")
    operations.save(first, answers=half)
    db.flush()
    with pytest.raises(InvalidInput) as caught, db.begin_nested():
        operations.submit(first, by=as_reviewer(first), answers=half)
    assert caught.value.field == "comment_to_submitter"
    assert first.state is A.ACCEPTED
    assert first.review.draft["comment_to_submitter"] == "Too short."
    assert first.review.submitted_at is None


@pytest.mark.lasting
@pytest.mark.parametrize(
    "missing", ["recommendation", "gate_in_scope", "score_relevance", "comment_to_submitter"]
)
def test_a_review_without_a_required_answer_is_refused_beside_the_question(scene, missing):
    first = scene.panel()[0]
    with pytest.raises(InvalidInput) as caught:
        send(first, **{missing: ""})
    assert caught.value.field == missing


@pytest.mark.lasting
def test_cannot_judge_fills_no_seat(scene):
    panel = scene.panel()
    for one in panel[1:]:
        send(one)
    operations.submit(
        panel[0], by=as_reviewer(panel[0]), answers={"recommendation": "cannot_judge"}
    )
    assert panel[0].state is A.UNFILLED
    assert panel[0].review.recommendation == "cannot_judge"
    assert scene.submission.state is State.IN_REVIEW
    (next_one,) = scene.fill()
    assert next_one.slot is panel[0].slot
    accept(next_one)
    send(next_one)
    assert scene.submission.state is State.APPROVED


@pytest.mark.lasting
def test_a_review_is_sent_once(scene):
    first = scene.panel()[0]
    send(first)
    with pytest.raises(WrongState):
        send(first)


@pytest.mark.lasting
def test_a_returned_review_counts_again_when_it_comes_back(scene, clock, db):
    first, *others = scene.panel()
    send(first)
    operations.return_(first, by=scene.by_editor, note="Which chapter do you mean?")
    assert scene.submission.progress.reviews_received == 0
    assert first.review.draft["score_relevance"] == "2", "what was written is there to be changed"
    for one in others:
        send(one)
    assert scene.submission.state is State.IN_REVIEW
    send(first)
    assert scene.submission.state is State.APPROVED


@pytest.mark.lasting
def test_a_returned_review_that_stays_away_is_reminded_and_gets_somebody_beside_it(
    scene, clock, db
):
    first, *others = scene.panel()
    for one in [first, others[0]]:
        send(one)
    operations.return_(first, by=scene.by_editor, note="Which chapter do you mean?")
    scene.tick(clock, days=22)
    assert scene.of(first) in scene.sent_to("remind_review")
    scene.tick(clock, days=14)
    assert first.slot in {one.slot for one in scene.fill()}


@pytest.mark.lasting
def test_a_late_reviewer_gets_somebody_beside_them_and_the_first_review_counts(scene, clock, db):
    late, *others = scene.panel()
    for one in others:
        send(one)
    scene.tick(clock, days=27)
    assert scene.fill() == [], "six days late is not seven"
    scene.tick(clock, days=1)
    assert late.relieved_at == clock()
    (beside,) = scene.fill()
    assert beside.slot is late.slot
    accept(beside)
    send(beside)
    assert scene.submission.state is State.APPROVED
    assert late.state is A.SURPLUS
    send(late, "do_not_include")
    assert late.review.after_decision, "it is kept and flagged, and changes nothing"
    assert scene.submission.state is State.APPROVED


@pytest.mark.lasting
def test_a_late_review_that_comes_first_lets_the_other_one_go(scene, clock, db):
    late, *others = scene.panel()
    for one in others:
        send(one)
    scene.tick(clock, days=22)
    scene.tick(clock, days=6)
    (beside,) = scene.fill()
    send(late)
    assert scene.submission.state is State.APPROVED
    assert beside.state is A.CANCELLED
    assert scene.of(beside) in scene.sent_to("cancel")


@pytest.mark.lasting
@pytest.mark.parametrize("how", ["accepted", "returned"])
def test_a_review_that_comes_after_the_decision_is_kept_and_counts_for_nothing(
    make, db, clock, how
):
    scene = Scene(make, db, on_include="ask_editor")
    late, *others = scene.panel()
    if how == "returned":
        send(late)
        operations.return_(late, by=scene.by_editor, note="Which edition is meant?")
    for one in others:
        send(one)
    operations.finish_review(scene.submission, by=scene.by_editor, note="We waited long enough.")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="It is old.")
    assert late.state is A.SURPLUS
    clock.advance(days=1)
    send(late, "include", comment_to_submitter="A late word that is worth keeping.")
    assert scene.submission.state is State.REJECTED
    assert late.review.after_decision
    assert late.review.comment_to_submitter == "A late word that is worth keeping."
    assert scene.round.result is PanelResult.SHORT
    verbs = [event.verb for event in history("assignments", late.id)]
    assert verbs[-1] == "submit_late"
