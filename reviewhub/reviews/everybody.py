"""Everybody on the roster towards one item's panel as it is now: a page that can be searched.

Asked on demand, since a roster may hold thousands; what stood with a choice is kept apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.matching.bench import open_bench
from reviewhub.matching.everyone import Place, everyone
from reviewhub.matching.rules import PanelRule
from reviewhub.matching.rules import Slot as MatchingSlot
from reviewhub.matching.selection import Panel
from reviewhub.reviews.candidates import candidates_for
from reviewhub.reviews.explained import names_of, slot_label
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations.waves import as_asked, item_now, plan
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.seating import holds, is_asked
from reviewhub.reviews.why import Why, details_named, rank_sentence
from reviewhub.submissions.models import Submission

PAGE = 50
SHOWN = ("all", "could", "excluded")


@dataclass(frozen=True)
class Line:
    """One person: where they stand, and the whole sentence why they are not on the panel."""

    person_id: int
    name: str
    organisation: str
    score: float
    seat: str  # what they sit for, or would
    slot: str  # what they could be pinned for
    rank: str
    why: str
    may_sit: bool


@dataclass(frozen=True)
class Everybody:
    """One page of the list, and how many there are of each kind."""

    lines: Sequence[Line]
    number: int
    pages: int
    counts: dict[str, int]


def everybody(
    submission: Submission, current: ReviewRound, *, starts: bool, q: str, show: str, number: int
) -> Everybody:
    """The people of this page, best score first; `number` counts pages from 1."""
    places = _places(submission, current, starts=starts)
    counts = {
        "all": len(places),
        "could": sum(place.may_sit for place in places),
        "excluded": sum(not place.may_sit for place in places),
    }
    found = [place for place in places if show == "all" or place.may_sit == (show == "could")]
    if q:
        named = _named(q)
        found = [place for place in found if place.candidate_id in named]
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    return Everybody(_lines(submission, shown), number, pages, counts)


def _places(submission: Submission, current: ReviewRound, *, starts: bool) -> tuple[Place, ...]:
    """Everybody beside the panel as it would be: who sits, who is asked, who would be asked now."""
    candidates = candidates_for(submission, None if starts else current)
    sitting = [one for one in current.assignments if holds(one) or is_asked(one)]
    seated = {one.person_id for one in sitting}
    wave = plan(submission, current, candidates)
    panel: Panel = (
        *((MatchingSlot(one.slot.value), one.person_id) for one in sitting),
        *((seat.slot, seat.candidate_id) for seat in wave.ask),
    )
    pool = [as_asked(one) if one.id in seated else one for one in candidates]
    bench = open_bench(
        item_now(submission), pool, _whole_rule(current), already=(), today=clock.today()
    )
    sits = {person.candidate_id for person in bench.eligible}
    return everyone(bench, tuple((slot, who) for slot, who in panel if who in sits))


def _whole_rule(current: ReviewRound) -> PanelRule:
    return rules_of(current).panel_rule(current.tie_breakers)


def _named(q: str) -> set[int]:
    text = q.lower()
    return set(
        db.session.scalars(
            sa.select(Person.id).where(
                sa.func.lower(Person.name).contains(text, autoescape=True)
                | Person.email.contains(text, autoescape=True)
            )
        )
    )


def _lines(submission: Submission, places: Sequence[Place]) -> list[Line]:
    ids = {place.candidate_id for place in places}
    ids |= {place.reason.by for place in places if place.reason and place.reason.by}
    ids |= details_named(
        (found.code.value, found.detail) for place in places for found in place.exclusions
    )
    words = Why(item_now(submission), names_of(ids))
    return [_line(place, words) for place in places]


def _line(place: Place, words: Why) -> Line:
    why = ", ".join(
        words.kept_out(found.code.value, found.detail, place.candidate_id)
        for found in place.exclusions
    )
    if place.reason is not None:
        why = words.not_chosen(place.reason.why.value, place.reason.by)
    return Line(
        place.candidate_id,
        words.name(place.candidate_id),
        words.organisation(place.candidate_id),
        place.total,
        seat=slot_label(place.slot) if place.slot else "",
        slot=place.of.value if place.of else "",
        rank=rank_sentence(place.rank, place.eligible) if place.rank else "",
        why=why,
        may_sit=place.may_sit,
    )
