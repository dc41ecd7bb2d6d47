"""The panel: full whenever it can be, the best of its kind, and with an answer for everybody."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewhub.matching.conflicts import ExclusionCode
from reviewhub.matching.errors import MatchingError
from reviewhub.matching.panel import RESERVE, next_for, propose
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import Proposal, Reason, Seat, WhyNot
from reviewhub.matching.rules import PanelRule, Slot

from .makers import ITEMS, TODAY, candidate, item, rosters, rule, rules
from .oracle import Oracle, Panel


def seats(proposal: Proposal) -> list[tuple[str, int]]:
    return [(seat.slot.value, seat.candidate_id) for seat in proposal.seats]


def named(panel: Panel) -> list[tuple[str, int]]:
    return sorted((slot.value, person.id) for slot, person in panel)


def some_seated(people: list[Candidate], seed: int) -> list[Seat]:
    """Up to two people in seats that they may hold."""
    chosen = Random(seed).sample(people, k=min(len(people), seed % 3))
    return [Seat(Slot.INTERNAL if p.internal else Slot.EXTERNAL, p.id) for p in chosen]


@pytest.mark.lasting
@settings(deadline=None)
@given(rosters(), ITEMS, rules(), st.integers(0, 30))
def test_no_panel_that_breaks_no_rule_is_fuller_or_better(
    people: list[Candidate], submitted: Item, rule: PanelRule, seed: int
) -> None:
    already = some_seated(people, seed)
    oracle = Oracle(submitted, people, rule, already)
    proposal = propose(submitted, people, rule, already=already, today=TODAY)
    panels = list(oracle.panels())
    mine = next(panel for panel in panels if named(panel) == sorted(seats(proposal)))
    best = max(panels, key=lambda panel: (len(panel), oracle.points(panel)))
    assert (len(mine), oracle.points(mine)) == (len(best), oracle.points(best))
    assert proposal.complete == any(oracle.meets_the_rule(panel) for panel in panels)


@pytest.mark.lasting
@settings(deadline=None)
@given(rosters(), ITEMS, rules(), st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    people: list[Candidate], submitted: Item, rule: PanelRule, seed: int, random: Random
) -> None:
    already = some_seated(people, seed)
    shuffled = random.sample(people, k=len(people))
    seated = random.sample(already, k=len(already))
    assert propose(submitted, people, rule, already=already, today=TODAY) == propose(
        submitted, shuffled, rule, already=seated, today=TODAY
    )


@pytest.mark.lasting
@settings(deadline=None)
@given(rosters(), ITEMS, rules(), st.integers(0, 30))
def test_everybody_is_accounted_for(
    people: list[Candidate], submitted: Item, rule: PanelRule, seed: int
) -> None:
    already = some_seated(people, seed)
    proposal = propose(submitted, people, rule, already=already, today=TODAY)
    chosen = {seat.candidate_id for seat in proposal.seats}
    excluded = {person.candidate_id for person in proposal.excluded}
    assert not chosen & excluded
    for seat in proposal.seats:
        members = [other.candidate_id for other in proposal.seats if other.slot is seat.slot]
        assert len(seat.passed_over) == seat.rank - 1 - members.index(seat.candidate_id)
        assert all(p.reason.why is not WhyNot.OUTRANKED for p in seat.passed_over)
    for slot, alternates in proposal.alternates.items():
        able = {p.id for p in people if slot.admits(p.internal)} - excluded
        taken = {seat.candidate_id for seat in proposal.seats if seat.slot is slot}
        assert {a.candidate_id for a in alternates} == able - taken


@pytest.mark.lasting
@settings(deadline=None)
@given(rosters(), ITEMS, rules(), st.sampled_from(Slot))
def test_the_next_person_keeps_the_panel_as_full_as_it_can_be(
    people: list[Candidate], submitted: Item, rule: PanelRule, slot: Slot
) -> None:
    oracle = Oracle(submitted, people, rule)
    fillings = [panel for panel in oracle.panels() if any(taken is slot for taken, _ in panel)]
    found = next_for(slot, submitted, people, rule, [], TODAY)
    if found is None:
        assert not fillings
        return
    best = max((len(panel), oracle.points(panel)) for panel in fillings)
    with_found = [panel for panel in fillings if (slot, found.candidate_id) in named(panel)]
    assert best in {(len(panel), oracle.points(panel)) for panel in with_found}


def test_the_best_scored_take_the_seats() -> None:
    people = [
        candidate(1, internal=True),
        candidate(2, internal=True, topics={"housing": 3}),
        candidate(3),
        candidate(4, topics={"housing": 3}),
        candidate(5, topics={"housing": 3}),
    ]
    proposal = propose(item(), people, rule(), today=TODAY)
    assert seats(proposal) == [("internal", 2), ("external", 4), ("external", 5)]
    assert proposal.complete
    first = proposal.seats[0]
    assert (first.rank, first.eligible, first.passed_over) == (1, 2, ())
    assert first.score.total == 1.0


def test_among_equals_the_lowest_number_is_asked() -> None:
    people = [candidate(n, internal=n > 6) for n in (9, 3, 7, 5, 4)]
    proposal = propose(item(), people, rule(), today=TODAY)
    assert seats(proposal) == [("internal", 7), ("external", 3), ("external", 4)]


def test_a_better_scored_colleague_of_a_member_is_passed_over_by_name() -> None:
    people = [
        candidate(1, internal=True, organisation_id=1),
        candidate(2, topics={"housing": 3}, organisation_id=1, load=0),
        candidate(3),
        candidate(4),
    ]
    proposal = propose(item(), people, rule(), today=TODAY)
    assert seats(proposal) == [("internal", 1), ("external", 3), ("external", 4)]
    passed = proposal.seats[1].passed_over
    assert [(p.candidate_id, p.reason) for p in passed] == [
        (2, Reason(WhyNot.ORGANISATION_TAKEN, 1))
    ]


def test_a_panel_that_may_share_organisations_takes_the_colleague() -> None:
    people = [
        candidate(1, internal=True, organisation_id=1),
        candidate(2, organisation_id=1),
        candidate(3, organisation_id=1),
    ]
    assert propose(item(), people, rule(distinct_organisations=False), today=TODAY).complete
    assert not propose(item(), people, rule(), today=TODAY).complete


def test_one_seat_goes_to_a_reader_of_the_language_however_low_they_rank() -> None:
    people = [
        candidate(1, internal=True),
        *(candidate(n, topics={"housing": 3}) for n in range(2, 9)),
        candidate(9, languages=frozenset({"fr"}), topics={}),
    ]
    french = item(languages=frozenset({"fr"}))
    proposal = propose(french, people, rule(), today=TODAY)
    assert seats(proposal) == [("internal", 1), ("external", 2), ("external", 9)]
    assert {p.reason.why for p in proposal.seats[2].passed_over} == {WhyNot.LANGUAGE_NEEDED}
    assert proposal.alternates[Slot.EXTERNAL][0].reason == Reason(WhyNot.LANGUAGE_NEEDED)


def test_one_seat_goes_to_somebody_who_covers_the_primary_topic() -> None:
    people = [
        candidate(1, internal=True, topics={"health": 3}),
        *(candidate(n, topics={"health": 3, "housing": 1}) for n in (2, 3)),
        candidate(4, topics={"housing": 2}, load=1, capacity=2),
    ]
    submitted = item(topics=("housing", "health"))
    proposal = propose(submitted, people, rule(), today=TODAY)
    assert seats(proposal)[1:] == [("external", 2), ("external", 4)]
    assert proposal.seats[2].passed_over[0].reason == Reason(WhyNot.TOPIC_NEEDED)


def test_another_background_on_the_panel_outweighs_a_slightly_better_score() -> None:
    policy, research = frozenset({"policy"}), frozenset({"research"})
    people = [
        candidate(1, internal=True, backgrounds=policy),
        candidate(2, backgrounds=policy, capacity=10, load=0),
        candidate(3, backgrounds=policy, capacity=10, load=0),
        candidate(4, backgrounds=research, capacity=10, load=1),
    ]
    proposal = propose(item(), people, rule(), today=TODAY)
    assert seats(proposal)[1:] == [("external", 2), ("external", 4)]
    assert proposal.seats[2].passed_over[0].reason == Reason(WhyNot.BACKGROUND)
    assert proposal.background.matched == ("policy", "research")
    assert proposal.background.value == pytest.approx(2 / 3)


def test_a_tie_breaker_may_be_internal_or_external_and_is_nobody_twice() -> None:
    people = [candidate(1, internal=True), candidate(2), candidate(3), candidate(4)]
    proposal = propose(item(), people, rule(tie_breaker=1), today=TODAY)
    assert len({seat.candidate_id for seat in proposal.seats}) == 4
    reserve = proposal.alternates[Slot.TIE_BREAKER]
    assert {alternate.reason.why for alternate in reserve} == {WhyNot.SEATED_ELSEWHERE}


def test_those_seated_keep_their_seats_and_their_organisation() -> None:
    people = [
        candidate(1, internal=True, organisation_id=1, paused=True),
        candidate(2, organisation_id=1),
        candidate(3),
        candidate(4),
    ]
    already = [Seat(Slot.INTERNAL, 1)]
    proposal = propose(item(), people, rule(), already=already, today=TODAY)
    assert seats(proposal) == [("external", 3), ("external", 4)]
    found = {e.candidate_id: [x.code for x in e.exclusions] for e in proposal.excluded}
    assert found == {
        1: [ExclusionCode.PAUSED, ExclusionCode.SEATED],
        2: [ExclusionCode.ORGANISATION_SEATED],
    }


def test_what_a_seated_member_brings_is_not_asked_for_again() -> None:
    french = item(languages=frozenset({"fr"}))
    people = [
        candidate(1, internal=True, languages=frozenset({"fr"})),
        candidate(2, languages=frozenset({"fr"}), topics={}),
        *(candidate(n, topics={"housing": 3}) for n in (3, 4)),
    ]
    seated = propose(french, people, rule(), already=[Seat(Slot.INTERNAL, 1)], today=TODAY)
    assert seats(seated) == [("external", 3), ("external", 4)]


def test_a_panel_with_every_seat_taken_proposes_nobody() -> None:
    people = [candidate(1, internal=True), candidate(2), candidate(3)]
    already = [Seat(Slot.INTERNAL, 1), Seat(Slot.EXTERNAL, 2), Seat(Slot.EXTERNAL, 3)]
    proposal = propose(item(), people, rule(), already=already, today=TODAY)
    assert proposal.complete
    assert (proposal.seats, dict(proposal.alternates)) == ((), {})


def test_the_reserve_is_named_in_rank_order() -> None:
    people = [candidate(1, internal=True), *(candidate(n) for n in range(2, 30))]
    reserve = propose(item(), people, rule(), today=TODAY).alternates[Slot.EXTERNAL]
    assert [a.candidate_id for a in reserve] == list(range(4, 4 + RESERVE))
    assert [a.rank for a in reserve] == list(range(3, 3 + RESERVE))
    assert {a.reason.why for a in reserve} == {WhyNot.OUTRANKED}


def test_the_excluded_come_best_first_with_the_total_they_would_have_had() -> None:
    people = [
        candidate(1, internal=True),
        candidate(2, paused=True, topics={}),
        candidate(3, paused=True, topics={"housing": 3}),
    ]
    excluded = propose(item(), people, rule(), today=TODAY).excluded
    assert [person.candidate_id for person in excluded] == [3, 2]
    assert excluded[0].total == 1.0


def test_after_a_decline_the_next_in_rank_is_asked_for_the_same_slot() -> None:
    people = [candidate(1, internal=True), *(candidate(n) for n in (2, 3, 4, 5))]
    people[1] = replace(people[1], refused_before=True)
    kept = [Seat(Slot.INTERNAL, 1), Seat(Slot.EXTERNAL, 3)]
    found = next_for(Slot.EXTERNAL, item(), people, rule(), kept, TODAY)
    assert found is not None
    assert (found.candidate_id, found.rank, found.eligible) == (4, 1, 2)


def test_when_the_only_reader_declines_the_next_one_reads_too() -> None:
    french = item(languages=frozenset({"fr"}))
    people = [
        candidate(1, internal=True),
        candidate(2, languages=frozenset({"fr"}), refused_before=True),
        *(candidate(n, topics={"housing": 3}) for n in (3, 4, 5)),
        candidate(6, languages=frozenset({"fr"})),
    ]
    kept = [Seat(Slot.INTERNAL, 1), Seat(Slot.EXTERNAL, 3)]
    found = next_for(Slot.EXTERNAL, french, people, rule(), kept, TODAY)
    assert found is not None
    assert found.candidate_id == 6


def test_a_slot_without_an_open_seat_has_no_next_person() -> None:
    people = [candidate(1, internal=True), candidate(2, internal=True)]
    kept = [Seat(Slot.INTERNAL, 1)]
    assert next_for(Slot.INTERNAL, item(), people, rule(), kept, TODAY) is None
    assert next_for(Slot.TIE_BREAKER, item(), people, rule(), kept, TODAY) is None


def test_an_empty_roster_and_an_empty_rule_are_no_errors() -> None:
    assert propose(item(), [], rule(), today=TODAY).seats == ()
    assert propose(
        item(),
        [candidate(1)],
        PanelRule(slots={}, reads_language=0, covers_primary_topic=0),
        today=TODAY,
    ).complete


def test_ids_that_make_no_sense_are_refused() -> None:
    with pytest.raises(MatchingError, match="id is given twice"):
        propose(item(), [candidate(1), candidate(1)], rule(), today=TODAY)
    with pytest.raises(MatchingError, match="9 is seated and not among"):
        propose(item(), [], rule(), already=[Seat(Slot.EXTERNAL, 9)], today=TODAY)
    twice = [Seat(Slot.EXTERNAL, 1), Seat(Slot.TIE_BREAKER, 1)]
    with pytest.raises(MatchingError, match="holds two seats"):
        propose(item(), [candidate(1)], rule(), already=twice, today=TODAY)
