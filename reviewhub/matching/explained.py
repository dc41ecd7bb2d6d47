"""Why a batch is as it is: each pair that was chosen, everybody passed over, and a check of it all.

explain(problem, outcome, submission_id)   # ranks, prices, and why not the others
faults(problem, outcome)                   # () when the outcome breaks nothing
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.batch import Mode, Outcome, Placement
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.lacking import standing
from reviewhub.matching.market import Costs, Edges, Ints, market_between
from reviewhub.matching.optimum import CLOSE
from reviewhub.matching.prices import price_out
from reviewhub.matching.problem import Problem
from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Standing
from reviewhub.matching.tables import FORBIDDEN, MAX_SCORE, blocks

BEYOND_PRICE = 10**12
"""In points: the price of somebody who can't be spared."""


class PassedWhy(StrEnum):
    """Why somebody with a higher score was not chosen, in the order in which it is asked."""

    ORGANISATION_TAKEN = "organisation_taken"  # somebody from there is on the panel
    LANGUAGE_NEEDED = "language_needed"  # the seat has to go to a reader of the language
    TOPIC_NEEDED = "topic_needed"  # the seat has to go to somebody who covers the topic
    AT_CAP = "at_cap"  # no room left: freeing them would cost their price elsewhere
    EVEN_LOADS = "even_loads"  # others have less to do
    WORST_OFF = "worst_off"  # the submission that fares worst came first
    TOGETHER = "together"  # the batch as a whole is better so


@dataclass(frozen=True, slots=True)
class ChosenPair:
    """Somebody chosen: `rank` of `eligible` people who may take such a seat."""

    reviewer_id: int
    slot: Slot
    score: float
    price: float
    rank: int
    eligible: int


@dataclass(frozen=True, slots=True)
class PassedPair:
    """Somebody with a higher score than one of those chosen for such a seat, and why not they."""

    reviewer_id: int
    score: float
    price: float
    why: PassedWhy


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer for one submission, each list best first."""

    chosen: tuple[ChosenPair, ...]
    passed_over: tuple[PassedPair, ...]


class FaultCode(StrEnum):
    """What an outcome can break."""

    FORBIDDEN = "forbidden"  # the pair may not be
    TWICE = "twice"  # the pair is there twice
    OVER_CAP = "over_cap"  # the reviewer has more than they have room for
    TOO_MANY = "too_many"  # the slot has more than its seats
    WRONG_SLOT = "wrong_slot"  # the reviewer is not of the slot's kind
    SHARED_ORGANISATION = "shared_organisation"  # two of the panel are from one
    UNREAD = "unread"  # a full panel has too few readers of the language
    UNCOVERED = "uncovered"  # a full panel has too few who cover the topic
    NOT_BEST = "not_best"  # somebody outside has more score, less their price
    IDLE = "idle"  # the reviewer has a price, and yet room to spare


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken, and where."""

    code: FaultCode
    submission_id: int | None
    reviewer_id: int | None


def explain(problem: Problem, outcome: Outcome, submission_id: int) -> Explained:
    """The chosen, and everybody passed over. Raises MatchingError for an unknown submission."""
    view = _View(problem, outcome, submission_id)
    return Explained(tuple(view.chosen()), tuple(view.passed_over()))


def faults(problem: Problem, outcome: Outcome) -> tuple[Fault, ...]:
    """Everything the outcome breaks. In mode "total" that includes the choice itself, as long as no
    panel has needs beyond its seats."""
    found = [*_faults_of_pairs(problem, outcome), *_faults_of_panels(problem, outcome)]
    if outcome.mode is Mode.TOTAL and not problem.has_needs and not found:
        found += [*_idle(problem, outcome), *_not_best(problem.canonical(), outcome)]
    return tuple(found)


class _View:
    """One submission of an outcome."""

    def __init__(self, problem: Problem, outcome: Outcome, submission_id: int) -> None:
        ids = [opening.id for opening in problem.openings]
        if submission_id not in ids:
            raise MatchingError(f"submission {submission_id} is not in the batch")
        self._row = ids.index(submission_id)
        self._outcome = outcome
        self._demand = problem.openings[self._row].demand
        points = problem.row(self._row)
        eligible = np.flatnonzero(points > FORBIDDEN).tolist()
        self._people = sorted(
            (standing(problem, self._row, at, int(points[at])) for at in eligible),
            key=Standing.rank_key,
        )
        self._capacity = {one.id: one.capacity for one in problem.reviewers}
        self._placements = [p for p in outcome.placements if p.submission_id == submission_id]
        taken = {placement.reviewer_id for placement in self._placements}
        self._members = [one for one in self._people if one.candidate_id in taken]

    def chosen(self) -> Iterator[ChosenPair]:
        for one in self._placements:
            able = [p.candidate_id for p in self._people if one.slot.admits(p.internal)]
            rank = able.index(one.reviewer_id) + 1
            yield ChosenPair(one.reviewer_id, one.slot, one.score, one.price, rank, len(able))

    def passed_over(self) -> Iterator[PassedPair]:
        by_id = {member.candidate_id: member for member in self._members}
        for person in self._people:
            if person.candidate_id in by_id:
                continue
            below = [
                by_id[one.reviewer_id]
                for one in self._placements
                if one.slot.admits(person.internal)
                and by_id[one.reviewer_id].points < person.points
            ]
            if below:
                worst = min(below, key=lambda member: (member.points, member.candidate_id))
                price = self._outcome.prices[person.candidate_id]
                why = self._why(person, worst)
                yield PassedPair(person.candidate_id, person.points / POINTS, price, why)

    def _why(self, person: Standing, instead_of: Standing) -> PassedWhy:
        """What speaks against the person in this member's place."""
        others = [member for member in self._members if member is not instead_of]
        houses = {other.organisation_id for other in others} - {None}
        if self._demand.distinct_organisations and person.organisation_id in houses:
            return PassedWhy.ORGANISATION_TAKEN
        panel = [person, *others]
        if sum(one.reads for one in panel) < min(self._demand.readers, self._readers()):
            return PassedWhy.LANGUAGE_NEEDED
        if sum(one.covers for one in panel) < min(self._demand.specialists, self._specialists()):
            return PassedWhy.TOPIC_NEEDED
        if self._outcome.loads[person.candidate_id] >= self._capacity[person.candidate_id]:
            return PassedWhy.AT_CAP
        by_mode = {Mode.EQUAL: PassedWhy.EVEN_LOADS, Mode.FAIR: PassedWhy.WORST_OFF}
        return by_mode.get(self._outcome.mode, PassedWhy.TOGETHER)

    def _readers(self) -> int:
        return sum(member.reads for member in self._members)

    def _specialists(self) -> int:
        return sum(member.covers for member in self._members)


