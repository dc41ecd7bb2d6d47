"""A panel by an editor's own weights and limits: shown first, then done whole or not at all."""

import pytest

from reviewhub.accounts.models import Person
from reviewhub.accounts.operations import declare_conflict
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.matching.reasons import Seat
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations, verified
from reviewhub.reviews.choices import Choice, choices_of
from reviewhub.reviews.models import ReviewPolicy
from reviewhub.reviews.operations import Changed, assign, outlook
from reviewhub.reviews.outlooks import Outlook, loads
from reviewhub.reviews.tuning import UNTUNED, Tuning
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, as_reviewer, people

WHY = "She wrote the only study of this."


def looked(scene, tuning=UNTUNED):
    return outlook(scene.submission, tuning, by=scene.by_editor)


def done(scene, tuning=UNTUNED, *, seen="", note=""):
    seen = seen or looked(scene, tuning).digest
    return assign(scene.submission, tuning, seen=seen, by=scene.by_editor, note=note)


def leave(scene, person_id):
    """Somebody can't be asked any more."""
    scene.db.get(Person, person_id).suspended_at = clock.now()
    scene.db.flush()


def shown(found: Outlook) -> set[int]:
    return {seat.person_id for seat in found.seats}


@pytest.mark.lasting
def test_without_changes_it_is_the_panel_that_would_be_invited_anyhow(scene, db):
    before = looked(scene)
    assert before.starts
    assert before.mails == 4  # three reviewers and the submitter
    assert scene.submission.state is State.SUBMITTED
    assert db.query(Message).count() == 0
    current = done(scene)
    assert people(current.assignments) == shown(before)
    assert scene.submission.state is State.IN_REVIEW
    assert Outlook.of(before.data()) == before
    assert [one.new for one in loads([before])] == [1, 1, 1]


@pytest.mark.lasting
def test_weights_hold_for_the_one_decision_and_stand_with_its_reasons(scene, db):
    policy = db.query(ReviewPolicy).order_by(ReviewPolicy.number.desc()).first()
    rules = dict(policy.rules)
    only = Tuning(weights={"load": 0.0, "topic": 3.0})
    current = done(scene, only)
    db.flush()
    (choice,) = choices_of(current.id).values()
    assert choice.tuning == {"weights": {"load": 0.0, "topic": 3.0}}
    assert choice.made_by_id == scene.editor.id
    assert {part["weight"] for part in choice.chosen[0]["parts"] if part["name"] == "topic"} == {3}
    assert policy.rules == rules
    assert [e.verb for e in history("review_rounds", current.id)] == ["assign"]
    first = current.assignments[0]
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    (next_one,) = scene.fill()
    assert db.get(Choice, next_one.choice_id).tuning == {}, "the next one is the policy's again"
    assert list(verified.faults()) == []


@pytest.mark.lasting
def test_somebody_is_pinned_and_somebody_kept_off_for_the_whole_round(scene, db):
    plain = looked(scene)
    off = next(seat for seat in plain.seats if seat.slot == Slot.EXTERNAL)
    waiting = plain.alternates["external"][-1]["person_id"]
    tuning = Tuning(
        pinned=(Seat(MatchingSlot.EXTERNAL, waiting),), kept_off=frozenset({off.person_id})
    )
    found = looked(scene, tuning)
    assert waiting in shown(found)
    assert off.person_id not in shown(found)
    current = done(scene, tuning)
    pinned = next(one for one in current.assignments if one.person_id == waiting)
    assert pinned.chosen_by_id == scene.editor.id
    while scene.round.assignments[-1].state is A.INVITED:  # until nobody is left
        for one in scene.round.assignments:
            if one.state is A.INVITED:
                operations.decline(one, by=as_reviewer(one), reason="no_time")
        if not scene.fill():
            break
    assert off.person_id not in people(scene.round.assignments)
    codes = {one["person_id"]: one["codes"] for one in scene.round.standing["excluded"]}
    assert "kept_off" in codes[off.person_id]


@pytest.mark.lasting
def test_a_pin_against_a_rule_wants_a_word_and_some_rules_none_can_overrule(scene, db, make):
    busy = scene.members[-1]
    busy.capacity = 1
    db.flush()
    other = scene.suggest()
    other_round = operations.start_review(other, by=scene.by_editor)
    other_round.wanted = [{"person_id": busy.person_id, "slot": "external", "by_id":
                           scene.editor.id, "note": "", "overruled": []}]  # fmt: skip
    operations.fill(other_round)
    tuning = Tuning(pinned=(Seat(MatchingSlot.EXTERNAL, busy.person_id),))
    found = looked(scene, tuning)
    assert found.needs_word
    assert next(seat for seat in found.seats if seat.pinned).overruled == ("at_cap",)
    with pytest.raises(InvalidInput):
        done(scene, tuning)
    assert scene.submission.state is State.SUBMITTED
    assert busy.person_id in people(done(scene, tuning, note=WHY).assignments)
    submitter = db.get(Person, scene.submission.submitter_id)
    rival = scene.members[-2].person_id
    declare_conflict(db.get(Person, rival), other=submitter)
    third = scene.suggest(submitter_id=submitter.id)
    against = Tuning(pinned=(Seat(MatchingSlot.EXTERNAL, rival),))
    with pytest.raises(InvalidInput):
        outlook(third, against, by=scene.by_editor)


