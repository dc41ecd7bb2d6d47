"""A decision that a second person confirms: who may, what waits, and that nothing gets stuck."""

from datetime import timedelta

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.operations import declare_conflict
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations
from reviewhub.reviews.operations.signing import seconds_for
from reviewhub.reviews.signing import SignOff, SignOffOutcome, open_sign_off
from reviewhub.submissions.models import Decision, DecisionKind
from reviewhub.submissions.policy import runs_itself
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.reviews.scene import Scene, as_editor

NOTE = "The second edition is in the library already."


@pytest.fixture
def scene(make, db, clock):
    """A reviewed item under a policy that asks for a second person, and a second editor."""
    scene = Scene(make, db, on_include="ask_editor", second_sign_off=True)
    scene.second = make.editor("Sana Second")
    scene.by_second = as_editor(scene.second)
    scene.reviewed("include", "include", "include")
    return scene


def approve(scene, **given):
    """The first person's decision, which waits."""
    return operations.approve(scene.submission, by=scene.by_editor, note=NOTE, **given)


def reject(scene, **given):
    """The first person's no, which waits."""
    return operations.reject(
        scene.submission, by=scene.by_editor, reason="outdated", note=NOTE, **given
    )


def verbs(scene):
    return [event.verb for event in history("submissions", scene.submission.id)]


@pytest.mark.lasting
def test_without_the_rule_a_decision_takes_effect_at_once(make, db, clock):
    scene = Scene(make, db, on_include="ask_editor")
    make.editor("Sana Second")
    scene.reviewed("include", "include", "include")
    assert isinstance(approve(scene), Decision)
    assert db.query(SignOff).count() == 0


def test_a_decision_waits_for_its_second_person_and_tells_nobody_else(scene):
    sign_off = approve(scene)
    assert isinstance(sign_off, SignOff)
    assert scene.submission.state is State.REVIEWED
    progress = scene.submission.progress
    assert (progress.owner_id, progress.due_at) == (scene.second.id, sign_off.due_at)
    assert scene.sent_to("propose") == [scene.second.email]
    assert scene.sent_to("approve") == scene.sent_to("outcome") == []


@pytest.mark.parametrize("decide", [approve, reject])
def test_confirmed_it_takes_effect_in_the_name_of_the_first(scene, db, decide):
    seat = scene.round.assignments[0]
    sign_off = decide(scene, release=[seat.id])
    decision = operations.confirm_decision(
        scene.submission, by=scene.by_second, sign_off_id=sign_off.id
    )
    wanted = State.APPROVED if decide is approve else State.REJECTED
    assert scene.submission.state is wanted
    assert (decision.decided_by_id, decision.text) == (scene.editor.id, NOTE)
    assert (sign_off.outcome, sign_off.decision_id) == (SignOffOutcome.CONFIRMED, decision.id)
    assert scene.sent_to("confirm_decision") == [scene.editor.email]
    told = db.query(Message).filter_by(event=f"reviews/{decide.__name__}").one()
    assert told.context["note"] == NOTE
    assert [one["text"] for one in told.context["released"]] == [seat.review.comment_to_submitter]
    assert told.due_at > core_clock.now(), "the hold begins with the confirmation"
    assert "confirm_decision" in verbs(scene)


def test_the_first_one_confirms_nothing(scene):
    sign_off = approve(scene)
    with pytest.raises(NotAllowed):
        operations.confirm_decision(scene.submission, by=scene.by_editor, sign_off_id=sign_off.id)
    assert scene.submission.state is State.REVIEWED


def test_a_third_one_confirms_only_once_the_date_has_passed(scene, make, clock):
    sign_off = approve(scene)
    third = as_editor(make.editor())
    with pytest.raises(NotAllowed):
        operations.confirm_decision(scene.submission, by=third, sign_off_id=sign_off.id)
    with pytest.raises(NotAllowed):
        operations.take_back(scene.submission, by=third, sign_off_id=sign_off.id)
    clock.advance(days=8)
    operations.confirm_decision(scene.submission, by=third, sign_off_id=sign_off.id)
    assert scene.submission.state is State.APPROVED


def test_sent_back_it_is_the_first_ones_again_with_the_reason(scene, db):
    sign_off = approve(scene)
    with pytest.raises(InvalidInput):
        operations.send_back(scene.submission, by=scene.by_second, sign_off_id=sign_off.id, note="")
    operations.send_back(
        scene.submission, by=scene.by_second, sign_off_id=sign_off.id, note="The link is dead."
    )
    assert scene.sent_to("send_back") == [scene.editor.email]
    message = db.query(Message).filter_by(event="reviews/send_back").one()
    assert message.context["note"] == "The link is dead."
    assert scene.submission.progress.owner_id == scene.editor.id
    assert db.query(Decision).count() == 0
    assert isinstance(reject(scene), SignOff), "it can be decided anew"


def test_taken_back_before_the_mail_left_nobody_hears_of_it(scene):
    sign_off = approve(scene)
    operations.take_back(scene.submission, by=scene.by_editor, sign_off_id=sign_off.id)
    assert scene.sent_to("propose") == scene.sent_to("take_back") == []
    assert open_sign_off(scene.submission.id) is None


def test_taken_back_later_the_second_is_told(scene, db):
    sign_off = approve(scene)
    for message in db.query(Message).filter_by(event="reviews/propose"):
        message.state, message.sent_at = "sent", core_clock.now()
    db.flush()
    operations.take_back(scene.submission, by=scene.by_editor, sign_off_id=sign_off.id)
    assert scene.sent_to("take_back") == [scene.second.email]


