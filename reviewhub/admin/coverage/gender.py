"""The gender of members as shares of the roster, so that nobody's own answer can be read off.

No group below LEAST is told, zero included. A small one is told as part of the rest, and always
with those who gave no answer: a partner chosen by its size would say something of that size. Where
more is small, nothing is told. Numbers go in steps, so that one member's coming or going seldom
shows. Who would rather not say counts with those who gave no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewhub.roster.models import Gender

LEAST = 5
STEP = 5
_ORDER = (Gender.WOMAN, Gender.MAN, Gender.ANOTHER, None)


@dataclass(frozen=True)
class Group:
    """Members who gave one of these answers, None standing for no answer. The rest, which has more
    than one, goes without numbers: they would narrow down how small its parts are."""

    answers: tuple[Gender | None, ...]
    about: int | None = None
    percent: int | None = None


def balance(counted: Mapping[Gender | None, int]) -> list[Group]:
    """The groups that may be told; none where the roster is too small or too much alike."""
    sizes = {answer: counted.get(answer, 0) for answer in _ORDER}
    sizes[None] += counted.get(Gender.PREFER_NOT_TO_SAY, 0)
    rest = {one for one in _ORDER if sizes[one] < LEAST}
    if rest:
        rest |= {None} if rest != {None} else {Gender.ANOTHER}
    if len(rest) > 2 or (rest and sum(sizes[one] for one in rest) < LEAST):
        return []
    total = sum(sizes.values())
    groups = [_group(one, sizes[one], total) for one in _ORDER if one not in rest]
    return [*groups, Group(tuple(one for one in _ORDER if one in rest))] if rest else groups


def _group(answer: Gender | None, size: int, total: int) -> Group:
    about = STEP * round(size / STEP)
    return Group((answer,), about, min(100, STEP * round(100 * about / total / STEP)))
