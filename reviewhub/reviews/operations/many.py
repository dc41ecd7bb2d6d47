"""Panels for many items together: planned at once where the solver is there, else one by one.

At once, everybody's time goes to where it is worth most over all of the items. One by one, each
panel is the best of what those before it have left.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.core.errors import DomainError, WrongState
from reviewhub.core.i18n import _
from reviewhub.matching.affinity import POINTS
from reviewhub.matching.bench import Bench, open_bench
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.panel import RESERVE, background_of
from reviewhub.matching.people import Candidate
from reviewhub.matching.reasons import (
    Alternate,
    Excluded,
    PassedOver,
    Proposal,
    ProposedSeat,
    Reason,
    Shortage,
    WhyNot,
)
from reviewhub.matching.reasons import Seat as Sitting
from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Panel, Standing
from reviewhub.matching.verdicts import Verdicts
from reviewhub.matching.verifying import Search
from reviewhub.reviews.candidates import roster_now, towards
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations.assigning import drawn, the_round
from reviewhub.reviews.operations.waves import Plan, item_now, plan
from reviewhub.reviews.outlooks import Outlook
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.seating import holds, is_asked
from reviewhub.reviews.tuning import Tuning
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Planned:
    """One item: what would happen, and the plan that does it; None where it is refused."""

    outlook: Outlook
    wave: Plan | None = None


@dataclass(frozen=True)
class Many:
    """All of them. `alone` says that they were planned one by one; `stamp` is the world's."""

    planned: tuple[Planned, ...]
    candidates: Sequence[Candidate]
    search: Search
    stamp: str
    alone: bool = False
    prices: Mapping[int, int] = field(default_factory=dict)
    total: float = 0.0
    bound: float = 0.0


def plan_many(
    submissions: Sequence[Submission],
    tuning: Tuning,
    *,
    mode: str,
    by: Actor,
    progress: Progress = lambda steps: None,
) -> Many:
    """The panels of all these items; nothing is changed. `progress` hears of each one."""
    roster = roster_now()
    stamp = stamp_of(roster, submissions)
    known = [_known(one) for one in submissions]
    rounds: dict[int, ReviewRound] = {}
    refused: dict[int, str] = {}
    for submission in submissions:
        if refusal := refusal_of(submission, by=by):
            refused[submission.id] = refusal
        else:
            rounds[submission.id] = _round(submission, by)
    work = [one for one in submissions if one.id in rounds]
    solved = _at_once(work, rounds, roster, tuning, mode, progress)
    if solved is None:
        found = _one_by_one(work, rounds, roster, tuning, progress)
        many = Many((), roster, Search.PANEL, stamp, alone=True)
    else:
        found, many = solved.waves, replace(solved.many, stamp=stamp)
    return replace(many, planned=_told(known, refused, found, roster, tuning))


def refusal_of(submission: Submission, *, by: Actor) -> str:
    """Why nobody can be asked about this item now, in the reader's language; empty if they can."""
    try:
        _round(submission, by)
    except DomainError as error:
        return str(error)
    return ""


def stamp_of(roster: Sequence[Candidate], submissions: Sequence[Submission]) -> str:
    """The same while nothing has changed that the plan was made from, within one process."""
    items = [(one.id, one.version, one.state.value) for one in submissions]
    return hashlib.sha256(repr((items, roster)).encode()).hexdigest()


def _known(submission: Submission) -> Outlook:
    return Outlook(
        submission_id=submission.id,
        ref=submission.ref,
        title=submission.title,
        language=submission.language,
        version=submission.version,
        starts=submission.state is State.SUBMITTED,
    )


def _round(submission: Submission, by: Actor) -> ReviewRound:
    current = the_round(submission, by=by)
    if current.wanted:
        raise WrongState(_("Somebody is put first here: look at its panel by itself."))
    return current


def _one_by_one(
    work: Sequence[Submission],
    rounds: Mapping[int, ReviewRound],
    roster: Sequence[Candidate],
    tuning: Tuning,
    progress: Progress,
) -> dict[int, Plan]:
    taken: dict[int, int] = {}
    found = {}
    for submission in work:
        current = rounds[submission.id]
        people = _towards([_busier(one, taken) for one in roster], submission, current)
        found[submission.id] = wave = plan(submission, current, people, tuning)
        for seat in wave.ask:
            taken[seat.candidate_id] = taken.get(seat.candidate_id, 0) + 1
        progress(1)
    return found


