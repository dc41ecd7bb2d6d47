"""The search itself: few people remain to be tried, and the seats kept free are the right ones."""

from dataclasses import replace

from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Demand, Standing, best_panel, finalists, fullest_panel

DEMAND = Demand(
    open_seats={Slot.INTERNAL: 1, Slot.EXTERNAL: 2},
    distinct_organisations=True,
    readers=1,
    specialists=1,
    size=3,
    seated_backgrounds=frozenset(),
    background_points=0,
)


def standing(n: int, points: int = 500, **fields: object) -> Standing:
    person = Standing(points, n, False, None, True, True, frozenset())
    return person._replace(**fields)  # type: ignore[arg-type]


def test_of_thousands_a_handful_is_tried() -> None:
    people = [
        standing(
            n, internal=n % 3 == 0, reads=n % 5 == 0, covers=n % 7 == 0, organisation_id=n // 2
        )
        for n in range(5000)
    ]
    few = finalists(people, DEMAND)
    assert len(few) <= 2 * 4 * 3
    assert fullest_panel(few, DEMAND) == fullest_panel(people, DEMAND)


def test_of_one_organisation_only_those_are_tried_who_bring_something_of_their_own() -> None:
    people = [
        standing(1, reads=False, organisation_id=5),
        standing(2, covers=False, organisation_id=5),
        standing(3, reads=False, organisation_id=5),
    ]
    assert [person.candidate_id for person in finalists(people, DEMAND)] == [1, 2]


def test_a_background_keeps_a_person_in_the_running_only_where_it_counts() -> None:
    people = [standing(n) for n in range(1, 6)]
    people.append(standing(6, backgrounds=frozenset({"research"})))
    counting = replace(DEMAND, background_points=10)
    assert standing(6) not in [
        p._replace(backgrounds=frozenset()) for p in finalists(people, DEMAND)
    ]
    assert people[-1] in finalists(people, counting)


def test_seats_are_kept_free_for_the_readers_still_missing() -> None:
    assert [DEMAND.needed(2, filled) for filled in (0, 1, 2, 3)] == [0, 0, 1, 2]


def test_what_the_open_seats_cannot_supply_is_not_asked_of_them() -> None:
    assert DEMAND.needed(5, filled=3) == 3


def test_seats_that_cannot_be_filled_give_no_panel() -> None:
    assert best_panel([standing(1)], DEMAND, {Slot.EXTERNAL: 2}) is None
    assert best_panel([standing(1)], DEMAND, {Slot.EXTERNAL: 1}) == ((Slot.EXTERNAL, 1),)


def test_a_slot_that_must_be_filled_is_filled_before_a_better_person_sits_elsewhere() -> None:
    demand = replace(DEMAND, open_seats={Slot.EXTERNAL: 1, Slot.TIE_BREAKER: 1})
    people = [standing(1)]
    for slot in (Slot.EXTERNAL, Slot.TIE_BREAKER):
        assert fullest_panel(people, demand, must_fill=slot) == ((slot, 1),)
    assert fullest_panel(people, demand, must_fill=Slot.INTERNAL) == ()
