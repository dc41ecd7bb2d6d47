"""Shares by gender: no small group, not even one that the others give away."""

from collections import defaultdict

from reviewhub.admin.coverage.gender import LEAST, balance
from reviewhub.roster.models import Gender

W, M, A, P = Gender.WOMAN, Gender.MAN, Gender.ANOTHER, Gender.PREFER_NOT_TO_SAY


def told(**numbers):
    sizes = {W: numbers.get("women", 0), M: numbers.get("men", 0), A: numbers.get("another", 0),
             P: numbers.get("prefer", 0), None: numbers.get("silent", 0)}  # fmt: skip
    return [(group.answers, group.about) for group in balance(sizes)]


def test_large_groups_are_told_in_steps():
    assert told(women=42, men=33, another=8, silent=15, prefer=2) == [
        ((W,), 40), ((M,), 35), ((A,), 10), ((None,), 15),
    ]  # fmt: skip


def test_a_small_group_is_told_with_another_for_the_total_would_give_it_away():
    assert told(women=42, men=33, another=2, silent=17) == [
        ((W,), 40), ((M,), 35), ((A, None), None),
    ]  # fmt: skip


def test_who_gave_no_answer_is_told_with_another_small_group_though_the_two_are_large_enough():
    assert told(women=42, men=4, another=20, silent=30) == [
        ((W,), 40), ((A,), 20), ((M, None), None),
    ]  # fmt: skip
    assert told(women=42, men=33, another=20, silent=1) == [
        ((W,), 40), ((M,), 35), ((A, None), None),
    ]  # fmt: skip


def test_where_two_groups_are_small_or_nearly_all_say_the_same_nothing_is_told():
    assert told(women=42, men=3, another=4, silent=17) == []
    assert told(women=42, men=33, another=1, silent=2) == []
    assert told(women=30, men=30) == []
    assert told(women=4, men=4) == []
    assert told() == []


def splits(total):
    """Every way in which so many members may have answered."""
    for women in range(total + 1):
        for men in range(total + 1 - women):
            for another in range(total + 1 - women - men):
                yield {W: women, M: men, A: another, None: total - women - men - another}


def test_no_small_group_can_be_worked_out_by_whoever_knows_the_total_and_the_rule():
    """Where a group is small, every page of every roster below 25 members fits several truths."""
    for total in range(25):
        truths = defaultdict(list)
        for sizes in splits(total):
            groups = balance(sizes)
            assert all(sum(sizes[one] for one in group.answers) >= LEAST for group in groups)
            truths[tuple((group.answers, group.about) for group in groups)].append(sizes)
        for page, fitting in truths.items():
            for answer in (W, M, A, None):
                if any(sizes[answer] < LEAST for sizes in fitting) and page:
                    assert len({sizes[answer] for sizes in fitting}) > 1, (total, page, answer)