def _faults_of_pairs(problem: Problem, outcome: Outcome) -> Iterator[Fault]:
    rows = {opening.id: row for row, opening in enumerate(problem.openings)}
    columns = {reviewer.id: column for column, reviewer in enumerate(problem.reviewers)}
    pairs = Counter((one.submission_id, one.reviewer_id) for one in outcome.placements)
    yield from (Fault(FaultCode.TWICE, *pair) for pair, times in pairs.items() if times > 1)
    loads = Counter(one.reviewer_id for one in outcome.placements)
    for id, load in loads.items():
        if load > problem.reviewers[columns[id]].capacity:
            yield Fault(FaultCode.OVER_CAP, None, id)
    placed = sorted(
        (rows[one.submission_id], columns[one.reviewer_id]) for one in outcome.placements
    )
    for start, stop in blocks(problem.scores):
        block = problem.scores.block(start, stop)
        first, last = bisect_left(placed, (start, 0)), bisect_left(placed, (stop, 0))
        for row, column in placed[first:last]:
            if block[row - start, column] == FORBIDDEN:
                ids = problem.openings[row].id, problem.reviewers[column].id
                yield Fault(FaultCode.FORBIDDEN, *ids)


def _faults_of_panels(problem: Problem, outcome: Outcome) -> Iterator[Fault]:
    columns = {reviewer.id: column for column, reviewer in enumerate(problem.reviewers)}
    panels: dict[int, list[Placement]] = {}
    for one in outcome.placements:
        panels.setdefault(one.submission_id, []).append(one)
    for row, opening in enumerate(problem.openings):
        panel = panels.get(opening.id, [])
        for one in panel:
            if not one.slot.admits(problem.reviewers[columns[one.reviewer_id]].internal):
                yield Fault(FaultCode.WRONG_SLOT, opening.id, one.reviewer_id)
        taken = Counter(one.slot for one in panel)
        if any(count > opening.seats.get(slot, 0) for slot, count in taken.items()):
            yield Fault(FaultCode.TOO_MANY, opening.id, None)
        members = [standing(problem, row, columns[one.reviewer_id], 0) for one in panel]
        demand = opening.demand
        houses = [one.organisation_id for one in members if one.organisation_id is not None]
        if demand.distinct_organisations and len(set(houses)) < len(houses):
            yield Fault(FaultCode.SHARED_ORGANISATION, opening.id, None)
        filled = min(len(members), demand.total_open)
        if sum(one.reads for one in members) < demand.needed(demand.readers, filled):
            yield Fault(FaultCode.UNREAD, opening.id, None)
        if sum(one.covers for one in members) < demand.needed(demand.specialists, filled):
            yield Fault(FaultCode.UNCOVERED, opening.id, None)


def _idle(problem: Problem, outcome: Outcome) -> Iterator[Fault]:
    """Whoever has room is free: prices above that prove nothing."""
    loads = Counter(one.reviewer_id for one in outcome.placements)
    for reviewer in problem.reviewers:
        if loads[reviewer.id] < reviewer.capacity and outcome.prices[reviewer.id] > 0:
            yield Fault(FaultCode.IDLE, None, reviewer.id)


def _not_best(problem: Problem, outcome: Outcome) -> list[Fault]:
    """The submissions whose choice is not the top of score less price."""
    widest = round(MAX_SCORE * POINTS)
    market = market_between(problem, -widest, widest)
    rows = {opening.id: row for row, opening in enumerate(problem.openings)}
    columns = {reviewer.id: column for column, reviewer in enumerate(problem.reviewers)}
    pairs = [(rows[p.submission_id], columns[p.reviewer_id]) for p in outcome.placements]
    width = len(problem.reviewers)
    keys: Ints = np.array([row * width + column for row, column in pairs], dtype=np.int64)
    points: Ints = np.array([round(p.score * POINTS) for p in outcome.placements], dtype=np.int64)
    chosen = Edges.of(max(1, width), keys, points)
    prices: Sequence[float] = [outcome.prices[reviewer.id] for reviewer in problem.reviewers]
    price: Ints = np.array([min(p * POINTS, BEYOND_PRICE) for p in prices]).round().astype(np.int64)
    costs = Costs(scale=1, load=0, open_seat=market.mild)
    better = price_out(market, chosen, np.ones(len(chosen), dtype=bool), price, costs)
    if better.gain <= CLOSE * abs(outcome.total) * POINTS:
        return []
    # Between two who can't be spared, the prices no longer tell.
    ids = {
        problem.openings[row].id: problem.reviewers[column].id
        for row, column in zip(
            better.edges.rows.tolist(), better.edges.columns.tolist(), strict=True
        )
        if prices[column] < math.inf
    }
    return [Fault(FaultCode.NOT_BEST, *pair) for pair in sorted(ids.items())]
