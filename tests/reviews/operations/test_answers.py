"""What a reviewer answers, and how they step back."""

import pytest

from reviewhub.accounts.models import DeclaredConflict
from reviewhub.core.errors import InvalidInput
from reviewhub.reviews import operations
from reviewhub.reviews.policy import may_read_item
from reviewhub.reviews.workflow import AssignmentState as A
from tests.reviews.scene import Scene, as_reviewer, send


@pytest.mark.lasting
def test_recusal_ends_access_and_is_remembered(scene, db):
    first = scene.panel()[0]
    operations.recuse(first, by=as_reviewer(first), note="We wrote a book together.")
    assert first.state is A.RECUSED
    assert not may_read_item(first)
    conflict = db.query(DeclaredConflict).one()
    assert conflict.person_id == first.person_id
    assert conflict.other_person_id == scene.submission.submitter_id
    (next_one,) = scene.fill()
    assert next_one.slot is first.slot
    again = scene.suggest(submitter_id=scene.submission.submitter_id)
    seats = operations.preview(again).seats
    assert first.person_id not in {seat.candidate_id for seat in seats}


@pytest.mark.lasting
def test_a_conflict_with_a_submitter_ends_the_work_on_all_of_theirs(make, db, clock):
    scene = Scene(make, db, internal=1, external=8)
    first = scene.panel()[0]
    scene.submission = scene.suggest(submitter_id=scene.submission.submitter_id)
    other = scene.start()[0]
    assert other.person_id == first.person_id, "the only internal member sits on both panels"
    operations.recuse(first, by=as_reviewer(first))
    assert other.state is A.RECUSED
    assert db.query(DeclaredConflict).count() == 1


def test_declining_for_a_conflict_is_a_recusal(scene, db):
    first = scene.start()[0]
    operations.decline(first, by=as_reviewer(first), reason="conflict")
    assert first.state is A.RECUSED
    assert db.query(DeclaredConflict).count() == 1


@pytest.mark.lasting
def test_more_time_is_granted_up_to_the_limit_and_not_beyond(scene, clock):
    first = scene.panel()[0]
    due_at = first.due_at
    operations.extend(first, by=as_reviewer(first), days=10)
    with pytest.raises(InvalidInput, match="4 more days"):
        operations.extend(first, by=as_reviewer(first), days=5)
    operations.extend(first, by=as_reviewer(first), days=4)
    assert (first.due_at - due_at).days == 14


@pytest.mark.lasting
def test_after_an_extension_the_reminders_follow_the_new_date(scene, clock, db):
    first, *others = scene.panel()
    for one in others:
        send(one)
    scene.tick(clock, days=22)
    before = len(scene.sent_to("remind_review"))
    operations.extend(first, by=as_reviewer(first), days=14)
    for _day in range(13):
        scene.tick(clock, days=1)
    assert len(scene.sent_to("remind_review")) == before + 2, "seven days before, and two"
