"""An editor's hand on the panel."""

from datetime import timedelta

import pytest

from reviewhub.accounts import operations as accounts
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.reviews import operations, queries
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from tests.reviews.scene import Scene, accept, as_editor, as_reviewer

WHY = "She knows this field better than anybody."


@pytest.fixture
def free(scene):
    """A roster member who is not on the panel."""

    def find(*, internal=False):
        asked = {one.person_id for one in scene.round.assignments}
        return next(
            one for one in scene.members if one.internal is internal and one.person_id not in asked
        )

    return find


def join_the_submitter(db, scene, member):
    """The member comes from the submitter's organisation."""
    submitter = db.get_one(Person, scene.submission.submitter_id)
    submitter.organisation_id = scene.make.organisation().id
    db.get_one(Person, member.person_id).organisation_id = submitter.organisation_id
    db.flush()


@pytest.mark.lasting
def test_a_paused_panel_asks_nobody_until_it_goes_on(scene):
    first, *_others = scene.start()
    operations.pause(scene.round, by=scene.by_editor, note="The submitter wrote.")
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    assert scene.fill() == []
    assert queries.rounds_to_fill(core_clock.now()) == []
    with pytest.raises(WrongState):
        operations.pause(scene.round, by=scene.by_editor)
    operations.resume(scene.round, by=scene.by_editor)
    (second,) = scene.fill()
    assert second.slot is first.slot
    with pytest.raises(WrongState):
        operations.resume(scene.round, by=scene.by_editor)


@pytest.mark.lasting
def test_whom_the_editor_puts_first_is_asked_when_a_seat_falls_free(scene, free, clock):
    panel = scene.start()
    wanted = free()
    operations.ask(scene.round, person_id=wanted.person_id, slot=Slot.EXTERNAL, by=scene.by_editor)
    assert scene.fill() == [], "every seat is taken"
    leaving = next(one for one in panel if one.slot is Slot.EXTERNAL)
    operations.decline(leaving, by=as_reviewer(leaving), reason="no_time")
    (asked,) = scene.fill()
    assert asked.person_id == wanted.person_id
    assert (asked.chosen_by_id, asked.state) == (scene.editor.id, A.INVITED)
    assert scene.round.wanted == []
    assert scene.of(asked) in scene.sent_to("invite")


@pytest.mark.lasting
def test_a_rule_is_overruled_with_a_reason_in_the_history(scene, free, db):
    panel = scene.start()
    wanted = free()
    join_the_submitter(db, scene, wanted)
    with pytest.raises(InvalidInput, match="overruled"):
        operations.ask(
            scene.round, person_id=wanted.person_id, slot=Slot.EXTERNAL, by=scene.by_editor
        )
    operations.ask(
        scene.round, person_id=wanted.person_id, slot=Slot.EXTERNAL, by=scene.by_editor, note=WHY
    )
    leaving = next(one for one in panel if one.slot is Slot.EXTERNAL)
    operations.let_go(leaving, by=scene.by_editor, note="She is on leave.")
    (asked,) = scene.fill()
    told = history("assignments", asked.id)
    choice = next(event for event in told if event.verb == "choose")
    assert (choice.actor_id, choice.note) == (scene.editor.id, WHY)
    assert choice.data["overruled"] == ["same_organisation"]


@pytest.mark.lasting
def test_a_rule_that_has_come_up_since_holds(scene, free, db):
    panel = scene.start()
    wanted = free()
    operations.ask(scene.round, person_id=wanted.person_id, slot=Slot.EXTERNAL, by=scene.by_editor)
    join_the_submitter(db, scene, wanted)
    leaving = next(one for one in panel if one.slot is Slot.EXTERNAL)
    operations.let_go(leaving, by=scene.by_editor, note="She is on leave.")
    (asked,) = scene.fill()
    assert asked.person_id != wanted.person_id
    assert [one["person_id"] for one in scene.round.wanted] == [wanted.person_id]


def test_nobody_is_asked_against_what_they_declared_or_about_their_own_item(scene, free, db):
    scene.start()
    wanted = free()
    person = db.get_one(Person, wanted.person_id)
    submitter = db.get_one(Person, scene.submission.submitter_id)
    accounts.declare_conflict(person, other=submitter, reason="We are related.")
    scene.make.member(person=submitter)
    db.flush()
    for person_id in (person.id, scene.submission.submitter_id):
        with pytest.raises(InvalidInput, match="can’t be asked"):
            operations.ask(
                scene.round, person_id=person_id, slot=Slot.EXTERNAL, by=scene.by_editor, note=WHY
            )


