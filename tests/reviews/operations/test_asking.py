"""Nobody is asked who is away, or for more than they offered: counted under a lock."""

from datetime import timedelta

import pytest

from reviewhub.core import clock as core_clock
from reviewhub.core.errors import WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.operations import asking, panels, seats
from reviewhub.reviews.queries import latest_round
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.roster.models import Absence
from tests.reviews.scene import Scene, accept, as_reviewer


@pytest.fixture
def scene(make, db, clock):
    """Just as many reviewers as one panel has seats, each of whom offers one review."""
    scene = Scene(make, db, internal=1, external=2, open_items_cap=1)
    for member in scene.members:
        member.capacity = 1
    db.flush()
    return scene


def away(member, first, last=None):
    """Days from today on."""
    today = core_clock.today()
    ends = None if last is None else today + timedelta(days=last)
    member.absences = [Absence(first_day=today + timedelta(days=first), last_day=ends)]


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [
        (0, 0, False),
        (8, 8, False),  # Tuesday of next week, the last day for the answer
        (9, 18, True),  # ten of the review's twenty-one days
        (9, 19, False),
        (9, None, False),
        (20, None, True),
    ],
)
def test_who_goes_away_is_asked_when_there_is_time_to_answer_and_to_review(
    scene, db, first, last, asked
):
    away(scene.members[0], first, last)
    invited = {one.person_id for one in scene.start()}
    assert (scene.members[0].person_id in invited) == asked
    assert len(invited) == (3 if asked else 2)


@pytest.mark.lasting
def test_whose_last_place_was_taken_since_the_plan_is_left_out_and_looked_for_again(
    scene, db, monkeypatch
):
    other = scene.suggest()
    counted = asking.still_free

    def after_another_panel(submission, wave, tuning):
        if submission.id != other.id:
            monkeypatch.setattr(asking, "still_free", counted)
            operations.start_review(other, by=scene.by_editor)
            panels.fill(latest_round(other.id))
        return counted(submission, wave, tuning)

    monkeypatch.setattr(asking, "still_free", after_another_panel)
    assert scene.start() == []
    assert scene.round.fill_at == core_clock.now()
    assert len(latest_round(other.id).assignments) == 3
    assert {one.asked_of for one in latest_round(other.id).assignments} == {1}


@pytest.mark.lasting
def test_a_late_yes_is_refused_once_all_that_was_offered_is_taken(scene, db, clock):
    late = next(one for one in scene.start() if one.slot is Slot.INTERNAL)
    scene.tick(clock, days=4)
    scene.tick(clock, days=6)
    assert late.state is A.EXPIRED
    scene.submission = scene.suggest()
    again = scene.start()
    assert late.person_id in {one.person_id for one in again}
    with pytest.raises(WrongState, match="offered for this half-year are taken"):
        operations.accept(late, by=as_reviewer(late))
    scene.members[0].capacity = 2
    db.flush()
    with pytest.raises(WrongState, match="finish one first"):
        operations.accept(late, by=as_reviewer(late))


@pytest.mark.lasting
def test_an_editor_who_asks_again_keeps_to_what_was_offered(scene, db, clock):
    first = scene.start()
    declined = next(one for one in first if one.slot is Slot.INTERNAL)
    operations.decline(declined, by=as_reviewer(declined), reason="no_time")
    held, scene.submission = scene.submission, scene.suggest()
    assert declined.person_id in {one.person_id for one in scene.start()}
    scene.submission = held
    with pytest.raises(WrongState, match="taken"):
        seats.ask_again(declined, by=scene.by_editor)


@pytest.mark.lasting
def test_an_editor_may_go_beyond_it_with_a_reason_and_that_is_written_down(scene, db):
    accept(scene.start()[0])
    busy = scene.members[0].person_id
    scene.submission = scene.suggest()
    scene.start()
    seats.ask(
        scene.round, person_id=busy, slot=Slot.INTERNAL, by=scene.by_editor,
        note="They offered it on the phone.",
    )  # fmt: skip
    scene.fill()
    (asked,) = [one for one in scene.round.assignments if one.person_id == busy]
    assert asked.asked_of == 2


def test_whoever_was_never_on_the_roster_has_offered_no_number(scene, db, make):
    one = scene.start()[0]
    one.person_id = make.person().id
    one.asked_of = None
    db.flush()
    asking.count_in(one, at=core_clock.now())
    assert one.asked_of is None
    assert asking.hold([], wait=False) == frozenset()
