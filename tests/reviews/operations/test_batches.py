"""Panels for many items: planned, looked at, applied whole or not at all, and explained."""

import sys

import pytest

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.jobs.models import JobState
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations, tasks, verified
from reviewhub.reviews.batches import MOST, Batch, BatchStage
from reviewhub.reviews.choices import Choice
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations import confirm_batch, start_batch
from reviewhub.reviews.outlooks import Outlook
from reviewhub.reviews.tuning import UNTUNED, Tuning
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.reviews.scene import Scene


@pytest.fixture
def scene(make, db, clock):
    """Six internal and twelve external members."""
    return Scene(make, db, internal=6, external=12)


def started(scene, items, tuning=UNTUNED, mode="total"):
    batch = start_batch([one.id for one in items], tuning, mode=mode, by=scene.by_editor)
    scene.db.commit()
    tasks.assign()
    scene.db.refresh(batch)
    return batch


def outlooks(batch):
    return [Outlook.of(one) for one in batch.plan["outlooks"]]


def confirmed(scene, batch):
    confirm_batch(batch, seen=batch.plan["digest"], by=scene.by_editor)
    scene.db.commit()
    tasks.assign()
    scene.db.refresh(batch)
    return batch


@pytest.mark.lasting
def test_a_batch_is_planned_looked_at_and_applied_whole(scene, db):
    items = [scene.submission, *(scene.suggest() for _one in range(5))]
    batch = started(scene, items)
    assert batch.stage is BatchStage.PLANNED
    assert batch.job.state is JobState.DONE
    assert db.query(Message).count() == 0
    planned = outlooks(batch)
    assert [len(one.seats) for one in planned] == [3] * 6
    confirmed(scene, batch)
    assert batch.stage is BatchStage.APPLIED
    for one in planned:
        asked = db.query(Assignment).filter_by(submission_id=one.submission_id).all()
        assert {a.person_id for a in asked} == {seat.person_id for seat in one.seats}
        assert db.get(Submission, one.submission_id).state is State.IN_REVIEW
    assert db.query(Message).filter_by(event="reviews/invite").count() == 18
    assert {one.batch_id for one in db.query(Choice)} == {batch.id}
    assert list(verified.faults()) == []


@pytest.mark.lasting
def test_a_world_that_has_changed_gives_a_new_plan_and_names_what_differs(scene, db):
    items = [scene.submission, scene.suggest()]
    batch = started(scene, items)
    before = outlooks(batch)
    gone = before[0].seats[0].person_id
    db.get(Person, gone).suspended_at = clock.now()
    confirmed(scene, batch)
    assert batch.stage is BatchStage.PLANNED
    assert db.query(Message).count() == 0
    assert gone in {person for one in batch.differs for person in one["gone"]}
    assert gone not in {seat.person_id for one in outlooks(batch) for seat in one.seats}
    assert confirmed(scene, batch).stage is BatchStage.APPLIED
    with pytest.raises(WrongState):
        confirm_batch(batch, seen=batch.plan["digest"], by=scene.by_editor)


@pytest.mark.lasting
def test_what_can_not_be_assigned_is_named_and_the_others_are_done(scene, db):
    running = scene.suggest()
    operations.fill(operations.start_review(running, by=scene.by_editor))
    own = scene.suggest(submitter_id=scene.editor.id)
    batch = started(scene, [scene.submission, running, own], Tuning(weights={"load": 1.0}))
    refusals = {one.ref: one.refusal for one in outlooks(batch)}
    assert "Let somebody go first" in refusals[running.ref]
    assert "You are involved" in refusals[own.ref]
    assert refusals[scene.submission.ref] == ""
    confirmed(scene, batch)
    assert db.query(Choice).filter_by(batch_id=batch.id).one().tuning == {"weights": {"load": 1.0}}


@pytest.mark.lasting
def test_where_the_solver_is_missing_the_panels_are_made_one_by_one(scene, db, monkeypatch):
    for name in ("ortools.graph.python.min_cost_flow", "ortools.graph.python", "ortools.graph"):
        monkeypatch.setitem(sys.modules, name, None)
    batch = started(scene, [scene.submission, *(scene.suggest() for _one in range(3))])
    assert batch.plan["alone"]
    assert all(len(one.seats) == 3 for one in outlooks(batch))
    loads = [seat.load for one in outlooks(batch) for seat in one.seats]
    assert max(loads) <= 2
    confirmed(scene, batch)
    assert list(verified.faults()) == []


@pytest.mark.lasting
@pytest.mark.parametrize("mode", ["equal", "fair"])
def test_the_load_or_the_benefit_can_be_shared_out(scene, db, mode):
    items = [scene.submission, *(scene.suggest() for _one in range(3))]
    batch = started(scene, items, mode=mode)
    assert [len(one.seats) for one in outlooks(batch)] == [3] * 4
    confirmed(scene, batch)
    assert {one.rule["search"] for one in db.query(Choice)} == {"shared"}
    assert list(verified.faults()) == []


def test_shortages_are_named_before_anything_is_sent(make, db, clock):
    scene = Scene(make, db, internal=1, external=4)
    batch = started(scene, [scene.submission, scene.suggest(), scene.suggest()])
    short = [one for one in outlooks(batch) if one.shortages]
    assert short
    assert short[0].shortages[0]["slot"] == "internal"
    assert short[0].shortages[0]["remedy"]["kind"]


def test_a_plan_that_fails_says_so_and_holds_up_no_other(scene, db):
    batch = started(scene, [scene.submission])
    scene.editor.grants = []
    confirmed(scene, batch)
    assert batch.stage is BatchStage.PLANNED
    assert "no editor any more" in batch.plan["error"]
    assert batch.job.state is JobState.FAILED
    assert db.query(Message).count() == 0


def test_a_plan_that_nobody_applied_is_forgotten_and_an_applied_one_is_not(make, db, clock):
    left, used = Scene(make, db), Scene(make, db)
    started(left, [left.submission])
    applied = confirmed(used, started(used, [used.submission]))
    clock.advance(days=30)
    assert tasks.sweep() == 0
    clock.advance(minutes=1)
    assert tasks.sweep() == 1
    assert [one.id for one in db.query(Batch)] == [applied.id]


def test_a_batch_wants_items_a_mode_and_nobody_pinned(scene):
    for ids, mode in (([], "total"), (range(1, MOST + 2), "total"), ([1], "best")):
        with pytest.raises(InvalidInput):
            start_batch(list(ids), UNTUNED, mode=mode, by=scene.by_editor)
    with pytest.raises(InvalidInput):
        start_batch([1], Tuning.read({}, ["any:3"], []), mode="total", by=scene.by_editor)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"stage": BatchStage.CONFIRMED}, "ck_panel_batches_confirmed_after_a_plan"),
        ({"applied_at": True}, "ck_panel_batches_applied_has_time"),
    ],
)
def test_a_batch_keeps_its_rules(scene, db, values, constraint):
    batch = start_batch([scene.submission.id], UNTUNED, mode="total", by=scene.by_editor)
    with refused_by(db, constraint):
        for name, value in values.items():
            setattr(batch, name, clock.now() if value is True else value)


def test_a_choice_has_a_policy(scene, db):
    scene.start()
    with refused_by(db, "ck_panel_choices_policy_is_numbered"):
        db.query(Choice).one().policy_number = 0
        assert db.query(Batch).count() == 0
