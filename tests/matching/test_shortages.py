"""When no full panel exists: what is missing, who is held back, and a remedy that works."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings

from reviewhub.matching.panel import propose
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import Remedy, RemedyKind, Seat, Shortage
from reviewhub.matching.rules import PanelNeed, PanelRule, Slot

from .makers import ITEMS, TODAY, candidate, item, rosters, rule, rules


def only_shortage(
    people: Sequence[Candidate],
    *,
    submitted: Item | None = None,
    panel: PanelRule | None = None,
    already: Sequence[Seat] = (),
) -> Shortage:
    proposal = propose(submitted or item(), people, panel or rule(), already=already, today=TODAY)
    (shortage,) = proposal.shortages
    return shortage


def cured(
    remedy: Remedy, people: Sequence[Candidate], rule: PanelRule
) -> tuple[list[Candidate], PanelRule]:
    """The roster and the rule after the change that the remedy names."""
    if remedy.kind is RemedyKind.RELAX_RULE:
        assert remedy.need is not None
        weaker: Any = False if remedy.need is PanelNeed.DISTINCT_ORGANISATIONS else 0
        return list(people), replace(rule, **{remedy.need: weaker})
    if remedy.kind is RemedyKind.ADD_MEMBER:
        new = [
            candidate(
                100 + n,
                internal=remedy.slot is Slot.INTERNAL,
                languages=remedy.languages,
                topics={remedy.topic: 2} if remedy.topic else {},
            )
            for n in range(remedy.count)
        ]
        return [*people, *new], rule
    lifted: dict[str, Any] = {"capacity": 3, "open_items": 0, "last_finished": None}
    ids = remedy.candidate_ids
    return [replace(p, **lifted) if p.id in ids else p for p in people], rule


@pytest.mark.lasting
@settings(deadline=None)
@given(rosters(), ITEMS, rules())
def test_every_remedy_named_fills_what_is_missing(
    people: list[Candidate], submitted: Item, rule: PanelRule
) -> None:
    before = propose(submitted, people, rule, today=TODAY)
    assume(before.shortages)
    for shortage in before.shortages:
        after = propose(submitted, *cured(shortage.remedy, people, rule), today=TODAY)
        assert len(after.seats) >= len(before.seats) + shortage.missing
        assert after.complete or len(before.shortages) > 1


@pytest.mark.lasting
@settings(deadline=None)
@given(rosters(), ITEMS, rules())
def test_the_seats_missing_are_the_seats_that_stay_open(
    people: list[Candidate], submitted: Item, rule: PanelRule
) -> None:
    proposal = propose(submitted, people, rule, today=TODAY)
    missing = sum(shortage.missing for shortage in proposal.shortages)
    assert len(proposal.seats) + missing == sum(rule.slots.values())


def test_two_internal_reviewers_at_their_cap_are_named_and_one_is_enough() -> None:
    people = [
        candidate(1, internal=True, load=2),
        candidate(2, internal=True, load=2, topics={"housing": 3}),
        candidate(3),
        candidate(4),
    ]
    assert only_shortage(people) == Shortage(
        Slot.INTERNAL,
        None,
        1,
        {"at_cap": 2},
        Remedy(kind=RemedyKind.RAISE_CAP, candidate_ids=(2,)),
    )


def test_ending_a_rest_is_smaller_than_raising_a_cap() -> None:
    people = [
        candidate(1, internal=True, load=2),
        candidate(2, internal=True, last_finished=date(2026, 6, 30)),
        candidate(5, internal=True, open_items=3),
        candidate(6, internal=True, paused=True),
        candidate(3),
        candidate(4),
    ]
    shortage = only_shortage(people, panel=rule(rest_days=7, open_items_cap=3))
    assert shortage.held_back == {"at_cap": 1, "open_items": 1, "paused": 1, "resting": 1}
    assert shortage.remedy == Remedy(kind=RemedyKind.END_REST, candidate_ids=(2,))


def test_asking_one_person_for_more_is_smaller_than_asking_two() -> None:
    resting = date(2026, 6, 30)
    people = [
        candidate(1, internal=True),
        candidate(2, organisation_id=5),
        candidate(3, organisation_id=5, last_finished=resting),
        candidate(4, load=2),
        candidate(6, load=2),
    ]
    shortage = only_shortage(people, panel=rule(rest_days=7))
    assert shortage.held_back == {"at_cap": 2, "resting": 1}
    assert shortage.remedy == Remedy(kind=RemedyKind.RAISE_CAP, candidate_ids=(4,))


def test_however_much_backgrounds_count_no_more_people_are_asked_than_needed() -> None:
    people = [
        candidate(1, internal=True),
        candidate(2),
        candidate(3),
        candidate(4, load=2, languages=frozenset({"fr"})),
        candidate(5, load=2, backgrounds=frozenset({"research", "policy"})),
    ]
    french = item(languages=frozenset({"fr"}))
    varied = rule(weights={"topic": 0.1, "background": 100})
    shortage = only_shortage(people, submitted=french, panel=varied)
    assert shortage.remedy == Remedy(kind=RemedyKind.RAISE_CAP, candidate_ids=(4,))


def test_when_nobody_can_be_asked_for_more_a_new_member_is_needed() -> None:
    people = [candidate(1, internal=True), candidate(2), candidate(3, organisation_id=90)]
    shortage = only_shortage(people)
    assert shortage.held_back == {"same_organisation": 1}
    assert shortage.remedy == Remedy(kind=RemedyKind.ADD_MEMBER, slot=Slot.EXTERNAL, count=1)


def test_a_missing_reader_keeps_a_seat_free_and_says_which_language() -> None:
    french = item(languages=frozenset({"fr"}))
    people = [candidate(1, internal=True), *(candidate(n) for n in (2, 3, 4))]
    proposal = propose(french, people, rule(), today=TODAY)
    assert len(proposal.seats) == 2
    (shortage,) = proposal.shortages
    assert (shortage.need, shortage.missing) == (PanelNeed.READS_LANGUAGE, 1)
    assert shortage.remedy.kind is RemedyKind.ADD_MEMBER
    assert shortage.remedy.languages == frozenset({"fr"})
    assert shortage.remedy.topic is None


def test_a_missing_specialist_says_which_topic() -> None:
    people = [
        candidate(1, internal=True, topics={}),
        candidate(2, topics={}),
        candidate(3, topics={"housing": 1}),
        candidate(4, load=2),
    ]
    shortage = only_shortage(people)
    assert (shortage.need, shortage.held_back) == (PanelNeed.COVERS_PRIMARY_TOPIC, {"at_cap": 1})
    assert shortage.remedy == Remedy(kind=RemedyKind.RAISE_CAP, candidate_ids=(4,))


def test_colleagues_of_a_seated_member_can_be_let_in_by_relaxing_the_rule() -> None:
    people = [
        candidate(1, internal=True, organisation_id=1),
        candidate(2),
        candidate(3, organisation_id=1),
    ]
    shortage = only_shortage(people, already=[Seat(Slot.INTERNAL, 1)])
    need = PanelNeed.DISTINCT_ORGANISATIONS
    assert shortage == Shortage(
        Slot.EXTERNAL,
        need,
        1,
        {"organisation_seated": 1},
        Remedy(kind=RemedyKind.RELAX_RULE, need=need),
    )


def test_colleagues_who_are_all_free_count_as_taken_by_their_organisation() -> None:
    people = [
        candidate(1, internal=True),
        *(candidate(n, organisation_id=5) for n in (2, 3, 4)),
    ]
    shortage = only_shortage(people)
    assert shortage.need is PanelNeed.DISTINCT_ORGANISATIONS
    assert shortage.held_back == {"organisation_taken": 2}


def test_a_need_that_no_seat_is_left_for_is_named_without_a_slot() -> None:
    french = item(languages=frozenset({"fr"}))
    people = [candidate(1, internal=True), candidate(2), candidate(3)]
    already = [Seat(Slot.INTERNAL, 1), Seat(Slot.EXTERNAL, 2), Seat(Slot.EXTERNAL, 3)]
    shortage = only_shortage(people, submitted=french, already=already)
    need = PanelNeed.READS_LANGUAGE
    remedy = Remedy(kind=RemedyKind.RELAX_RULE, need=need)
    assert shortage == Shortage(None, need, 1, {}, remedy)


def test_two_short_slots_are_told_apart() -> None:
    proposal = propose(item(), [candidate(1)], rule(), today=TODAY)
    assert [(s.slot, s.missing) for s in proposal.shortages] == [
        (Slot.INTERNAL, 1),
        (Slot.EXTERNAL, 1),
    ]
