"""Who is asked, and what happens to an invitation."""

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.policy import may_read_item
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, as_reviewer, people


def test_the_panel_has_the_seats_that_the_policy_asks_for(scene, db):
    panel = scene.start()
    assert sorted(one.slot for one in panel) == [Slot.EXTERNAL, Slot.EXTERNAL, Slot.INTERNAL]
    assert {one.state for one in panel} == {A.INVITED}
    assert sorted(scene.sent_to("invite")) == sorted(scene.of(one) for one in panel)
    assert scene.submission.progress.reviews_expected == 3


def test_filling_twice_invites_nobody_twice(scene, db):
    scene.start()
    assert scene.fill() == []
    assert len(scene.sent_to("invite")) == 3


def test_a_review_does_not_start_while_answers_are_missing(scene):
    scene.submission.licence = None
    with pytest.raises(InvalidInput, match="permission"):
        operations.start_review(scene.submission, by=scene.by_editor)
    assert scene.submission.state is State.SUBMITTED


@pytest.mark.lasting
def test_the_panel_that_is_shown_is_the_panel_that_is_invited(scene):
    shown = {seat.candidate_id for seat in operations.preview(scene.submission).seats}
    assert people(scene.start()) == shown


@pytest.mark.lasting
def test_a_declined_invitation_goes_to_the_next_reviewer(scene, db):
    first, *others = scene.start()
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    (next_one,) = scene.fill()
    assert next_one.slot is first.slot
    assert next_one.person_id not in people([first, *others])
    assert scene.sent_to("invite")[-1] == scene.of(next_one)
    assert first.state is A.DECLINED


def test_a_decline_needs_a_reason_of_the_list(scene):
    first = scene.start()[0]
    with pytest.raises(InvalidInput):
        operations.decline(first, by=as_reviewer(first), reason="weather")
    assert first.state is A.INVITED


@pytest.mark.lasting
def test_nobody_who_declined_is_asked_again_in_the_round(scene):
    first = scene.start()[0]
    asked = {first.person_id}
    while first is not None:
        operations.decline(first, by=as_reviewer(first), reason="no_time")
        first = next(iter(scene.fill()), None)
        assert first is None or first.person_id not in asked
        asked |= {first.person_id} if first else set()
    assert len(asked) == 3, "every internal member was asked once"


def test_somebody_else_cannot_answer_an_invitation(scene, make):
    first = scene.start()[0]
    with pytest.raises(NotAllowed):
        operations.accept(first, by=Actor(make.person().id))


@pytest.mark.lasting
def test_silence_is_reminded_then_replaced(scene, clock, db):
    first, *others = scene.start()
    for one in others:
        accept(one)
    scene.tick(clock, days=2)
    assert scene.sent_to("remind_invitation") == [], "not before the third working day"
    scene.tick(clock, days=1)
    assert scene.sent_to("remind_invitation") == [scene.of(first)]
    scene.tick(clock, days=4)
    assert first.state is A.INVITED, "a weekend does not count"
    scene.tick(clock, days=1)
    assert first.state is A.EXPIRED
    (next_one,) = scene.fill()
    assert (next_one.slot, next_one.state) == (first.slot, A.INVITED)
    assert scene.sent_to("remind_invitation") == [scene.of(first)], "one reminder is enough"


def silence(scene, clock):
    """Days in which nobody answers: the reminder, then the end of the invitation."""
    for _step in range(3):
        scene.tick(clock, days=4)


@pytest.mark.lasting
def test_an_expired_invitation_can_be_accepted_while_the_seat_is_open(make, db, clock):
    scene = Scene(make, db, internal=1)
    first, *others = scene.start()
    assert first.slot is Slot.INTERNAL
    for one in others:
        accept(one)
    silence(scene, clock)
    assert (first.state, scene.fill()) == (A.EXPIRED, [])
    accept(first)
    assert first.state is A.ACCEPTED


@pytest.mark.lasting
def test_an_expired_invitation_cannot_be_accepted_once_the_seat_is_taken(scene, clock):
    first = scene.start()[0]
    silence(scene, clock)
    scene.fill()
    with pytest.raises(WrongState, match="filled"):
        accept(first)
    assert first.state is A.EXPIRED


@pytest.mark.lasting
def test_an_accepting_reviewer_opens_the_item_by_denying_a_conflict(scene, clock):
    first = scene.start()[0]
    assert not may_read_item(first)
    accept(first)
    assert may_read_item(first)
    assert first.due_at == clock.advance(days=21)
