"""What the roster has and what is asked of it, counted: every number of the board comes from here.

Members are counted as bits of large numbers, however many there are. Counting is arithmetic on what
was read, so what was counted from the same texts before is taken as it is.
"""

import json
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from reviewhub.admin.coverage.reading import BREAK, Texts, read
from reviewhub.core import clock
from reviewhub.roster.models import Gender
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

HORIZONS = (3, 6, 12)  # months from today
ALL = ""  # in the place of a topic, a region or a language: whichever it is
KEPT = 2  # moments whose counts are kept: as long as nothing changes, one is in use

_ONE = ord("1")

Key = tuple[str, str]  # a topic's code and that of a region or a language; either may be ALL


class Heads(NamedTuple):
    """How many, by where they come from."""

    internal: int = 0
    external: int = 0

    @property
    def both(self) -> int:
        """All of them."""
        return self.internal + self.external


class Strength(NamedTuple):
    """Members now and at each horizon, if nobody renews; and the reviews that those who are not
    away today can still take on in this half-year."""

    heads: tuple[Heads, ...] = (Heads(),) * (1 + len(HORIZONS))
    free: Heads = Heads()


class Counts(dict[Key, Strength]):
    """The strength of each key."""

    def of(self, topic: str, code: str = ALL) -> Strength:
        """The strength, also where nothing was counted."""
        return self.get((topic, code), NOTHING)


NOTHING = Strength()


@dataclass(frozen=True, eq=False)
class Figures:
    """The counts of one moment; the same object as long as nothing of it has changed.

    `regions` counts members under ALL, too, wherever they work. `spoken` has the languages read by
    anybody who knows a topic and a region. `askable` is how many members can take on a review.
    `sent` counts suggestions of the last twelve months by the topic they are filed under first.
    """

    regions: Counts
    languages: Counts
    spoken: Mapping[Key, frozenset[str]]
    askable: int
    sent: Mapping[str, int]
    genders: Mapping[Gender | None, int]


def figures() -> Figures:
    """Count the roster, its work, and what was suggested."""
    now = clock.now()
    return _count(read(now), now.date(), catalogue().stamp)


@lru_cache(maxsize=KEPT)
def _count(texts: Texts, today: date, _stamp: str) -> Figures:
    """Everything that the counts depend on is given, the taxonomy by its stamp: so they hold."""
    roster = _Roster(texts)
    free, lasting = roster.free(texts), roster.lasting(today)
    regions, languages = roster.by_region(), roster.by_language()
    counted = (Counts(), Counts())
    spoken: dict[Key, frozenset[str]] = {}
    for topic, known in [(ALL, roster.everybody), *roster.by_topic(texts.topics)]:
        counted[0][topic, ALL] = roster.strength(known, lasting, free)
        for counts, found in zip(counted, (regions, languages), strict=True):
            for code, members in found.items():
                counts[topic, code] = roster.strength(known & members, lasting)
        for code, members in regions.items():
            here = known & members
            spoken[topic, code] = frozenset(c for c, read in languages.items() if here & read)
    askable = _any(free).bit_count()
    return Figures(*counted, spoken, askable, _sent(texts.sent), roster.genders)


def horizon_days(today: date) -> tuple[date, ...]:
    """The days that lie as many months ahead as HORIZONS says."""
    return tuple(_months_after(today, months) for months in HORIZONS)


