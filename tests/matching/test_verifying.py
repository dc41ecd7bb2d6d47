"""A record that holds, and each way in which one can contradict itself."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewhub.matching.affinity import POINTS
from reviewhub.matching.bench import open_bench
from reviewhub.matching.everyone import everyone
from reviewhub.matching.panel import propose
from reviewhub.matching.people import Candidate
from reviewhub.matching.reasons import Alternate, Proposal, ProposedSeat, WhyNot
from reviewhub.matching.rules import PanelRule, Slot
from reviewhub.matching.verifying import Ranked, Record, Search, Weighed, contradictions
from tests.matching.makers import TODAY, candidate, item, rosters, rule, rules


def record(found: Proposal) -> Record:
    """What would be written down of a proposal."""

    def ranked(one: ProposedSeat | Alternate, why: str = "") -> Ranked:
        return Ranked(
            slot=one.slot,
            rank=one.rank,
            eligible=one.eligible,
            person=found.people[one.candidate_id],
            parts=tuple(Weighed(round(p.value, 9), p.weight) for p in one.score.parts),
            why=why,
        )

    return Record(
        demand=found.demand,
        chosen=tuple(ranked(seat) for seat in found.seats),
        line=tuple(
            ranked(one, one.reason.why) for kept in found.alternates.values() for one in kept
        ),
    )


@pytest.mark.lasting
@given(st.data())
@settings(max_examples=60)
def test_whatever_the_search_proposes_holds(data: st.DataObject) -> None:
    people: list[Candidate] = data.draw(rosters())
    wanted: PanelRule = data.draw(rules())
    found = propose(item(), people, wanted, today=TODAY)
    assert contradictions(record(found)) == ()
    bench = open_bench(item(), people, wanted, (), TODAY)
    panel = tuple((seat.slot, seat.candidate_id) for seat in found.seats)
    places = everyone(bench, panel)
    assert {place.candidate_id for place in places} == {one.id for one in people}
    assert [place.total for place in places] == sorted((p.total for p in places), reverse=True)
    for place in places:
        said = (place.slot, place.reason, place.exclusions or None, None if place.of else "no seat")
        assert any(one is not None for one in said), "nobody is left without a reason"


def sound() -> Record:
    """A panel of one, with one who waits."""
    people = [candidate(1, topics={"housing": 3}), candidate(2)]
    found = propose(item(), people, rule(0, 1, weights={"topic": 1.0}), today=TODAY)
    return record(found)


def with_chosen(**changed: Any) -> Record:
    whole = sound()
    return replace(whole, chosen=(replace(whole.chosen[0], **changed),))


def poorer(whole: Record, points: int) -> Record:
    first = whole.chosen[0]
    person = first.person._replace(points=points)
    parts = (Weighed(points / POINTS, 1.0),)
    return replace(whole, chosen=(replace(first, person=person, parts=parts),))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (with_chosen(parts=(Weighed(0.2, 1.0),)), "add up to"),
        (with_chosen(rank=9), "ranks 9"),
        (with_chosen(slot=Slot.INTERNAL), "can't take a seat"),
        (replace(sound(), chosen=sound().chosen * 2), "chosen for 1 seats"),
        (poorer(sound(), 1000), "better panel"),
        (poorer(sound(), 1000), "called outranked"),
        (replace(sound(), chosen=()), "is open, and"),
        (replace(poorer(sound(), 1000), search=Search.PRICED), "after the price"),
    ],
)
def test_a_record_that_contradicts_itself_is_found_out(broken: Record, says: str) -> None:
    assert contradictions(sound()) == ()
    assert any(says in one for one in contradictions(broken))


def test_a_price_explains_what_no_swap_would() -> None:
    whole = poorer(sound(), 600_000)
    dear = replace(whole.line[0], rank=1, price=100_000, why=WhyNot.WANTED_ELSEWHERE)
    seat = replace(whole.chosen[0], rank=2)
    priced = replace(whole, chosen=(seat,), line=(dear,), search=Search.PRICED)
    assert contradictions(priced) == ()
    cheap = replace(priced, line=(replace(dear, price=0),))
    assert any("after the price" in one for one in contradictions(cheap))
