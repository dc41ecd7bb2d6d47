"""Several people are asked for one seat at once: the first yes takes it, and nobody loses by it."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.accounts.models import Person
from reviewhub.core.errors import WrongState
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations
from reviewhub.reviews.candidates import candidates_for
from reviewhub.reviews.seating import holds, is_asked, tallies, tally
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from tests.reviews.scene import Scene, accept, as_editor, as_reviewer, people, send


@pytest.fixture
def twice(make, db):
    """Two people are asked for each seat."""
    return Scene(make, db, internal=4, external=8, parallel_invitations=2)


def asked_for(scene, slot):
    return [one for one in scene.round.assignments if one.slot is slot and is_asked(one)]


def words(message):
    """The plain text of a mail, without its line ends."""
    return " ".join(render(message).get_body(("plain",)).get_content().split())


@pytest.mark.lasting
def test_twice_as_many_are_asked_as_there_are_seats(twice):
    twice.start()
    assert len(asked_for(twice, Slot.INTERNAL)) == 2
    assert len(asked_for(twice, Slot.EXTERNAL)) == 4
    assert twice.fill() == [], "filling again asks nobody more"


@pytest.mark.lasting
def test_the_best_panel_is_the_first_wave(twice):
    best = {seat.candidate_id for seat in operations.preview(twice.submission).seats}
    assert best <= people(twice.start())


@pytest.mark.lasting
def test_the_first_yes_takes_the_seat_and_the_other_is_called_off_in_kind_words(twice):
    twice.start()
    first, second = asked_for(twice, Slot.INTERNAL)
    accept(second)
    assert (first.state, second.state) == (A.CANCELLED, A.ACCEPTED)
    assert first.called_off_at is not None
    assert twice.sent_to("call_off") == [twice.of(first)]
    assert twice.sent_to("cancel") == []
    with pytest.raises(WrongState, match="filled in the meantime"):
        accept(first)


@pytest.mark.lasting
def test_of_two_seats_one_yes_leaves_two_asked_for_the_other(twice):
    twice.start()
    accept(asked_for(twice, Slot.EXTERNAL)[0])
    found = tally(twice.round, Slot.EXTERNAL)
    assert (found.seats, found.held, found.asked) == (2, 1, 2)
    accept(asked_for(twice, Slot.EXTERNAL)[0])
    found = tally(twice.round, Slot.EXTERNAL)
    assert (found.held, found.asked, found.free, found.to_ask) == (2, 0, 0, 0)


@pytest.mark.lasting
def test_being_called_off_costs_nothing_in_ranking(twice, db):
    twice.start()
    first, second = asked_for(twice, Slot.INTERNAL)
    before = {one.id: one for one in candidates_for(twice.suggest(), None)}[first.person_id]
    accept(second)
    db.flush()
    elsewhere = twice.suggest()
    after = {one.id: one for one in candidates_for(elsewhere, None)}[first.person_id]
    assert (after.load, after.open_items) == (before.load - 1, before.open_items - 1)
    here = {one.id: one for one in candidates_for(twice.submission, twice.round)}
    assert not here[first.person_id].refused_before, "not even in the same round"


@pytest.mark.lasting
def test_whoever_was_called_off_is_asked_again_when_the_first_steps_back(make, db, clock):
    scene = Scene(make, db, internal=2, external=4, parallel_invitations=2)
    scene.start()
    first, second = asked_for(scene, Slot.INTERNAL)
    accept(second)
    clock.advance(days=1)
    operations.decline(second, by=as_reviewer(second), reason="no_time")
    scene.fill()
    assert (first.state, second.state) == (A.INVITED, A.DECLINED)
    assert first.called_off_at is None
    assert scene.sent_to("invite").count(scene.of(first)) == 2
    accept(first)
    assert first.state is A.ACCEPTED


@pytest.mark.lasting
def test_whoever_comes_from_the_same_organisation_is_called_off_with_the_first_yes(twice, db):
    twice.start()
    first, second, *others = asked_for(twice, Slot.EXTERNAL)
    db.get_one(Person, second.person_id).organisation_id = db.get_one(
        Person, first.person_id
    ).organisation_id = twice.make.organisation().id
    db.flush()
    accept(first)
    assert second.state is A.CANCELLED, "together they would break the rule"
    assert sum(one.state is A.INVITED for one in others) == 2
    assert len(asked_for(twice, Slot.EXTERNAL)) == 2


@pytest.mark.lasting
def test_the_last_seat_is_kept_for_a_reader_of_the_language(make, db):
    scene = Scene(make, db, internal=2, external=0, parallel_invitations=2)
    reader = make.member()
    strangers = [make.member() for _one in range(4)]
    for one in (*scene.members, *strangers):
        one.languages = ["fr"]
    reader.languages = ["en"]
    scene.submission.language = "en"
    db.flush()
    scene.start()
    by_person = {one.person_id: one for one in scene.round.assignments}
    accept(asked_for(scene, Slot.INTERNAL)[0])
    stranger = next(
        one for one in asked_for(scene, Slot.EXTERNAL) if one.person_id != reader.person_id
    )
    accept(stranger)
    still = people(asked_for(scene, Slot.EXTERNAL))
    assert still == {reader.person_id}, "nobody else could complete the panel"
    accept(by_person[reader.person_id])
    assert scene.round.assignments


@pytest.mark.lasting
def test_a_late_yes_counts_while_nobody_has_accepted(twice, clock):
    twice.start()
    first, _second = asked_for(twice, Slot.INTERNAL)
    operations.expire(first)
    twice.fill()
    assert len(asked_for(twice, Slot.INTERNAL)) == 2
    accept(first)
    assert first.state is A.ACCEPTED
    assert asked_for(twice, Slot.INTERNAL) == []


@pytest.mark.lasting
def test_when_the_waves_run_out_the_shortage_is_named_with_its_remedy(make, db):
    scene = Scene(make, db, internal=2, external=8, parallel_invitations=2)
    scene.start()
    first, second = asked_for(scene, Slot.INTERNAL)
    operations.decline(first, by=as_reviewer(first), reason="no_time")
    assert scene.fill() == []
    assert scene.submission.progress.shortage is None, "somebody is still asked for it"
    operations.decline(second, by=as_reviewer(second), reason="no_time")
    scene.fill()
    named = scene.submission.progress.shortage["shortages"]
    assert [(one["slot"], one["missing"]) for one in named] == [("internal", 1)]
    assert named[0]["remedy"]["kind"] == "add_member"
    assert scene.sent_to("shortage") == [scene.editor.email]
    make.member(internal=True)
    assert [one.slot for one in scene.fill()] == [Slot.INTERNAL]
    assert scene.submission.progress.shortage is None


@pytest.mark.lasting
def test_the_reserve_names_nobody_who_is_asked_and_outlives_a_full_panel(twice):
    twice.start()
    twice.fill()
    reserve = twice.round.standing["alternates"]
    assert set(reserve) == {"internal", "external"}
    named = {one["person_id"] for line in reserve.values() for one in line}
    everybody = {one.person_id for one in twice.members}
    assert named == everybody - people(twice.round.assignments)
    accept(asked_for(twice, Slot.INTERNAL)[0])
    twice.fill()
    assert set(twice.round.standing["alternates"]) == {"internal", "external"}


@pytest.mark.lasting
def test_a_late_yes_calls_off_whom_it_leaves_no_place(make, db, clock):
    """One person is asked for each seat; the late one comes from where another was asked since."""
    scene = Scene(make, db, internal=1, external=3)
    scene.start()
    late, other = asked_for(scene, Slot.EXTERNAL)
    operations.expire(late)
    operations.decline(other, by=as_reviewer(other), reason="no_time")
    (third,) = scene.fill()
    assert third.slot is Slot.EXTERNAL
    db.get_one(Person, third.person_id).organisation_id = db.get_one(
        Person, late.person_id
    ).organisation_id = make.organisation().id
    db.flush()
    accept(late)
    assert (late.state, third.state) == (A.ACCEPTED, A.CANCELLED)
    assert scene.sent_to("call_off") == [scene.of(third)]


@pytest.mark.lasting
def test_an_editors_choice_is_called_off_last(twice):
    twice.start()
    for one in asked_for(twice, Slot.EXTERNAL)[2:]:
        operations.decline(one, by=as_reviewer(one), reason="no_time")
    free = next(
        one.person_id
        for one in twice.members
        if not one.internal and one.person_id not in people(twice.round.assignments)
    )
    operations.ask(twice.round, person_id=free, slot=Slot.EXTERNAL, by=as_editor(twice.editor))
    twice.fill()
    accept(next(one for one in asked_for(twice, Slot.EXTERNAL) if one.person_id != free))
    assert free in people(asked_for(twice, Slot.EXTERNAL))


@pytest.mark.lasting
def test_a_late_review_of_somebody_relieved_calls_off_who_was_asked_instead(scene, clock):
    panel = scene.panel()
    late = next(one for one in panel if one.slot is Slot.EXTERNAL)
    for one in panel:
        if one.slot is Slot.INTERNAL:
            send(one)
    scene.tick(clock, days=22)
    scene.tick(clock, days=8)
    scene.fill()
    assert len(asked_for(scene, Slot.EXTERNAL)) == 2, "both are late, and one is asked beside each"
    send(late)
    assert len(asked_for(scene, Slot.EXTERNAL)) == 1
    assert len(scene.sent_to("call_off")) == 1


@pytest.mark.lasting
def test_the_invitation_says_that_others_are_asked_and_the_other_mail_thanks(twice, db):
    twice.start()
    first, second = asked_for(twice, Slot.INTERNAL)
    accept(second)
    mails = {
        one.event: words(one)
        for one in db.scalars(sa.select(Message).where(Message.object_id == first.id))
        if one.object_type == "assignments"
    }
    assert "whoever says yes first has the seat" in mails["reviews/invite"]
    assert "Nothing counts against you" in mails["reviews/call_off"]


def test_one_person_at_a_time_is_told_of_no_others(scene, db):
    scene.start()
    mail = db.scalars(sa.select(Message).where(Message.event == "reviews/invite")).first()
    assert "whoever says yes first" not in words(mail)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("accept", "decline", "expire", "fill", "recuse", "give_up")),
        st.integers(0, 11),
    ),
    max_size=25,
)


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at_once=st.integers(1, 4), steps=STEPS)
def test_never_more_are_accepted_than_there_are_seats(make, db, at_once, steps):
    """Whatever people answer, in whichever order: no seat is held twice or asked too often."""
    point = db.begin_nested()
    try:
        scene = Scene(make, db, internal=5, external=9, parallel_invitations=at_once)
        scene.start()
        for verb, number in steps:
            _step(scene, verb, number)
            for found in tallies(scene.round):
                assert found.held <= found.seats
                assert found.asked <= found.free * at_once
            sitting = [one for one in scene.round.assignments if holds(one)]
            organisations = [db.get_one(Person, one.person_id).organisation_id for one in sitting]
            assert len(set(organisations)) == len(organisations)
    finally:
        point.rollback()


def _step(scene, verb, number):
    if verb == "fill":
        scene.fill()
        return
    from_ = {
        "accept": {A.INVITED, A.EXPIRED}, "expire": {A.INVITED}, "decline": {A.INVITED, A.ACCEPTED},
        "recuse": {A.INVITED, A.ACCEPTED}, "give_up": {A.ACCEPTED},
    }[verb]  # fmt: skip
    open_ = [one for one in scene.round.assignments if one.state in from_]
    if not open_:
        return
    one = open_[number % len(open_)]
    by = as_reviewer(one)
    if verb == "accept":
        try:
            accept(one)
        except WrongState:
            assert one.state is A.EXPIRED, "whoever is still asked can always accept"
    elif verb == "expire":
        operations.expire(one)
    elif verb == "decline":
        operations.decline(one, by=by, reason="no_time")
    elif verb == "recuse":
        operations.recuse(one, by=by)
    else:
        send(one, "cannot_judge")
