"""One submission at a time: the best are asked, loads spread, and a decline has its answer."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from reviewhub.matching.batch import assign
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.openings import Opening, Reviewer
from reviewhub.matching.problem import Problem, of_matrix
from reviewhub.matching.rules import Slot
from reviewhub.matching.stream import Desk
from reviewhub.matching.tables import FORBIDDEN

from .batches import SEEDS, batch

ONE = {Slot.ANY: 1}


def people(*capacities: int) -> list[Reviewer]:
    return [Reviewer(id=id, capacity=room) for id, room in enumerate(capacities, start=1)]


def eligible(problem: Problem, row: int) -> dict[int, float]:
    points = problem.row(row).tolist()
    pairs = zip(problem.reviewers, points, strict=True)
    return {one.id: value / 1e6 for one, value in pairs if value > FORBIDDEN}


def test_the_load_and_the_price_are_taken_off_the_score() -> None:
    scores = {1: 0.8, 2: 0.75}
    assert Desk(people(2, 2)).arrive(Opening(id=1, seats=ONE), scores).seats == {Slot.ANY: (1,)}
    busy = Desk(people(4, 4), loads={1: 3})
    assert busy.arrive(Opening(id=1, seats=ONE), scores).seats == {Slot.ANY: (2,)}
    priced = Desk(people(2, 2), prices={1: 0.1})
    assert priced.arrive(Opening(id=1, seats=ONE), scores).seats == {Slot.ANY: (2,)}
    spared = Desk(people(2, 2), prices={1: math.inf, 2: math.inf})
    assert spared.arrive(Opening(id=1, seats=ONE), scores).seats == {Slot.ANY: ()}


def test_a_decline_goes_to_the_next_of_the_reserve_who_still_fits() -> None:
    reviewers = [
        Reviewer(id=1, capacity=1, organisation_id=5),
        Reviewer(id=2, capacity=1, organisation_id=6),
        Reviewer(id=3, capacity=1, organisation_id=6),
        Reviewer(id=4, capacity=1, organisation_id=7),
        Reviewer(id=5, capacity=1, organisation_id=8),
    ]
    desk = Desk(reviewers)
    opening = Opening(id=1, seats={Slot.EXTERNAL: 2}, distinct_organisations=True, readers=1)
    scores = {1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6, 5: 0.5}
    asked = desk.arrive(opening, scores, reads={1, 3, 5})
    assert asked.seats == {Slot.EXTERNAL: (1, 2)}
    assert asked.reserve == {Slot.EXTERNAL: (3, 4, 5)}
    # 3 is from the house of 2; 4 does not read the language, and somebody has to.
    assert desk.declined(1, 1) == 5
    assert desk.declined(1, 5) is None
    assert desk.loads == {1: 0, 2: 1, 3: 0, 4: 0, 5: 0}
    with pytest.raises(MatchingError, match="was not asked"):
        desk.declined(1, 5)
    desk.done(1)
    with pytest.raises(MatchingError, match="was not asked"):
        desk.declined(1, 2)


def test_whoever_has_been_asked_elsewhere_meanwhile_is_passed_over() -> None:
    desk = Desk(people(1, 1, 1))
    desk.arrive(Opening(id=1, seats=ONE), {1: 0.9, 2: 0.8, 3: 0.7})
    desk.arrive(Opening(id=2, seats=ONE), {2: 0.8, 3: 0.7})
    assert desk.declined(1, 1) == 3


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_nothing_is_broken_when_a_third_declines(seed: int) -> None:
    problem = batch(seed)
    desk, seats = Desk(problem.reviewers), {}
    for row, opening in enumerate(problem.openings):
        scores = eligible(problem, row)
        panel = [one for ids in desk.arrive(opening, scores).seats.values() for one in ids]
        for person in panel[::3]:
            panel.remove(person)
            if (following := desk.declined(opening.id, person)) is not None:
                assert following not in {person, *panel}
                panel.append(following)
        assert set(panel) <= set(scores)
        assert len(panel) == len(set(panel)) <= sum(opening.seats.values())
        seats[opening.id] = panel
    asked = [one for panel in seats.values() for one in panel]
    assert all(
        asked.count(one.id) == desk.loads[one.id] <= one.capacity for one in problem.reviewers
    )


def test_the_prices_of_a_batch_keep_people_for_those_who_have_nobody_else() -> None:
    scores = np.array([[0.9, 0.85], [0.9, 0.1], [0.9, 0.0]])
    problem = of_matrix(scores, seats=1, capacity=[2, 2])
    best = assign(problem)
    totals = []
    for prices in ({}, best.prices):
        desk = Desk(problem.reviewers, prices=prices, penalty=0)
        asked = [
            desk.arrive(opening, eligible(problem, row)).seats[Slot.ANY]
            for row, opening in enumerate(problem.openings)
        ]
        totals.append(sum(scores[row, one] for row, ids in enumerate(asked) for one in ids))
    assert totals == pytest.approx([1.8, best.total])


@pytest.mark.parametrize(
    ("scores", "says"),
    [({9: 0.5}, "no reviewer 9"), ({1: math.nan}, "not a finite number")],
)
def test_an_arrival_that_makes_no_sense_is_refused(scores: dict[int, float], says: str) -> None:
    with pytest.raises(MatchingError, match=says):
        Desk(people(1)).arrive(Opening(id=1, seats=ONE), scores)


def test_a_desk_that_makes_no_sense_is_refused() -> None:
    for bad, says in (
        (lambda: Desk([*people(1), *people(1)]), "twice"),
        (lambda: Desk(people(1), penalty=-1), "penalty"),
        (lambda: Desk(people(1), prices={1: math.nan}), "price"),
    ):
        with pytest.raises(MatchingError, match=says):
            bad()
    desk = Desk(people(1))
    desk.arrive(Opening(id=1, seats=ONE), {})
    with pytest.raises(MatchingError, match="arrived before"):
        desk.arrive(Opening(id=1, seats=ONE), {})
