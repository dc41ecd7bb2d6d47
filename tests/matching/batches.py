"""Random batches: small, with ties, conflicts, uneven kinds and people without room."""

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import strategies as st

from reviewhub.matching.openings import Opening, Reviewer
from reviewhub.matching.problem import Problem
from reviewhub.matching.rules import Slot
from reviewhub.matching.tables import DenseScores

MANY_TIES = [0.0, 0.25, 0.5, 1.0]


def batch(seed: int, *, needs: bool = False, most: int = 8) -> Problem:
    """The batch of this number; with `needs`, panels ask for more than seats."""
    random = Random(seed)
    rows, columns = random.randint(1, most), random.randint(1, most)
    shape = (rows, columns)
    draw = random.choice(
        [lambda: random.choice(MANY_TIES), random.random, lambda: random.uniform(-1, 1)]
    )
    scores = np.array([[draw() for _ in range(columns)] for _ in range(rows)])
    share = random.choice([0, 0.2, 0.6])
    forbidden = np.array([random.random() < share for _ in range(rows * columns)]).reshape(shape)
    marks = [
        np.array([random.random() < 0.5 for _ in range(rows * columns)]).reshape(shape)
        for _ in range(2)
    ]
    return Problem(
        openings=[_opening(random, 100 + row, needs=needs) for row in range(rows)],
        reviewers=[_reviewer(random, 10 + column) for column in range(columns)],
        scores=DenseScores.of(scores, forbidden),
        reads=marks[0],
        covers=marks[1],
    )


def shuffled(problem: Problem, seed: int) -> Problem:
    """The same batch with its submissions and reviewers in another order."""
    random = Random(seed)
    rows = random.sample(range(len(problem.openings)), k=len(problem.openings))
    columns = random.sample(range(len(problem.reviewers)), k=len(problem.reviewers))
    assert problem.reads is not None
    assert problem.covers is not None
    return replace(
        problem,
        openings=[problem.openings[row] for row in rows],
        reviewers=[problem.reviewers[column] for column in columns],
        scores=problem.scores.reordered(np.array(rows), np.array(columns)),
        reads=problem.reads[np.ix_(rows, columns)],
        covers=problem.covers[np.ix_(rows, columns)],
    )


def _opening(random: Random, id: int, *, needs: bool) -> Opening:
    kinds = random.choice([[Slot.ANY], [Slot.INTERNAL, Slot.EXTERNAL], list(Slot)])
    seats = {slot: random.randint(0, 2) for slot in kinds}
    asked = sum(seats.values())
    return Opening(
        id=id,
        seats=seats,
        distinct_organisations=needs and random.random() < 0.7,
        readers=random.randint(0, min(1, asked)) if needs else 0,
        specialists=random.randint(0, min(1, asked)) if needs else 0,
    )


def _reviewer(random: Random, id: int) -> Reviewer:
    return Reviewer(
        id=id,
        capacity=random.choice([0, 1, 2, 3, 8]),
        internal=random.random() < 0.4,
        organisation_id=random.choice([None, 1, 2, 3, 4]),
    )


SEEDS = st.integers(0, 10**6)