def test_while_one_waits_nothing_else_is_decided(scene):
    approve(scene)
    for verb, given in (
        ("approve", {}),
        ("reject", {"reason": "outdated", "note": ""}),
        ("request_changes", {"wanted": "Please add the years."}),
        ("consult", {}),
    ):
        with pytest.raises(WrongState, match="Sana Second"):
            getattr(operations, verb)(scene.submission, by=scene.by_second, **given)


def test_what_was_answered_is_not_answered_again(scene):
    sign_off = approve(scene)
    operations.take_back(scene.submission, by=scene.by_editor, sign_off_id=sign_off.id)
    for verb, given in (("confirm_decision", {}), ("send_back", {"note": "No."})):
        with pytest.raises(WrongState):
            getattr(operations, verb)(
                scene.submission, by=scene.by_second, sign_off_id=sign_off.id, **given
            )
    again = approve(scene)
    with pytest.raises(WrongState, match="no longer what waits"):
        operations.confirm_decision(scene.submission, by=scene.by_second, sign_off_id=sign_off.id)
    assert open_sign_off(scene.submission.id) is again


@pytest.mark.lasting
def test_the_first_chooses_among_those_without_a_stake(scene, make, db):
    third, tied = make.editor("Third"), make.editor("Tied")
    declare_conflict(tied, other=db.get_one(type(tied), scene.submission.submitter_id))
    db.flush()
    names = [person.name for person in seconds_for(scene.submission, scene.by_editor)]
    assert names == ["Sana Second", "Third"]
    for nobody in (tied.id, scene.editor.id, 999_999):
        with pytest.raises(InvalidInput) as refused:
            approve(scene, second_id=nobody)
        assert refused.value.field == "second"
    assert approve(scene, second_id=third.id).second_id == third.id


def test_whoever_is_away_is_named_last(scene, make, clock):
    scene.second.away_until = core_clock.now() + timedelta(days=9)
    third = make.editor("Third")
    found = seconds_for(scene.submission, scene.by_editor)
    assert [one.id for one in found] == [third.id, scene.second.id]


@pytest.mark.lasting
def test_a_hub_where_nobody_else_may_decide_does_not_get_stuck(make, db, clock):
    scene = Scene(make, db, on_include="ask_editor", second_sign_off=True)
    scene.reviewed("include", "include", "include")
    decision = approve(scene)
    assert scene.submission.state is State.APPROVED
    row = db.query(SignOff).one()
    assert (row.outcome, row.second_id, row.decision_id) == (
        SignOffOutcome.ALONE, None, decision.id,
    )  # fmt: skip
    assert "decide_alone" in verbs(scene)


@pytest.mark.lasting
def test_a_panel_needs_no_second_person(make, db, clock):
    scene = Scene(make, db, second_sign_off=True)
    make.editor()
    scene.reviewed("include", "include", "include")
    assert scene.submission.state is State.APPROVED
    assert db.query(SignOff).count() == 0


def test_a_first_one_who_has_a_stake_by_now_decides_nothing(scene, db):
    sign_off = approve(scene)
    declare_conflict(
        scene.editor, other=db.get_one(type(scene.editor), scene.submission.submitter_id)
    )
    db.flush()
    with pytest.raises(WrongState, match="Edda Editor"):
        operations.confirm_decision(scene.submission, by=scene.by_second, sign_off_id=sign_off.id)
    operations.send_back(
        scene.submission, by=scene.by_second, sign_off_id=sign_off.id, note="You are involved now."
    )
    assert open_sign_off(scene.submission.id) is None


@pytest.mark.lasting
def test_who_confirmed_does_not_decide_on_the_appeal(scene, make, db, clock):
    sign_off, third = reject(scene), make.editor("Third")
    operations.confirm_decision(scene.submission, by=scene.by_second, sign_off_id=sign_off.id)
    clock.advance(hours=1)
    operations.appeal(
        scene.submission, by=scene.by_submitter, note="The second edition has the new figures."
    )
    eligible = seconds_for(scene.submission, Actor())
    assert [person.id for person in eligible] == [third.id]
    assert scene.submission.progress.editor_id == third.id
    with pytest.raises(NotAllowed):
        operations.start_review(scene.submission, by=scene.by_second)


@pytest.mark.lasting
def test_where_both_have_decided_a_fresh_panel_takes_the_appeal(scene, clock):
    sign_off = reject(scene)
    operations.confirm_decision(scene.submission, by=scene.by_second, sign_off_id=sign_off.id)
    clock.advance(hours=1)
    operations.appeal(
        scene.submission, by=scene.by_submitter, note="The second edition has the new figures."
    )
    assert runs_itself(scene.submission), "no editor is left, and the panel's word stands"


def test_a_withdrawn_item_waits_for_nobody(scene):
    sign_off = approve(scene)
    operations.withdraw(scene.submission, by=scene.by_submitter)
    assert sign_off.outcome is SignOffOutcome.OVERTAKEN
    assert scene.sent_to("propose") == []


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("ck_sign_offs_second_is_another", {"second_id": "first"}),
        ("ck_sign_offs_answered_has_outcome", {"answered_at": "now"}),
        ("ck_sign_offs_sent_back_has_reason", {"answered_at": "now", "outcome": "sent_back"}),
        ("ck_sign_offs_alone_has_no_second", {"answered_at": "now", "outcome": "alone"}),
        ("uq_sign_offs_open", {}),
    ],
)
def test_the_database_refuses_what_contradicts_itself(scene, db, rule, values):
    if rule == "uq_sign_offs_open":
        approve(scene)
    real = {"first": scene.editor.id, "now": core_clock.now()}
    given = {"second_id": scene.second.id} | {k: real.get(v, v) for k, v in values.items()}
    with refused_by(db, rule):
        db.add(
            SignOff(
                submission_id=scene.submission.id, kind=DecisionKind.APPROVED,
                proposed_by_id=scene.editor.id, **given,
            )
        )  # fmt: skip