def _busier(one: Candidate, taken: Mapping[int, int]) -> Candidate:
    more = taken.get(one.id, 0)
    return replace(one, load=one.load + more, open_items=one.open_items + more) if more else one


def _towards(
    roster: Sequence[Candidate], submission: Submission, current: ReviewRound
) -> list[Candidate]:
    return towards(roster, submission, None if submission.state is State.SUBMITTED else current)


@dataclass(frozen=True)
class _Solved:
    waves: dict[int, Plan]
    many: Many


def _at_once(
    work: Sequence[Submission],
    rounds: Mapping[int, ReviewRound],
    roster: Sequence[Candidate],
    tuning: Tuning,
    mode: str,
    progress: Progress,
) -> _Solved | None:
    """Every panel together; None where that can't be done, for want of the solver."""
    try:  # the worker's alone, and where it is installed
        from reviewhub.matching import batch, explained, problem  # noqa: PLC0415
    except ImportError:
        return None
    benches = {}
    for submission in work:
        benches[submission.id] = _bench(submission, rounds[submission.id], roster, tuning)
        progress(1)
    if not benches:
        return _Solved({}, Many((), roster, Search.PANEL, ""))
    asked = problem.of_benches(benches)
    try:
        outcome = batch.assign(asked, batch.Mode(mode))
    except MatchingError:
        return None
    prices = {
        who: min(POINTS, round(min(price, 1.0) * POINTS))
        for who, price in outcome.prices.items()
        if price > 0
    }
    seats: dict[int, list[tuple[Slot, int]]] = {}
    for placed in outcome.placements:
        seats.setdefault(placed.submission_id, []).append((placed.slot, placed.reviewer_id))
    short = {one.submission_id: one.shortages for one in outcome.short}
    waves = {}
    for number, bench in benches.items():
        why = {
            one.reviewer_id: _why(one.why.value)
            for one in explained.explain(asked, outcome, number).passed_over
        }
        panel = tuple(sorted(seats.get(number, []), key=lambda pair: list(Slot).index(pair[0])))
        proposal = _proposal(bench, panel, why, short.get(number, ()), prices)
        waves[number] = Plan(proposal.seats, proposal, (proposal,), bench.rule)
    # Where a seat stays open, somebody's time has no price that a figure could say.
    priced = mode == batch.Mode.TOTAL and not outcome.short
    search = Search.PRICED if priced else Search.SHARED
    many = Many(
        (), roster, search, "",
        prices=prices, total=outcome.total, bound=outcome.upper_bound,
    )  # fmt: skip
    return _Solved(waves, many)


def _bench(
    submission: Submission, current: ReviewRound, roster: Sequence[Candidate], tuning: Tuning
) -> Bench:
    rule = tuning.rule(rules_of(current).panel_rule(current.tie_breakers))
    people = tuning.people(_towards(roster, submission, current))
    already = [
        Sitting(Slot(one.slot.value), one.person_id)
        for one in current.assignments
        if holds(one) or is_asked(one)
    ]
    return open_bench(item_now(submission), people, rule, already, clock.today())


_WHY = {"at_cap": WhyNot.WANTED_ELSEWHERE, "fairness": WhyNot.FAIRER, "load": WhyNot.EVENED}


def _why(code: str) -> WhyNot:
    return _WHY.get(code) or WhyNot(code)


def _proposal(
    bench: Bench,
    panel: Panel,
    why: Mapping[int, WhyNot],
    short: Sequence[Shortage],
    prices: Mapping[int, int],
) -> Proposal:
    """The item's part of the outcome, as a panel by itself is told."""
    verdicts = _Reasons(bench, panel, why, prices)
    alternates = {slot: verdicts.reserve(slot) for slot in bench.ranked}
    near = {member for _slot, member in panel}
    near |= {one.candidate_id for reserve in alternates.values() for one in reserve}
    return Proposal(
        seats=tuple(verdicts.seat(slot, member) for slot, member in panel),
        background=background_of(bench, panel),
        alternates=alternates,
        excluded=tuple(
            Excluded(person.candidate_id, person.points / POINTS, found)
            for person, found in bench.excluded
        ),
        shortages=tuple(short),
        demand=bench.demand,
        people={one.candidate_id: one for one in bench.eligible if one.candidate_id in near},
    )


