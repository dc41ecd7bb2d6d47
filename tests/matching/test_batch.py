"""Batches: as full and as good as an exact solver finds, with proof, and nothing broken."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from reviewhub.matching import optimum
from reviewhub.matching.batch import Mode, Outcome, assign
from reviewhub.matching.bench import open_bench
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.explained import FaultCode, PassedWhy, explain, faults
from reviewhub.matching.openings import Opening, Reviewer
from reviewhub.matching.problem import Problem, of_benches, of_matrix
from reviewhub.matching.reasons import RemedyKind, Seat
from reviewhub.matching.rules import PanelNeed, Slot
from reviewhub.matching.tables import DenseScores, VectorScores

from .batches import SEEDS, batch, shuffled
from .exact import best
from .makers import TODAY, candidate, item, rule


def squares(outcome: Outcome) -> int:
    return sum(load**2 for load in outcome.loads.values())


def is_best_and_proven(seed: int) -> None:
    """What has to hold of every batch without needs, in every mode."""
    problem = batch(seed)
    exact, even = best(problem), best(problem, equal=True)
    total, equal, fair = (assign(problem, mode, budget=0.2) for mode in Mode)
    for outcome in (total, equal, fair):
        assert faults(problem, outcome) == ()
        assert len(outcome.placements) == exact.placed
        assert outcome.total <= outcome.upper_bound + 1e-9
        short = {one.submission_id for one in outcome.short}
        placed = [one.submission_id for one in outcome.placements]
        assert short == {
            one.id for one in problem.openings if placed.count(one.id) < sum(one.seats.values())
        }
    assert (round(total.total * 1e6), round(total.upper_bound * 1e6)) == (exact.points,) * 2
    assert (squares(equal), round(equal.total * 1e6)) == (even.squares, even.points)
    assert round(equal.upper_bound * 1e6) == even.points
    assert fair.worst >= total.worst
    assert fair.total >= total.total - 0.2 * abs(total.total) - 1e-9


@pytest.mark.lasting
@settings(deadline=None, max_examples=8)
@given(SEEDS)
def test_a_batch_is_as_full_and_as_good_as_can_be(seed: int) -> None:
    is_best_and_proven(seed)


@pytest.mark.slow
@settings(deadline=None, max_examples=250)
@given(SEEDS)
def test_hundreds_of_batches_are_as_full_and_as_good_as_can_be(seed: int) -> None:
    is_best_and_proven(seed)


@pytest.mark.lasting
@settings(deadline=None, max_examples=8)
@given(SEEDS, SEEDS)
def test_the_order_of_submissions_and_reviewers_does_not_matter(seed: int, order: int) -> None:
    problem = batch(seed, needs=True, most=6)
    for mode in Mode:
        outcome = assign(problem, mode)
        assert outcome == assign(shuffled(problem, order), mode)
        assert faults(problem, outcome) == ()


def test_pairs_that_were_no_candidates_at_first_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    crowded = random.random((60, 40)).astype(np.float32)
    crowded[:, :3] += 5  # everybody's best reviewers are the same three
    problem = of_matrix(crowded, random.random((60, 40)) < 0.1, seats=3, capacity=5)
    everything = assign(problem)
    with monkeypatch.context() as few:
        few.setattr("reviewhub.matching.market.SMALL", 0)
        few.setattr("reviewhub.matching.market.BEST_REVIEWERS", 3)
        few.setattr("reviewhub.matching.market.BEST_SUBMISSIONS", 2)
        few.setattr("reviewhub.matching.tables.BLOCK_CELLS", 500)
        sparse = assign(problem)
    assert sparse.total == everything.total == sparse.upper_bound
    assert sparse.short == ()


def test_scores_of_vectors_are_those_of_the_whole_table() -> None:
    random = np.random.default_rng(2)
    left, right = random.random((30, 8), np.float32) / 8, random.random((12, 8), np.float32)
    forbidden = np.array([3, 17, 100])
    vectors = VectorScores.of(left, right, forbidden)
    table = DenseScores(np.vstack([vectors.block(0, 11), vectors.block(11, 30)]))
    assert (table.points < 0).sum() == 3
    by_vectors, by_table = (
        assign(of_matrix(scores, seats=2, capacity=6)) for scores in (vectors, table)
    )
    assert by_vectors == by_table
    rows, columns = random.permutation(30), random.permutation(12)
    moved = vectors.reordered(rows, columns).block(0, 30)
    assert np.array_equal(moved, table.reordered(rows, columns).points)


def test_a_score_of_vectors_is_the_same_in_every_block_and_order() -> None:
    random = np.random.default_rng(7)
    rows, columns, width = 90, 70, 200
    left, right = (
        (random.standard_normal((many, width)) / np.sqrt(width)).astype(np.float32)
        for many in (rows, columns)
    )
    vectors = VectorScores.of(left, np.abs(right), np.array([], dtype=np.int64))
    whole = vectors.block(0, rows)
    assert 0.2 < (whole > 0).mean() < 0.8
    assert np.array_equal(np.vstack([vectors.block(i, i + 1) for i in range(rows)]), whole)
    turned = vectors.reordered(np.arange(rows)[::-1], np.arange(columns)[::-1])
    assert np.array_equal(turned.block(0, rows)[::-1, ::-1], whole)


def test_vectors_that_are_no_numbers_or_too_long_are_refused() -> None:
    none, one = np.array([], dtype=np.int64), np.ones((1, 2), np.float32)
    with pytest.raises(MatchingError, match="not finite"):
        VectorScores.of(one * np.nan, one, none)
    with pytest.raises(MatchingError, match="may be 16 multiplied, not 20"):
        VectorScores.of(one * 10, one, none)


def test_equal_loads_are_even_and_fair_helps_whoever_fares_worst() -> None:
    scores = np.array([[1.0, 0.9, 0.0], [1.0, 0.9, 0.0], [0.6, 0.5, 0.1], [1.0, 0.9, 0.0]])
    problem = of_matrix(scores, seats=1, capacity=[3, 1, 1])
    total, equal = assign(problem), assign(problem, Mode.EQUAL)
    fair = assign(problem, Mode.FAIR, budget=1.0)
    assert sorted(equal.loads.values()) == [1, 1, 2]
    assert total.total > equal.total
    assert (total.worst, fair.worst) == (0.5, 0.6)
    assert total.total == fair.total
    assert assign(problem, Mode.FAIR, budget=0.0).total == total.total
    with pytest.raises(MatchingError, match="share between 0 and 1"):
        assign(problem, Mode.FAIR, budget=1.5)


def test_whoever_is_short_is_named_with_the_rule_and_a_remedy() -> None:
    internals = [Reviewer(id=id, capacity=1, internal=True) for id in (1, 2)]
    externals = [Reviewer(id=id, capacity=9, organisation_id=5) for id in (3, 4)]
    seats = {Slot.INTERNAL: 1, Slot.EXTERNAL: 1}
    problem = Problem(
        openings=[
            *(Opening(id=id, seats=seats) for id in (10, 11, 12)),
            Opening(id=13, seats={Slot.EXTERNAL: 2}, distinct_organisations=True),
            Opening(id=14, seats={Slot.EXTERNAL: 3}),
        ],
        reviewers=[*internals, *externals],
        scores=DenseScores.of(np.full((5, 4), 0.5)),
    )
    outcome = assign(problem)
    internal, house, people = outcome.short
    assert (internal.wanted, internal.placed) == (2, 1)
    (lack,) = internal.shortages
    assert (lack.slot, lack.need, lack.missing) == (Slot.INTERNAL, None, 1)
    assert lack.held_back == {"at_cap": 2}
    assert (lack.remedy.kind, lack.remedy.candidate_ids) == (RemedyKind.RAISE_CAP, (1,))
    assert house.submission_id == 13
    assert house.shortages[0].need is PanelNeed.DISTINCT_ORGANISATIONS
    assert house.shortages[0].remedy.kind is RemedyKind.RELAX_RULE
    assert people.submission_id == 14
    assert (people.shortages[0].remedy.kind, people.shortages[0].remedy.count) == (
        RemedyKind.ADD_MEMBER,
        1,
    )
    assert outcome.prices[1] == math.inf  # a seat would stay open


def test_nobody_at_all_and_nothing_to_do_are_answered() -> None:
    nobody = assign(of_matrix(np.zeros((2, 0)), seats=1, capacity=1))
    assert [one.shortages[0].remedy.kind for one in nobody.short] == [RemedyKind.ADD_MEMBER] * 2
    nothing = assign(of_matrix(np.zeros((0, 3)), seats=1, capacity=1))
    assert (nothing.placements, nothing.total, nothing.gap, nothing.worst) == ((), 0, 0, 0)
    forbidden = assign(of_matrix(np.ones((2, 2)), np.ones((2, 2), bool), seats=1, capacity=1))
    assert (forbidden.placements, len(forbidden.short)) == ((), 2)
    idle = assign(of_matrix(np.ones((2, 2)), seats=1, capacity=0))
    assert [one.shortages[0].held_back for one in idle.short] == [{"at_cap": 2}] * 2


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (np.array([[np.nan]]), "row 0, column 0 is not a finite number"),
        (np.array([[0.0], [np.inf]]), "row 1, column 0 is not a finite number"),
        (np.array([[101.0]]), "between -100 and 100"),
        (np.array([1.0]), "one row per submission"),
    ],
)
def test_scores_that_are_none_are_refused(scores: np.ndarray, says: str) -> None:
    with pytest.raises(MatchingError, match=says):
        of_matrix(scores, seats=1, capacity=1)


def test_a_forbidden_pair_may_have_any_score() -> None:
    scores = np.array([[np.nan, 0.5]])
    outcome = assign(of_matrix(scores, np.isnan(scores), seats=2, capacity=1))
    assert [one.reviewer_id for one in outcome.placements] == [1]


def test_a_problem_that_makes_no_sense_is_refused() -> None:
    scores = DenseScores.of(np.ones((1, 1)))
    opening, reviewer = Opening(id=1, seats={Slot.ANY: 1}), Reviewer(id=1, capacity=1)
    for openings, reviewers, says in (
        ([opening, opening], [reviewer], "but"),
        ([replace(opening, seats={Slot.ANY: -1})], [reviewer], "count is negative"),
        ([opening], [replace(reviewer, capacity=-1)], "capacity is negative"),
        ([replace(opening, readers=1)], [reviewer], "readers are needed"),
    ):
        with pytest.raises(MatchingError, match=says):
            Problem(openings=openings, reviewers=reviewers, scores=scores)
    twice = DenseScores.of(np.ones((1, 2)))
    with pytest.raises(MatchingError, match="reviewer's id is given twice"):
        Problem(openings=[opening], reviewers=[reviewer, reviewer], scores=twice)


@pytest.mark.slow
def test_needs_are_met_nearly_as_often_as_an_exact_solver_can() -> None:
    placed = possible = 0
    reached = most = 0.0
    for seed in range(60):
        problem = batch(seed, needs=True)
        outcome, exact = assign(problem), best(problem)
        assert faults(problem, outcome) == ()
        placed, possible = placed + len(outcome.placements), possible + exact.placed
        if len(outcome.placements) == exact.placed:
            assert outcome.total <= exact.points / 1e6 + 1e-9
            reached, most = reached + outcome.total, most + exact.points / 1e6
    assert placed >= 0.99 * possible
    assert reached >= 0.97 * most


def test_everything_is_explained() -> None:
    scores = np.array([[0.9, 0.8, 0.3], [0.9, 0.2, 0.3]])
    problem = of_matrix(scores, seats=1, capacity=1)
    outcome = assign(problem)
    (chosen,) = explain(problem, outcome, 0).chosen
    assert (chosen.reviewer_id, chosen.rank, chosen.eligible) == (1, 2, 3)
    (passed,) = explain(problem, outcome, 0).passed_over
    assert (passed.reviewer_id, passed.why) == (0, PassedWhy.AT_CAP)
    assert passed.price == pytest.approx(0.6)  # the other submission would fall from .9 to .3
    with pytest.raises(MatchingError, match="not in the batch"):
        explain(problem, outcome, 7)


def test_a_wrong_outcome_is_found_out() -> None:
    scores = np.array([[0.9, 0.8], [0.9, 0.2]])
    problem = of_matrix(scores, np.array([[False, True], [False, False]]), seats=1, capacity=1)
    outcome = assign(problem)
    first = outcome.placements[0]
    worse = replace(outcome, placements=(replace(first, reviewer_id=1),))
    assert {one.code for one in faults(problem, worse)} == {FaultCode.FORBIDDEN}
    twice = replace(outcome, placements=(first, first))
    assert {one.code for one in faults(problem, twice)} == {
        FaultCode.TWICE,
        FaultCode.OVER_CAP,
        FaultCode.TOO_MANY,
    }
    spare = of_matrix(np.array([[0.9, 0.2]]), seats=1, capacity=1)
    right = assign(spare)
    missed = replace(right, placements=(replace(right.placements[0], reviewer_id=1, score=0.2),))
    assert [one.code for one in faults(spare, missed)] == [FaultCode.IDLE]
    free = replace(missed, prices={0: 0.0, 1: 0.0})
    assert [one.code for one in faults(spare, free)] == [FaultCode.NOT_BEST]


def test_a_batch_of_benches_asks_what_the_panel_search_asks() -> None:
    people = [
        candidate(1, internal=True),
        candidate(2, capacity=2, load=1),
        candidate(3, capacity=1, load=1),
        candidate(4, organisation_id=90),
        candidate(5),
    ]
    benches = {
        id: open_bench(item(id=id), people, rule(open_items_cap=3), seats, TODAY)
        for id, seats in ((1, [Seat(Slot.EXTERNAL, 5)]), (2, []))
    }
    problem = of_benches(benches)
    assert {one.id: one.capacity for one in problem.reviewers} == {1: 2, 2: 1, 3: 0, 4: 2, 5: 2}
    assert problem.openings[0].seats == {Slot.INTERNAL: 1, Slot.EXTERNAL: 1}
    assert (problem.openings[0].readers, problem.openings[1].readers) == (0, 1)
    outcome = assign(problem)
    placed = [(one.submission_id, one.reviewer_id) for one in outcome.placements]
    assert placed == [(1, 1), (1, 2), (2, 1), (2, 5)]
    (short,) = outcome.short
    assert short.shortages[0].held_back == {"at_cap": 2}


def test_without_the_solver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ortools.graph.python.min_cost_flow", None)
    with pytest.raises(MatchingError, match=r"pip install reviewhub\[batch\]"):
        assign(of_matrix(np.ones((1, 1)), seats=1, capacity=1))


def test_a_round_more_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = of_matrix(np.random.default_rng(1).random((20, 10)), seats=2, capacity=5)
    once = assign(problem)
    monkeypatch.setattr(optimum, "ROUNDS", 1)
    assert assign(problem) == once