class _Roster:
    """Members as bits: the same bit of every number is the same member.

    So whoever has several things in common is what is left where the numbers are laid over each
    other, and a count is one step, however many members there are.
    """

    def __init__(self, texts: Texts) -> None:
        (self._names, self._people, internal, self._countries, self._regions, self._languages,
         self._ends, capacities, genders) = (
            text.split(BREAK) if texts.members.memberships else [] for text in texts.members
        )  # fmt: skip
        self.everybody = (1 << len(self._names)) - 1
        self.internal = _bits(internal)
        self._capacities = [int(one) for one in capacities]
        said = Counter(genders)
        self.genders = {Gender(one) if one else None: number for one, number in said.items()}

    def lasting(self, today: date) -> list[int]:
        """Whose term lasts: now, everybody's, and then until each horizon."""
        level = _Outlasts(today)
        column = list(map(level.__getitem__, self._ends))
        whens = range(1, 1 + len(HORIZONS))
        marks = (["1" if at >= when else "0" for at in range(1 + len(HORIZONS))] for when in whens)
        return [self.everybody, *(_bits(map(one.__getitem__, column)) for one in marks)]

    def by_region(self) -> dict[str, int]:
        """Who works in each region, or says they know it."""
        countries = (term for term in catalogue().terms if term.vocabulary == Vocabulary.COUNTRIES)
        home = {term.code: term.parent_code or "" for term in countries}
        return _by_code(zip(map(home.get, self._countries, repeat("")), self._regions, strict=True))

    def by_language(self) -> dict[str, int]:
        """Who reads each language."""
        return _by_code(zip(repeat(""), self._languages, strict=False))

    def by_topic(self, topics: Iterable[tuple[int, str]]) -> Iterator[tuple[str, int]]:
        """Who can judge each topic."""
        place = {name: number for number, name in enumerate(self._names)}
        for term_id, names in topics:
            marks = bytearray(b"0" * (1 + len(place)))  # the last one is for those who don't serve
            for number in map(place.get, names.split(","), repeat(-1)):
                marks[number] = _ONE
            yield catalogue().term(term_id).code, int(marks[:-1] or b"0", 2)

    def free(self, texts: Texts) -> list[int]:
        """How many reviews each member can still take on in this half-year, one number for each
        binary digit, the lowest first."""
        asked, away = Counter(texts.asked.split(",")), frozenset(texts.away.split(","))
        left = [
            0 if name in away else max(0, capacity - asked.get(person, 0))
            for name, person, capacity in zip(
                self._names, self._people, self._capacities, strict=True
            )
        ]
        digits = range(max(left, default=0).bit_length())
        marks = (["1" if one >> digit & 1 else "0" for one in range(max(left) + 1)]
                 for digit in digits)  # fmt: skip
        return [_bits(map(one.__getitem__, left)) for one in marks]

    def strength(self, known: int, lasting: Sequence[int], free: Sequence[int] = ()) -> Strength:
        """How many of these members there are at each horizon, and what they can take on."""
        inside, outside = known & self.internal, known & ~self.internal
        heads = (Heads((inside & one).bit_count(), (outside & one).bit_count()) for one in lasting)
        left = (
            sum((kind & digit).bit_count() << place for place, digit in enumerate(free))
            for kind in (inside, outside)
        )
        return Strength(tuple(heads), Heads(*left))


class _Outlasts(dict[str, int]):
    """How many of the horizons a term that ends on a day outlasts; the day as the database has it,
    so that no thousand equal days are read."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._days = horizon_days(today)

    def __missing__(self, ends: str) -> int:
        found = self[ends] = sum(date.fromisoformat(ends) >= day for day in self._days)
        return found


class _Sets(dict[tuple[str, str], int]):
    """The number of the set that a code and a JSON list of codes make."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[frozenset[str]] = []

    def __missing__(self, read: tuple[str, str]) -> int:
        self.all.append(frozenset([read[0], *json.loads(read[1])]) - {""})
        found = self[read] = len(self.all) - 1
        return found


def _by_code(lists: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Who has each code, by a code and a JSON list of codes of each member."""
    sets = _Sets()
    column = list(map(sets.__getitem__, lists))
    found = {}
    for code in sorted(frozenset[str]().union(*sets.all)):
        marks = ["1" if code in one else "0" for one in sets.all]
        found[code] = _bits(map(marks.__getitem__, column))
    return found


def _bits(marks: Iterable[str]) -> int:
    return int("".join(marks) or "0", 2)


def _any(numbers: Iterable[int]) -> int:
    found = 0
    for one in numbers:
        found |= one
    return found


def _sent(numbers: str) -> dict[str, int]:
    """How many suggestions, by the code of the topic that they are filed under first."""
    by_term = Counter(numbers.split(",") if numbers else ())
    return {catalogue().term(int(number)).code: times for number, times in by_term.items()}


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
