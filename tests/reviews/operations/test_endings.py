"""Leaving the process, and coming back."""

import pytest

from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.policy import may_see_review_process, roles_towards
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Decision
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, as_editor, people, send


@pytest.mark.lasting
def test_withdraw_releases_reviewers(scene, db):
    first, second, third = scene.start()
    accept(first)
    accept(second)
    send(second)
    operations.withdraw(scene.submission, by=scene.by_submitter)
    assert (first.state, second.state, third.state) == (A.SURPLUS, A.SUBMITTED, A.CANCELLED)
    assert sorted(scene.sent_to("cancel")) == sorted([scene.of(first), scene.of(third)])
    assert scene.sent_to("withdrawn") == [scene.editor.email]
    assert scene.round.closed_at is not None
    assert scene.submission.state is State.WITHDRAWN


@pytest.mark.lasting
def test_withdrawing_an_approved_item_takes_its_decision_back(scene, db):
    scene.reviewed("include", "include", "include")
    operations.withdraw(scene.submission, by=scene.by_submitter)
    assert scene.sent_to("approve") == []
    assert scene.submission.publish_at is None
    assert db.query(Decision).one().superseded_at is not None


@pytest.mark.lasting
def test_appeal_gets_another_editor_and_a_fresh_panel(make, db, clock):
    scene = Scene(make, db)
    other = make.editor("Otto Other")
    first_panel = scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    for member in scene.members:
        if member.person_id not in people(first_panel):
            member.topics[0].level = 2  # so that the old panel would be chosen first
    clock.advance(days=20)
    operations.appeal(
        scene.submission, by=scene.by_submitter, note="The second edition came out last month."
    )
    assert scene.submission.progress.editor_id == other.id
    assert scene.submission.progress.panel_result == "", "the old panel's word counts no more"
    assert scene.sent_to("appealed") == [other.email]
    shown = {seat.candidate_id for seat in operations.preview(scene.submission).seats}
    operations.start_review(scene.submission, by=as_editor(other))
    second_panel = scene.fill()
    assert len(second_panel) == 3
    assert not people(first_panel) & people(second_panel), "nobody judges it twice"
    assert people(second_panel) == shown


@pytest.mark.lasting
def test_nobody_appeals_before_the_reasons_are_told(scene, clock):
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    with pytest.raises(WrongState, match="on their way"):
        operations.appeal(scene.submission, by=scene.by_submitter, note="Please look again. " * 3)
    clock.advance(minutes=16)
    operations.appeal(scene.submission, by=scene.by_submitter, note="Please look again. " * 3)


@pytest.mark.lasting
def test_who_decided_does_not_decide_on_the_appeal(make, db, clock):
    scene = Scene(make, db)
    other = as_editor(make.editor("Otto Other"))
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    clock.advance(minutes=16)
    operations.appeal(scene.submission, by=scene.by_submitter, note="Please look again. " * 3)
    with pytest.raises(NotAllowed):
        operations.start_review(scene.submission, by=scene.by_editor)
    assert roles_towards(scene.by_editor, scene.submission) == frozenset()
    operations.start_review(scene.submission, by=other)
    assert may_see_review_process(scene.by_editor, scene.submission), "they know it all anyway"


@pytest.mark.lasting
def test_there_is_one_appeal(scene, db, clock):
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    clock.advance(minutes=16)
    scene.submission.appeals = 1
    with pytest.raises(WrongState, match="once"):
        operations.appeal(scene.submission, by=scene.by_submitter, note="Please look again. " * 3)


@pytest.mark.lasting
def test_the_time_for_an_appeal_ends(scene, clock):
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    clock.advance(days=31)
    with pytest.raises(WrongState, match="over"):
        operations.appeal(scene.submission, by=scene.by_submitter, note="Please look again. " * 3)


@pytest.mark.lasting
def test_changes_that_never_come_let_the_item_lapse(scene, clock, db):
    scene.reviewed("include", "include", "include_corrected")
    operations.request_changes(
        scene.submission, by=scene.by_editor, wanted="Please name the edition of the handbook."
    )
    assert scene.submission.progress.owner_id == scene.submission.submitter_id
    clock.advance(days=23)
    submissions.remind_changes(scene.submission)
    clock.advance(days=7)
    operations.lapse(scene.submission)
    assert scene.submission.state is State.WITHDRAWN
    assert len(scene.sent_to("lapse")) == 1


@pytest.mark.lasting
def test_a_second_round_keeps_the_policy_of_the_first(scene, db):
    panel = scene.reviewed("include", "include", "include_corrected")
    number = scene.round.policy.number
    operations.adopt_policy({"slots": {"external": 1}})
    operations.request_changes(
        scene.submission, by=scene.by_editor, wanted="Please name the edition of the handbook."
    )
    submissions.submit(scene.submission, by=scene.by_submitter)
    operations.start_review(scene.submission, by=scene.by_editor)
    assert (scene.round.number, scene.round.policy.number) == (2, number)
    assert len(panel) == 3
