"""The finished panel, and what the policy does with its result."""

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.models import PanelResult
from reviewhub.reviews.reasons import shortage_sentence
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.models import Decision
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, send


@pytest.mark.lasting
def test_two_last_reviews_finish_the_panel_once(scene, db):
    panel = scene.panel()
    for one in panel:
        send(one)
    operations.results.finish_if_filled(scene.submission, scene.round)
    assert db.query(Decision).count() == 1
    assert scene.round.result is PanelResult.INCLUDE
    with pytest.raises(WrongState):
        operations.finish_review(scene.submission, by=scene.by_editor, note="Once more.")


@pytest.mark.lasting
def test_the_panel_approves_on_unanimous_include(scene, db):
    scene.reviewed("include", "include", "include")
    decision = db.query(Decision).one()
    assert decision.by_panel
    assert decision.panel["reviewers"] == 3
    assert scene.submission.state is State.APPROVED
    assert (scene.submission.publish_at - core_clock.now()).seconds == 15 * 60


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("said", "result"),
    [
        (("include", "include", "include_corrected"), PanelResult.CORRECT),
        (("do_not_include",) * 3, PanelResult.EXCLUDE),
    ],
)
def test_the_panel_approves_only_on_unanimous_include(scene, db, said, result):
    scene.reviewed(*said)
    assert scene.submission.state is State.REVIEWED
    assert scene.round.result is result
    assert scene.submission.progress.owner_id == scene.editor.id
    assert scene.sent_to("finish_review") == [scene.editor.email]


@pytest.mark.lasting
def test_a_policy_may_leave_the_approval_to_an_editor(make, db, clock):
    scene = Scene(make, db, on_include="ask_editor")
    scene.reviewed("include", "include", "include")
    assert scene.submission.state is State.REVIEWED
    operations.approve(scene.submission, by=scene.by_editor)
    assert db.query(Decision).one().decided_by_id == scene.editor.id


@pytest.mark.lasting
def test_a_policy_may_let_the_panel_reject(make, db, clock):
    scene = Scene(make, db, on_exclude="reject")
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    assert scene.submission.state is State.REJECTED
    assert db.query(Decision).one().by_panel


@pytest.mark.lasting
def test_a_gate_answered_no_goes_to_the_editor(scene):
    panel = scene.panel()
    send(panel[0], gate_in_scope="no")
    for one in panel[1:]:
        send(one)
    assert scene.submission.state is State.REVIEWED
    assert scene.round.result is PanelResult.GATE


@pytest.mark.lasting
def test_a_split_calls_a_tie_breaker_once(scene, db):
    scene.reviewed("include", "include", "do_not_include")
    assert scene.submission.state is State.IN_REVIEW
    assert scene.round.tie_breakers == 1
    assert scene.sent_to("consult") == [scene.editor.email]
    (fourth,) = scene.fill()
    assert fourth.slot is Slot.TIE_BREAKER
    accept(fourth)
    send(fourth, "do_not_include")
    assert scene.round.result is PanelResult.TIED
    assert scene.submission.state is State.REVIEWED, "and no fifth is called by itself"


@pytest.mark.lasting
def test_a_majority_is_put_to_the_editor(scene):
    scene.reviewed("include", "include_corrected", "do_not_include")
    (fourth,) = scene.fill()
    accept(fourth)
    send(fourth)
    assert scene.round.result is PanelResult.MAJORITY_INCLUDE
    assert scene.submission.state is State.REVIEWED


@pytest.mark.lasting
def test_the_first_of_two_tie_breakers_leaves_the_other_at_work(make, db, clock):
    scene = Scene(make, db, internal=6, external=12)
    scene.start()
    for _time in range(2):
        operations.finish_review(scene.submission, by=scene.by_editor, note="It takes too long.")
        operations.consult(scene.submission, by=scene.by_editor, note="One more, please.")
    asked = scene.fill()
    for one in asked:
        accept(one)
    first, second = (one for one in asked if one.slot is Slot.TIE_BREAKER)
    send(first)
    assert second.state is A.ACCEPTED


@pytest.mark.lasting
def test_a_panel_closed_early_is_short_and_releases_the_others(scene, db):
    first, *others = scene.panel()
    send(first)
    operations.finish_review(scene.submission, by=scene.by_editor, note="A meeting is tomorrow.")
    assert scene.round.result is PanelResult.SHORT
    assert {one.state for one in others} == {A.SURPLUS}
    assert sorted(scene.sent_to("cancel")) == sorted(scene.of(one) for one in others)


@pytest.mark.lasting
def test_a_shortage_is_named_with_its_remedy(make, db, clock):
    scene = Scene(make, db, external=1)
    make.staff(Role.ROSTER_MANAGER)
    panel = scene.start()
    assert len(panel) == 2, "who can be asked is asked"
    (named,) = scene.submission.progress.shortage["shortages"]
    assert (named["slot"], named["missing"]) == ("external", 1)
    assert named["remedy"]["kind"] == "add_member", "with the smallest change that would help"
    assert "find a new roster member" in shortage_sentence(named, "external")
    assert len(scene.sent_to("shortage")) == 2, "the editor and the roster manager are told"
    scene.fill()
    assert len(scene.sent_to("shortage")) == 2, "once, not each day"
    make.member()
    clock.advance(days=1)
    assert len(scene.fill()) == 1
    assert scene.submission.progress.shortage is None