def test_a_world_that_has_changed_refuses_it_whole_and_says_how_it_would_be_now(scene, db):
    before = looked(scene)
    gone = next(seat for seat in before.seats if seat.slot == Slot.INTERNAL)
    leave(scene, gone.person_id)
    with pytest.raises(Changed) as refused:
        done(scene, seen=before.digest)
    assert gone.person_id not in shown(refused.value.now)
    assert scene.submission.state is State.SUBMITTED
    assert db.query(Message).count() == 0


@pytest.mark.lasting
def test_a_full_panel_has_nobody_to_ask_and_one_free_seat_is_filled_by_the_new_weights(scene, db):
    scene.panel()
    assert "Let somebody go first" in looked(scene).refusal
    with pytest.raises(WrongState):
        done(scene)
    first = scene.round.assignments[0]
    operations.let_go(first, by=scene.by_editor, note="He asked me to.")
    found = looked(scene, Tuning(weights={"load": 2.0}))
    assert [seat.slot for seat in found.seats] == [first.slot]
    current = done(scene, Tuning(weights={"load": 2.0}))
    assert {one.person_id for one in current.assignments if one.state is A.INVITED} == shown(found)


def test_a_shortage_is_named_with_the_smallest_remedy_before_anything_is_sent(scene, db):
    for member in scene.members[:3]:  # everybody inside
        leave(scene, member.person_id)
    found = looked(scene)
    assert [one["slot"] for one in found.shortages] == [Slot.INTERNAL]
    assert found.shortages[0]["remedy"]["kind"] == "add_member"


@pytest.mark.lasting
def test_with_several_asked_for_each_seat_each_wave_keeps_its_own_reasons(make, db):
    scene = Scene(make, db, parallel_invitations=2)
    found = looked(scene)
    current = done(scene, seen=found.digest)
    assert people(current.assignments) == shown(found)
    assert len(found.seats) == 6
    assert len({one.choice_id for one in current.assignments}) == 2
    assert list(verified.faults()) == []
    accept(next(one for one in current.assignments if one.state is A.INVITED))


@pytest.mark.parametrize(
    ("given", "field"),
    [({"w_topic": "much"}, "w_topic"), ({"w_load": "-1"}, "w_load"), ({"open": "999"}, "open")],
)
def test_a_tuning_that_makes_no_sense_names_its_field(given, field):
    with pytest.raises(InvalidInput) as refused:
        Tuning.read(given, [], [])
    assert refused.value.field == field


def test_a_tuning_is_kept_and_read_again():
    tuning = Tuning.read(
        {"w_topic": "0,5", "open": "3", "more": "2"}, ["external:7", "sofa:1", "any:x"], ["9", "7b"]
    )
    assert tuning.weights == {"topic": 0.5}
    assert tuning.pinned == (Seat(MatchingSlot.EXTERNAL, 7),)
    assert Tuning.of(tuning.stored()) == tuning
    assert UNTUNED.stored() == {}
    assert UNTUNED.is_none


def test_a_choice_that_was_tampered_with_is_found(scene, db):
    current = scene.start() and scene.round
    db.flush()
    (choice,) = choices_of(current.id).values()
    chosen = [dict(one) for one in choice.chosen]
    waiting = [dict(one) for one in choice.line]
    external = next(one for one in chosen if one["slot"] == "external")
    external["points"] -= 400_000
    choice.chosen, choice.line = chosen, waiting
    db.flush()
    said = [sentence for _which, sentence in verified.faults()]
    assert any("add up to" in one for one in said)
    assert any("better panel" in one for one in said)


def test_a_choice_holds_when_two_accounts_of_one_reviewer_have_become_one(scene, db, make):
    first = scene.start()[0]
    old = db.get(Person, first.person_id)
    kept = make.person(organisation_id=old.organisation_id)
    first.person_id = kept.id
    db.flush()
    assert any("not among the chosen" in said for _which, said in verified.faults())
    old.password_hash, old.suspended_at, old.merged_into_id = None, clock.now(), kept.id
    db.flush()
    assert list(verified.faults()) == []
