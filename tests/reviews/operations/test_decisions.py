"""Decisions by panel and editor, and who may not take them."""

import pytest

from reviewhub.accounts.models import DeclaredConflict
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations
from reviewhub.submissions.models import Decision
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, as_editor, people, send


def test_reopen_takes_back_unsent_mails(scene, db):
    scene.reviewed("include", "include", "include")
    assert len(scene.sent_to("outcome")) == 3
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    assert scene.sent_to("approve") == scene.sent_to("outcome") == scene.sent_to("reopen") == []
    assert scene.submission.state is State.REVIEWED
    assert scene.submission.publish_at is None
    assert db.query(Decision).one().superseded_at is not None


def test_a_decision_that_was_told_is_taken_back_with_a_mail(scene, db):
    scene.reviewed("include", "include", "include")
    for message in db.query(Message).filter_by(event="reviews/approve"):
        message.state, message.sent_at = "sent", core_clock.now()
    db.flush()
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    assert len(scene.sent_to("reopen")) == 1


def test_the_panel_does_not_approve_again_after_a_reopening(scene, db):
    scene.reviewed("include", "include", "include")
    operations.reopen(scene.submission, by=scene.by_editor, note="The link is broken.")
    operations.results.finish_if_filled(scene.submission, scene.round)
    assert scene.submission.state is State.REVIEWED


def test_a_rejection_needs_a_reason_of_the_list(scene):
    scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    with pytest.raises(InvalidInput) as caught:
        operations.reject(scene.submission, by=scene.by_editor, reason="", note="No.")
    assert caught.value.field == "reason"
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    assert scene.submission.state is State.REJECTED


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


def test_an_editor_never_decides_an_item_they_reviewed(make, db, clock):
    scene = Scene(make, db, internal=0, on_include="ask_editor")
    reviewer = make.editor(organisation=make.organisation(internal=True))
    make.member(internal=True, person=reviewer)
    scene.reviewed("include", "include", "include")
    assert reviewer.id in people(scene.round.assignments)
    with pytest.raises(NotAllowed, match="involved"):
        operations.approve(scene.submission, by=as_editor(reviewer))
    operations.approve(scene.submission, by=scene.by_editor)


def test_an_editor_with_a_declared_conflict_never_decides(make, db, clock):
    scene = Scene(make, db, on_include="ask_editor")
    scene.reviewed("include", "include", "include")
    submitter_id = scene.submission.submitter_id
    db.add(DeclaredConflict(person_id=scene.editor.id, other_person_id=submitter_id, reason="kin"))
    db.flush()
    with pytest.raises(NotAllowed):
        operations.approve(scene.submission, by=scene.by_editor)