@pytest.mark.parametrize("case", ["asked", "wrong kind", "stranger", "twice"])
def test_who_can_not_be_put_first(scene, free, make, case):
    asked, *_others = scene.start()
    person_id, slot = {
        "asked": lambda: (asked.person_id, asked.slot),
        "wrong kind": lambda: (free().person_id, Slot.INTERNAL),
        "stranger": lambda: (make.person().id, Slot.EXTERNAL),
        "twice": lambda: (free().person_id, Slot.EXTERNAL),
    }[case]()
    if case == "twice":
        operations.ask(scene.round, person_id=person_id, slot=slot, by=scene.by_editor)
    with pytest.raises(InvalidInput):
        operations.ask(scene.round, person_id=person_id, slot=slot, by=scene.by_editor, note=WHY)


def test_who_was_put_first_is_taken_out_of_the_line(scene, free):
    scene.start()
    wanted = free()
    operations.ask(scene.round, person_id=wanted.person_id, slot=Slot.EXTERNAL, by=scene.by_editor)
    operations.forget(scene.round, person_id=wanted.person_id, by=scene.by_editor)
    assert scene.round.wanted == []
    with pytest.raises(WrongState):
        operations.forget(scene.round, person_id=wanted.person_id, by=scene.by_editor)


@pytest.mark.lasting
def test_somebody_who_declined_is_asked_again_by_hand(scene, clock):
    first, *_others = scene.start()
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    clock.advance(hours=1)
    operations.ask_again(first, by=scene.by_editor)
    assert (first.state, first.decline_reason) == (A.INVITED, "")
    assert scene.sent_to("invite").count(scene.of(first)) == 2
    assert scene.fill() == [], "the seat is theirs again"
    accept(first)


def test_nobody_is_asked_again_against_what_they_declared_since(scene, db):
    first, *_others = scene.start()
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    submitter = db.get_one(Person, scene.submission.submitter_id)
    accounts.declare_conflict(db.get_one(Person, first.person_id), other=submitter)
    with pytest.raises(WrongState, match="can’t be asked"):
        operations.ask_again(first, by=scene.by_editor)
    assert first.state is A.DECLINED


@pytest.mark.lasting
def test_nobody_is_asked_again_for_a_seat_that_is_taken(scene):
    first, *_others = scene.start()
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    scene.fill()
    with pytest.raises(WrongState, match="taken"):
        operations.ask_again(first, by=scene.by_editor)


@pytest.mark.lasting
def test_an_editor_lets_somebody_go_and_the_seat_is_filled(scene):
    first, *_others = scene.panel()
    with pytest.raises(InvalidInput):
        operations.let_go(first, by=scene.by_editor, note="")
    operations.let_go(first, by=scene.by_editor, note="She is on leave.")
    assert first.state is A.CANCELLED
    assert scene.of(first) in scene.sent_to("cancel")
    (second,) = scene.fill()
    assert second.slot is first.slot


@pytest.mark.lasting
def test_an_editor_gives_more_time_than_a_reviewer_can_take(scene, clock):
    first, *_others = scene.panel()
    due_at = first.due_at
    operations.give_time(first, by=scene.by_editor, days=60)
    assert first.due_at == due_at + timedelta(days=60)
    for days in (0, 91):
        with pytest.raises(InvalidInput):
            operations.give_time(first, by=scene.by_editor, days=days)
    clock.advance(days=200)
    operations.give_time(first, by=scene.by_editor, days=5)
    assert first.due_at == core_clock.now() + timedelta(days=5), "from today where it is over"


def test_editors_with_a_part_in_it_have_no_hand_on_the_panel(make, db, clock):
    scene = Scene(make, db)
    other = make.editor("Otto Other")
    submitter = db.get_one(Person, scene.submission.submitter_id)
    accounts.declare_conflict(other, other=submitter, reason="We are related.")
    first, *_others = scene.panel()
    db.flush()
    by = as_editor(other)
    for attempt in (
        lambda: operations.pause(scene.round, by=by),
        lambda: operations.ask(
            scene.round, person_id=scene.members[-1].person_id, slot=Slot.EXTERNAL, by=by
        ),
        lambda: operations.let_go(first, by=by, note="No."),
        lambda: operations.give_time(first, by=by, days=3),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.lasting
def test_a_closed_panel_is_nobodys_to_change(scene):
    scene.reviewed("include", "include", "include")
    for attempt in (
        lambda: operations.pause(scene.round, by=scene.by_editor),
        lambda: operations.let_go(scene.round.assignments[0], by=scene.by_editor, note="Too late."),
    ):
        with pytest.raises(WrongState):
            attempt()
