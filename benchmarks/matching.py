"""How good and how fast matching is: batches, texts, arrivals and panels, against what is known.

    python -m benchmarks.matching FILE.npz --mode total|equal|fair [--budget 0.01] --json
    python -m benchmarks.matching --synthetic 1000x500 --seed 1
    python -m benchmarks.matching FILE.npz --stream
    python -m benchmarks.matching --gold FILE.json.gz [--embeddings FOLDER]
    python -m benchmarks.matching --panels 1000
    python -m benchmarks.matching --texts 5000x15

An npz file holds `scores` (submissions × reviewers), `conflict` of the same shape, `k` reviews per
submission and `cap` per reviewer. Prints one JSON object; `seconds` is the time of the assignment
alone, `cpu_seconds` its processor time, `peak_mb` what the whole process has held at most. The
upper bound is computed from prices alone, over all pairs. The exit status is 1 when a rule is
broken: a conflict, somebody over their cap, a pair twice, a panel not filled that could be.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import expertise, rosters
from reviewhub.matching.batch import BUDGET, Mode, Outcome, assign
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.explained import faults
from reviewhub.matching.problem import Problem, of_matrix
from reviewhub.matching.stream import Desk
from reviewhub.matching.tables import FORBIDDEN, VectorScores

TOPICS, DIMENSIONS = 60, 48
SEATS, ROOM = 3, 1.25
CONFLICTS = 0.004
MANY_PAIRS, CONFLICTS_EACH = 300_000_000, 20
ORDERS = 20
NAMED = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked and print it."""
    asked = _parser().parse_args(arguments)
    if asked.gold:
        found, sound = expertise.loss(asked.gold, asked.embeddings), True
    elif asked.texts:
        reviewers, each = (int(part) for part in asked.texts.split("x"))
        found, sound = expertise.suggestion(reviewers, each, asked.seed), True
    elif asked.panels:
        found = rosters.filled(asked.panels, asked.seed)
        sound = found["filled"] == found["fillable"]
    else:
        problem = _synthetic(asked.synthetic, asked.seed) if asked.synthetic else _given(asked.file)
        if asked.stream:
            found, sound = _stream(problem, asked.orders), True
        else:
            found = _batch(problem, Mode(asked.mode), asked.budget)
            sound = not found["faults"]
    print(json.dumps(found, indent=None if asked.json else 2))
    return 0 if sound else 1


