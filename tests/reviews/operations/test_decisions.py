"""Decisions by panel and editor, and who may not take them."""

from datetime import timedelta

import pytest

from reviewhub.accounts.models import DeclaredConflict
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.library.tasks import publish_due
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations
from reviewhub.submissions.models import Decision
from reviewhub.submissions.queries import is_told, live_decision
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, as_editor, people, send


@pytest.mark.lasting
def test_reopen_takes_back_unsent_mails(scene, db):
    scene.reviewed("include", "include", "include")
    assert len(scene.sent_to("outcome")) == 3
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    assert scene.sent_to("approve") == scene.sent_to("outcome") == scene.sent_to("reopen") == []
    assert scene.submission.state is State.REVIEWED
    assert scene.submission.publish_at is None
    assert db.query(Decision).one().superseded_at is not None


@pytest.mark.lasting
def test_a_decision_that_was_told_is_taken_back_with_a_mail(scene, db):
    scene.reviewed("include", "include", "include")
    for message in db.query(Message).filter_by(event="reviews/approve"):
        message.state, message.sent_at = "sent", core_clock.now()
    db.flush()
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    assert len(scene.sent_to("reopen")) == 1


@pytest.mark.lasting
def test_the_panel_does_not_approve_again_after_a_reopening(scene, db):
    scene.reviewed("include", "include", "include")
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    operations.results.finish_if_filled(scene.submission, scene.round)
    assert scene.submission.state is State.REVIEWED


@pytest.mark.lasting
def test_a_rejection_needs_a_reason_of_the_list(scene):
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    with pytest.raises(InvalidInput) as caught:
        operations.reject(scene.submission, by=scene.by_editor, reason="", note="No.")
    assert caught.value.field == "reason"
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    assert scene.submission.state is State.REJECTED


@pytest.mark.lasting
def test_an_editor_never_decides_their_own_item(make, db, clock):
    scene = Scene(make, db, on_include="ask_editor")
    scene.submission.submitter_id = scene.editor.id
    scene.editor.country = "KEN"
    other = as_editor(make.editor())
    with pytest.raises(NotAllowed):
        operations.start_review(scene.submission, by=scene.by_editor)
    operations.start_review(scene.submission, by=other)
    for one in scene.fill():
        accept(one)
        send(one)
    for verb in (operations.approve, operations.consult):
        with pytest.raises(NotAllowed):
            verb(scene.submission, by=scene.by_editor)
    operations.approve(scene.submission, by=other)


@pytest.mark.lasting
def test_an_editor_never_decides_an_item_they_reviewed(make, db, clock):
    scene = Scene(make, db, internal=0, on_include="ask_editor")
    reviewer = make.editor(organisation=make.organisation(internal=True))
    make.member(internal=True, person=reviewer)
    scene.reviewed("include", "include", "include")
    assert reviewer.id in people(scene.round.assignments)
    with pytest.raises(NotAllowed, match="involved"):
        operations.approve(scene.submission, by=as_editor(reviewer))
    operations.approve(scene.submission, by=scene.by_editor)


@pytest.mark.lasting
def test_an_editor_with_a_declared_conflict_never_decides(make, db, clock):
    scene = Scene(make, db, on_include="ask_editor")
    scene.reviewed("include", "include", "include")
    submitter_id = scene.submission.submitter_id
    db.add(DeclaredConflict(person_id=scene.editor.id, other_person_id=submitter_id, reason="kin"))
    db.flush()
    with pytest.raises(NotAllowed):
        operations.approve(scene.submission, by=scene.by_editor)


HOLD = timedelta(minutes=15)


def by_editor(verb, **given):
    """An editor decides on a reviewed item."""

    def play(make, db):
        scene = Scene(make, db, on_include="ask_editor")
        scene.reviewed("include", "include", "include")
        getattr(operations, verb)(scene.submission, by=scene.by_editor, **given)
        return scene

    return play


def by_panel(recommendation):
    """The panel decides by itself."""

    def play(make, db):
        scene = Scene(make, db, on_exclude="reject")
        scene.reviewed(*[recommendation] * 3)
        return scene

    return play


def by_two(make, db):
    """An editor decides, and a second one confirms it."""
    scene = Scene(make, db, on_include="ask_editor", second_sign_off=True)
    second = as_editor(make.editor())
    scene.reviewed("include", "include", "include")
    sign_off = operations.approve(scene.submission, by=scene.by_editor)
    operations.confirm_decision(scene.submission, by=second, sign_off_id=sign_off.id)
    return scene


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("decide", "event", "state"),
    [
        (by_editor("approve", note="Welcome."), "approve", State.APPROVED),
        (by_editor("reject", reason="outdated", note="Old."), "reject", State.REJECTED),
        (by_panel("include"), "approve", State.APPROVED),
        (by_panel("do_not_include"), "reject", State.REJECTED),
        (by_two, "approve", State.APPROVED),
    ],
    ids=["an editor's yes", "an editor's no", "a panel's yes", "a panel's no", "two editors'"],
)
def test_every_decision_is_held_for_fifteen_minutes_and_can_be_undone_until_then(
    make, db, clock, decide, event, state
):
    scene = decide(make, db)
    assert scene.submission.state is state
    held = db.query(Message).filter(
        Message.event.in_([f"reviews/{event}", "reviews/outcome"]),
        Message.state.in_(["queued", "waiting"]),
    )
    assert min(one.due_at - clock() for one in held) == HOLD
    assert held.count() == 4, "the submitter and three reviewers"
    decision = live_decision(scene.submission.id)
    assert not is_told(decision)
    clock.advance(minutes=14)
    db.commit()
    assert publish_due() == 0
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    assert held.count() == 0
    assert scene.submission.state is State.REVIEWED
    assert scene.submission.publish_at is None
    assert decision.superseded_at is not None
    assert scene.sent_to("reopen") == [], "nobody had heard of it"
    clock.advance(minutes=5)
    db.commit()
    assert publish_due() == 0, "what is undone goes nowhere"
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")


@pytest.mark.lasting
def test_once_the_hold_is_over_the_submitter_may_read_it(make, db, clock):
    scene = by_editor("approve", note="Welcome.")(make, db)
    decision = live_decision(scene.submission.id)
    clock.advance(minutes=16)
    assert is_told(decision)
