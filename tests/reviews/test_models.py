"""What the database refuses of policies, rounds, assignments and reviews."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewhub.core import clock as core_clock
from reviewhub.reviews.models import Assignment, Review, ReviewPolicy, ReviewRound
from reviewhub.reviews.workflow import Slot
from tests.reviews.scene import Scene, send

ROUND_BREAKERS = {
    "tie_breakers_positive": {"tie_breakers": -1},
    "panel_result": {"result": "undecided"},
}
ASSIGNMENT_BREAKERS = {
    "asked_has_date": {"state": "invited", "invited_at": None},
    "accepted_without_conflict": {"state": "accepted", "conflict_denied_at": None},
    "declined_has_reason": {"state": "declined", "decline_reason": ""},
    "asked_of_sensible": {"asked_of": 0},
    "conflict_has_date": {"conflict_found": "same_organisation"},
    "kept_has_conflict": {"conflict_kept_at": "2026-03-02 09:00:00+00:00"},
    "assignment_state": {"state": "lost"},
    "slot": {"slot": "chair"},
}
REVIEW_BREAKERS = {
    "sent_recommends": {"recommendation": None},
    "confidence": {"confidence": 5},
    "recommendation": {"recommendation": "perhaps"},
}


@pytest.fixture
def scene(make, db, clock):
    """A submission whose panel was asked, with one review."""
    scene = Scene(make, db)
    send(scene.panel()[0])
    db.flush()
    return scene


def refused(db, name, statement):
    """The statement is refused; PostgreSQL says by which rule, SQLite not always."""
    with pytest.raises(IntegrityError) as caught:
        db.execute(statement)
    if db.get_bind().dialect.name == "postgresql":
        assert name in str(caught.value)


def raw(model, values):
    """An UPDATE that goes around the model's own types, as another program would."""
    table = sa.table(model.__tablename__, *(sa.column(name) for name in values))
    return sa.update(table).values(values)


@pytest.mark.parametrize("name", ROUND_BREAKERS)
def test_a_round_that_contradicts_itself_is_refused(db, scene, name):
    refused(db, name, raw(ReviewRound, ROUND_BREAKERS[name]))


def test_a_closed_round_asks_nobody(db, scene):
    now = core_clock.now()
    refused(db, "closed_asks_nobody", sa.update(ReviewRound).values(closed_at=now, fill_at=now))


def another_round(scene, **values):
    """A second round of the same submission."""
    first = scene.round
    return sa.insert(ReviewRound).values(
        submission_id=first.submission_id,
        policy_id=first.policy_id,
        **{"number": 2, "closed_at": core_clock.now(), **values},
    )


def test_a_round_has_its_own_number(db, scene):
    refused(db, "uq_review_rounds_number", another_round(scene, number=1))


def test_one_round_is_open(db, scene):
    refused(db, "uq_review_rounds_open", another_round(scene, closed_at=None))


def test_a_policy_has_its_own_number(db, scene):
    number = scene.round.policy.number
    refused(
        db, "uq_review_policies_number", sa.insert(ReviewPolicy).values(number=number, rules={})
    )


@pytest.mark.parametrize("name", ASSIGNMENT_BREAKERS)
def test_an_assignment_that_contradicts_itself_is_refused(db, scene, name):
    refused(db, name, raw(Assignment, ASSIGNMENT_BREAKERS[name]))


def test_an_accepted_assignment_has_its_date(db, scene):
    refused(db, "accepted_without_conflict", raw(Assignment, {"due_at": None}))


def test_a_slot_takes_the_reviewers_it_is_for(db, scene):
    wrong = sa.update(Assignment).where(Assignment.slot == Slot.INTERNAL).values(internal=False)
    refused(db, "slot_fits_reviewer", wrong)


@pytest.mark.parametrize("slot", [Slot.ANY, Slot.TIE_BREAKER])
def test_other_seats_take_people_from_anywhere(db, scene, slot):
    one = scene.round.assignments[0]
    one.slot, one.internal = slot, not one.internal
    db.flush()


def test_a_person_is_asked_once_in_a_round(db, scene):
    first, second, *_others = scene.round.assignments
    twice = sa.update(Assignment).where(Assignment.id == second.id)
    refused(db, "uq_assignments_person_once", twice.values(person_id=first.person_id))


@pytest.mark.parametrize("name", REVIEW_BREAKERS)
def test_a_review_that_contradicts_itself_is_refused(db, scene, name):
    refused(db, name, raw(Review, REVIEW_BREAKERS[name]))


def test_an_assignment_has_one_review(db, scene):
    review = scene.round.assignments[0].review
    second = sa.insert(Review).values(assignment_id=review.assignment_id)
    refused(db, "uq_reviews_assignment_id", second)