def _batch(problem: Problem, mode: Mode, budget: float) -> dict[str, Any]:
    assign(of_matrix(np.ones((1, 1)), seats=1, capacity=1))  # loads the solver
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = assign(problem, mode, budget=budget)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    loads = list(outcome.loads.values())
    return {
        "submissions": len(problem.openings),
        "reviewers": len(problem.reviewers),
        "mode": mode,
        "placed": len(outcome.placements),
        "total": round(outcome.total, 6),
        "upper_bound": round(outcome.upper_bound, 6),
        "gap": outcome.gap,
        "worst": round(outcome.worst, 6),
        "load_min": min(loads),
        "load_max": max(loads),
        "short": _short(outcome),
        "faults": [
            f"{one.code} {one.submission_id} {one.reviewer_id}"
            for one in faults(problem, outcome)[:NAMED]
        ],
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _short(outcome: Outcome) -> list[dict[str, Any]]:
    """The first of the short submissions, in words that can be compared."""
    return [
        {
            "submission": one.submission_id,
            "wanted": one.wanted,
            "placed": one.placed,
            "remedies": [shortage.remedy.kind for shortage in one.shortages],
        }
        for one in outcome.short[:NAMED]
    ]


def _stream(problem: Problem, orders: int) -> dict[str, Any]:
    """The share of the offline optimum when submissions arrive one by one, and everybody asked
    accepts; and how long one suggestion takes."""
    best = assign(problem).total
    shares, times = [], []
    for seed in range(orders):
        desk, total = Desk(problem.reviewers), 0.0
        for row in np.random.default_rng(seed).permutation(len(problem.openings)).tolist():
            opening = problem.openings[row]
            scores = _eligible(problem, row)
            began = time.perf_counter()
            seats = desk.arrive(opening, scores).seats
            times.append(time.perf_counter() - began)
            desk.done(opening.id)
            total += sum(scores[id] for asked in seats.values() for id in asked)
        shares.append(total / best)
    return {
        "orders": orders,
        "optimum": best,
        "share_min": round(min(shares), 4),
        "share_mean": round(sum(shares) / len(shares), 4),
        "suggestion_ms_p95": round(1000 * float(np.quantile(times, 0.95)), 2),
    }


def _eligible(problem: Problem, row: int) -> dict[int, float]:
    points = problem.row(row)
    columns = np.flatnonzero(points > FORBIDDEN)
    ids = [problem.reviewers[column].id for column in columns.tolist()]
    return dict(zip(ids, (points[columns] / 1e6).tolist(), strict=True))


def _given(file: Path) -> Problem:
    with np.load(file) as held:
        conflict = held["conflict"].astype(bool)
        return of_matrix(held["scores"], conflict, seats=int(held["k"]), capacity=held["cap"])


def _synthetic(size: str, seed: int) -> Problem:
    """Submissions on two topics, reviewers on three, of sixty with Zipf's popularity; the score is
    the cosine of their vectors, worked out when it is needed."""
    submissions, reviewers = (int(part) for part in size.split("x"))
    random = np.random.default_rng(seed)
    topics = np.abs(random.normal(size=(TOPICS, DIMENSIONS))) ** 3
    topics /= np.linalg.norm(topics, axis=1, keepdims=True)
    ranks = np.arange(1, TOPICS + 1)
    asked, known = ranks**-0.7, random.permutation(ranks**-0.4)
    left = _vectors(random, topics, asked / asked.sum(), submissions, topics_each=2)
    right = _vectors(random, topics, known / known.sum(), reviewers, topics_each=3)
    pairs = submissions * reviewers
    conflicts = int(pairs * CONFLICTS) if pairs < MANY_PAIRS else submissions * CONFLICTS_EACH
    forbidden = random.integers(0, pairs, conflicts)
    capacity = ceil(ROOM * SEATS * submissions / reviewers)
    return of_matrix(VectorScores.of(left, right, forbidden), seats=SEATS, capacity=capacity)


def _vectors(
    random: np.random.Generator,
    topics: NDArray[np.float64],
    popularity: NDArray[np.float64],
    count: int,
    *,
    topics_each: int,
) -> NDArray[np.float32]:
    """Mixtures of a few topics, with noise, of length one."""
    vectors = 0.12 * np.abs(random.normal(size=(count, DIMENSIONS)))
    for _ in range(topics_each):
        chosen = random.choice(TOPICS, count, p=popularity)
        vectors += topics[chosen] * (random.random((count, 1)) + 0.2)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.matching",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="a batch as npz")
    what.add_argument("--synthetic", metavar="1000x500", help="submissions x reviewers, made up")
    what.add_argument("--gold", type=Path, help="self-rated expertise, as json.gz")
    what.add_argument("--texts", metavar="5000x15", help="reviewers x documents, made up")
    what.add_argument("--panels", type=int, metavar="N", help="so many random rosters")
    parser.add_argument("--embeddings", type=Path, metavar="FOLDER", help="a model for --gold")
    parser.add_argument("--mode", choices=[*Mode], default=Mode.TOTAL)
    parser.add_argument("--budget", type=float, default=BUDGET, help="what fair may give up")
    parser.add_argument("--stream", action="store_true", help="one after the other instead")
    parser.add_argument("--orders", type=int, default=ORDERS, help="random orders of the stream")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="on one line")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (MatchingError, OSError, KeyError) as error:
        sys.exit(str(error))
