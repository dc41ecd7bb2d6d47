"""Numbers in a line."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from reviewhub.library.index.lines import Line


@given(st.lists(st.integers(0, 50), unique=True), st.lists(st.integers(0, 300)), st.randoms())
def test_a_line_is_a_list_that_knows_who_stands_before_whom(
    first: list[int], moves: list[int], chance: random.Random
) -> None:
    line, expected = Line(first), list(first)
    for number in moves:
        if number in expected:
            line.remove(number)
            expected.remove(number)
        else:
            place = chance.randint(0, len(expected))
            line.insert(number, place)
            expected.insert(place, number)
        assert list(line.numbers) == expected
        labels = [line.label(one) for one in expected]
        assert labels == sorted(set(labels))


@pytest.mark.parametrize("place", [0, 1])
def test_there_is_always_room_between_two(place: int) -> None:
    line = Line([0, 1])
    for number in range(2, 200):  # a gap can be halved some thirty times
        line.insert(number, place)
    labels = [line.label(one) for one in line.numbers]
    assert labels == sorted(set(labels))
    assert list(line.numbers)[place] == 199


@given(
    st.integers(0, 400), st.floats(0, 1), st.integers(0, 60), st.integers(1, 30), st.randoms(),
    st.booleans(),
)  # fmt: skip
def test_the_first_of_a_set_are_those_that_stand_in_front(
    size: int, share: float, skip: int, wanted: int, chance: random.Random, at_the_end: bool
) -> None:
    numbers = list(range(size))
    chance.shuffle(numbers)
    some = (
        numbers[int(size * (1 - share)) :]
        if at_the_end
        else chance.sample(numbers, int(size * share))
    )
    line, among = Line(numbers), set(some)
    expected = [number for number in numbers if number in among][skip : skip + wanted]
    assert line.first(BitMap(some), skip=skip, size=wanted) == expected


def test_a_stretch_of_the_line_is_enough_where_all_stand_in_it() -> None:
    line = Line(range(5_000))
    found = line.first(BitMap(range(3_000, 4_000)), skip=5, size=2, start=3_000, stop=4_000)
    assert found == [3_005, 3_006]
