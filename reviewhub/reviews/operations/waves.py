"""Who is asked next, and who is called off when a seat is gone.

Where the policy asks several people for each seat, every wave is a whole panel beside those who
sit: the first wave the best one, the next the best of whoever is left. So whichever way the answers
fall, somebody is asked for each seat, and what is missing is what the first wave can't fill.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from reviewhub.accounts import queries as accounts
from reviewhub.core import clock
from reviewhub.matching.fitting import still_fits
from reviewhub.matching.panel import propose
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import Proposal, ProposedSeat, Seat
from reviewhub.matching.rules import PanelRule
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.reviews.candidates import candidates_for, item_of
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.seating import holds, is_asked, tallies
from reviewhub.reviews.tuning import UNTUNED, Tuning
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.models import Submission


@dataclass(frozen=True)
class Plan:
    """Whom to ask now, and the panel from which reserve and shortages are read.

    `waves` are the runs of the search that the seats came from, and `rule` is what they had to
    meet.
    """

    ask: tuple[ProposedSeat, ...]
    panel: Proposal
    waves: tuple[Proposal, ...]
    rule: PanelRule

    def wave_of(self, seat: ProposedSeat) -> Proposal:
        """The run of the search that proposed this seat."""
        return next(wave for wave in self.waves if seat in wave.seats)


def plan(
    submission: Submission,
    current: ReviewRound,
    candidates: Sequence[Candidate],
    tuning: Tuning = UNTUNED,
) -> Plan:
    """Fill every seat that nobody holds: with one person each, or with as many as are asked.

    Whom the tuning pins counts as asked by an editor; they must be among the candidates.
    """
    rule = tuning.rule(rules_of(current).panel_rule(current.tie_breakers))
    item, people = item_now(submission), tuning.people(candidates)
    held = _seats(one for one in current.assignments if holds(one))
    pinned = list(tuning.pinned)
    asked = _seats(one for one in current.assignments if is_asked(one)) + pinned
    at_once = rules_of(current).parallel_invitations
    if at_once == 1:
        panel = propose(item, people, rule, already=held + asked, today=clock.today())
        return Plan(panel.seats, panel, (panel,), rule)
    chosen = _seats(one for one in current.assignments if is_asked(one) and one.chosen_by_id)
    waves = _Waves(item, rule, people, held, asked, chosen + pinned)
    panels = [waves.next() for _wave in range(at_once)]
    room = {found.slot: found.to_ask for found in tallies(current)}
    for seat in pinned:
        room[Slot(seat.slot.value)] -= 1
    ask = []
    for seat in (seat for panel in panels for seat in panel.seats):
        slot = Slot(seat.slot.value)
        if seat.candidate_id not in waves.waiting and room[slot] > 0:
            room[slot] -= 1
            ask.append(seat)
    reserve = next((panel.alternates for panel in reversed(panels) if panel.alternates), {})
    return Plan(tuple(ask), replace(panels[0], alternates=reserve), tuple(panels), rule)


class _Waves:
    """One panel after another, from whoever is in none of them yet."""

    def __init__(
        self,
        item: Item,
        rule: PanelRule,
        candidates: Sequence[Candidate],
        held: list[Seat],
        asked: list[Seat],
        chosen: list[Seat],
    ) -> None:
        self.waiting = {seat.candidate_id: seat for seat in asked}
        self._item, self._rule, self._held = item, rule, held
        self._chosen = chosen  # by an editor, perhaps against a rule: in the first wave anyhow
        self._used: set[int] = set()
        self._candidates = [as_asked(one) if one.id in self.waiting else one for one in candidates]

    def next(self) -> Proposal:
        """The best panel beside the held seats; who is asked already comes before anybody new."""
        line, self._chosen = self._chosen, []
        line += [self.waiting[seat.candidate_id] for seat in self._of(self.waiting, line).seats]
        panel = self._of(None, line)
        self._used |= {seat.candidate_id for seat in (*line, *panel.seats)}
        return panel

    def _of(self, only: Collection[int] | None, line: Sequence[Seat] = ()) -> Proposal:
        sitting = [*self._held, *line]
        kept = {seat.candidate_id for seat in sitting}
        pool = [
            one
            for one in self._candidates
            if one.id in kept or (one.id not in self._used and (only is None or one.id in only))
        ]
        return propose(self._item, pool, self._rule, already=sitting, today=clock.today())


def as_asked(candidate: Candidate) -> Candidate:
    """Somebody who is asked already, without what only speaks against asking them."""
    return replace(
        candidate, paused=False, open_items=0, load=0, last_finished=None, refused_before=False
    )


def outrun(submission: Submission, current: ReviewRound, *, unplanned: bool) -> list[Assignment]:
    """Whoever is asked and not needed any more, now that somebody has taken a seat.

    No seat of their kind is free, or they would not fit beside those who sit; where more are asked
    than the free seats call for, those who were asked last. Whom an editor chose goes last of all.
    Where one person is asked for each seat they fit together, as they were planned together; unless
    the seat was taken by somebody whose invitation had ended: that is `unplanned`.
    """
    asked = [one for one in current.assignments if is_asked(one)]
    if not asked:
        return []
    several = rules_of(current).parallel_invitations > 1
    gone = _misfits(submission, current, asked) if several or unplanned else []
    for found in tallies(current):
        kind = [one for one in asked if one.slot is found.slot and one not in gone]
        too_many = max(0, len(kind) - found.free * found.at_once)
        kind.sort(key=lambda one: (one.chosen_by_id is None, one.id))
        gone += kind[len(kind) - too_many :]
    return gone


def fits(submission: Submission, current: ReviewRound, assignment: Assignment) -> bool:
    """Whether this person could still sit beside those who do."""
    return assignment.chosen_by_id is not None or not _misfits(submission, current, [assignment])


def _misfits(
    submission: Submission, current: ReviewRound, asked: Sequence[Assignment]
) -> list[Assignment]:
    """Those beside whom the panel could not meet its rule; an editor's choice has overruled it."""
    by_rule = [one for one in asked if one.chosen_by_id is None]
    sitting = [one for one in current.assignments if holds(one)]
    if not by_rule or not sitting:
        return []
    concerned = {one.person_id for one in (*sitting, *by_rule)}
    people = [one for one in candidates_for(submission, current) if one.id in concerned]
    known = {one.id for one in people}
    item, rule = item_now(submission), rules_of(current).panel_rule(current.tie_breakers)
    held = _seats(sitting)
    return [
        one
        for one in by_rule
        if one.person_id in known
        and not still_fits(one.person_id, item, people, rule, held, today=clock.today())
    ]


def item_now(submission: Submission) -> Item:
    """The item as matching sees it."""
    submitter = accounts.get(submission.submitter_id) if submission.submitter_id else None
    return item_of(submission, submitter)


def _seats(assignments: Iterable[Assignment]) -> list[Seat]:
    return [Seat(MatchingSlot(one.slot.value), one.person_id) for one in assignments]