class _Reasons:
    """Why each of a panel's neighbours is not on it, where many panels were made at once."""

    def __init__(
        self,
        bench: Bench,
        panel: Panel,
        why: Mapping[int, WhyNot],
        prices: Mapping[int, int],
    ) -> None:
        self._bench, self._panel, self._why, self._prices = bench, panel, why, prices
        self._verdicts = Verdicts(bench, panel)
        self._people = {person.candidate_id: person for person in bench.eligible}
        self._least: dict[Slot, int] = {}  # what the lowest member of a slot is worth
        for slot, member in panel:
            net = self._net(self._people[member])
            self._least[slot] = min(net, self._least.get(slot, net))

    def seat(self, slot: Slot, member: int) -> ProposedSeat:
        ranked = self._bench.ranked[slot]
        place = next(i for i, person in enumerate(ranked) if person.candidate_id == member)
        passed = tuple(
            PassedOver(
                person.candidate_id,
                person.points / POINTS,
                self._reason(person.candidate_id, slot),
            )
            for person in ranked[:place]
            if self._verdicts.slot_of(person) is not slot
        )
        score = self._bench.affinity.score(self._bench.candidates[member])
        return ProposedSeat(slot, member, place + 1, len(ranked), score, passed)

    def reserve(self, slot: Slot) -> tuple[Alternate, ...]:
        ranked = list(enumerate(self._bench.ranked[slot], start=1))
        waiting = [pair for pair in ranked if self._verdicts.slot_of(pair[1]) is not slot]
        return tuple(
            Alternate(
                slot,
                person.candidate_id,
                rank,
                len(ranked),
                self._bench.affinity.score(self._bench.candidates[person.candidate_id]),
                self._reason(person.candidate_id, slot),
            )
            for rank, person in waiting[:RESERVE]
        )

    def _reason(self, person_id: int, slot: Slot) -> Reason:
        person = self._people[person_id]
        found = self._said(person, person_id, slot)
        by_price = found.why in {WhyNot.OUTRANKED, WhyNot.WANTED_ELSEWHERE}
        if by_price and self._net(person) > self._least.get(slot, POINTS) + 1:
            return Reason(WhyNot.WHOLE)
        return found

    def _net(self, person: Standing) -> int:
        return person.points - self._prices.get(person.candidate_id, 0)

    def _said(self, person: Standing, person_id: int, slot: Slot) -> Reason:
        if person_id in self._why:
            why = self._why[person_id]
            if why is WhyNot.ORGANISATION_TAKEN:
                return self._verdicts.beside(person)
            return Reason(why)
        members = [member for taken, member in self._panel if taken is slot]
        if len(members) < self._bench.demand.open_seats.get(slot, 0):
            found = self._verdicts.beside(person)
            return found if found.why is not WhyNot.OUTRANKED else Reason(WhyNot.WANTED_ELSEWHERE)
        last = max(members, key=self._verdicts.rank_key)
        if person.rank_key() > self._verdicts.rank_key(last):
            return Reason(WhyNot.OUTRANKED)
        return self._verdicts.instead_of(last, person)


def _told(
    known: Sequence[Outlook],
    refused: Mapping[int, str],
    waves: Mapping[int, Plan],
    roster: Sequence[Candidate],
    tuning: Tuning,
) -> tuple[Planned, ...]:
    """Each item's outlook; a person's load counts what the items before have given them."""
    taken: dict[int, int] = {}
    found = []
    for one in known:
        if one.submission_id in refused:
            found.append(Planned(replace(one, refusal=refused[one.submission_id])))
            continue
        wave = waves[one.submission_id]
        people = {seat.candidate_id for seat in wave.ask}
        near = [_busier(person, taken) for person in roster if person.id in people]
        found.append(Planned(drawn(one, wave, near, {}, tuning), wave))
        for person in people:
            taken[person] = taken.get(person, 0) + 1
    return tuple(found)
