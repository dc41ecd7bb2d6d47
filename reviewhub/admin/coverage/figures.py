"""What the roster has and what is asked of it, counted: every number of the board comes from here.

A handful of statements however many members there are. Members are read as bare columns and
counted as bits of large numbers: that costs half of what the database needs for the same counts,
which would have to take each member's lists apart.
"""

import json
from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Any, NamedTuple

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews.candidates import COUNTED, half_year_start
from reviewhub.reviews.models import Assignment
from reviewhub.roster.models import Absence, Gender, Membership, MembershipTopic
from reviewhub.roster.queries.members import serving
from reviewhub.submissions.models import Submission, SubmissionTerm
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

HORIZONS = (3, 6, 12)  # months from today
ALL = ""  # in the place of a topic, a region or a language: whichever it is
YEAR = timedelta(days=365)

# In the words of its partial index: SQLite recognises no others.
_IS_PRIMARY = sa.text("submission_terms.is_primary")

_ONE = ord("1")
_NEXT = "\n"  # stands in no code, and JSON writes it otherwise

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


@dataclass(frozen=True)
class Figures:
    """The counts of one moment.

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
    roster = _Roster(_members(now))
    free = roster.free(_asked(half_year_start(now)), _away_on(now.date()))
    lasting = roster.lasting(now.date())
    regions, languages = roster.by_region(), roster.by_language()
    counted = (Counts(), Counts())
    spoken: dict[Key, frozenset[str]] = {}
    for topic, known in [(ALL, roster.everybody), *roster.by_topic()]:
        counted[0][topic, ALL] = roster.strength(known, lasting, free)
        for counts, found in zip(counted, (regions, languages), strict=True):
            for code, members in found.items():
                counts[topic, code] = roster.strength(known & members, lasting)
        for code, members in regions.items():
            here = known & members
            spoken[topic, code] = frozenset(c for c, read in languages.items() if here & read)
    return Figures(*counted, spoken, _any(free).bit_count(), _sent(now - YEAR), roster.genders)


def horizon_days(today: date) -> tuple[date, ...]:
    """The days that lie as many months ahead as HORIZONS says."""
    return tuple(_months_after(today, months) for months in HORIZONS)


class _Roster:
    """Members as bits: the same bit of every number is the same member.

    So whoever has several things in common is what is left where the numbers are laid over each
    other, and a count is one step, however many members there are.
    """

    def __init__(self, columns: Sequence[Sequence[str]]) -> None:
        (self._names, self._people, internal, self._countries, self._regions, self._languages,
         self._ends, capacities, genders) = columns  # fmt: skip
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

    def by_topic(self) -> Iterator[tuple[str, int]]:
        """Who can judge each topic."""
        place = {name: number for number, name in enumerate(self._names)}
        for term_id, names in _members_by_topic():
            marks = bytearray(b"0" * (1 + len(place)))  # the last one is for those who don't serve
            for number in map(place.get, names.split(","), repeat(-1)):
                marks[number] = _ONE
            yield catalogue().term(term_id).code, int(marks[:-1] or b"0", 2)

    def free(self, asked: Mapping[str, int], away: Collection[str]) -> list[int]:
        """How many reviews each member can still take on in this half-year, one number for each
        binary digit, the lowest first."""
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


def _members(now: datetime) -> list[list[str]]:
    """Everybody who serves: what _Roster wants to know of each, a column at a time."""
    away = sa.and_(Person.away_until.is_not(None), Person.away_until > now)
    columns = (
        Membership.id, Membership.person_id, sa.case((Membership.internal, 1), else_=0),
        Person.country, Membership.regions, Membership.languages, Membership.term_ends_on,
        sa.case((away, 0), else_=Membership.capacity), Membership.gender,
    )  # fmt: skip
    query = (
        sa.select(*map(_column_of_all, columns))
        .join_from(Membership, Person, Person.id == Membership.person_id)
        .where(*serving())
    )
    texts = db.session.execute(query).one()
    return [[] if text is None else text.split(_NEXT) for text in texts]


def _column_of_all(column: Any) -> Any:
    """One column of every row in one text: in one statement all of them come in the same order."""
    return sa.func.aggregate_strings(sa.func.coalesce(sa.cast(column, sa.Text), ""), _NEXT)


def _members_by_topic() -> Sequence[Any]:
    """The id of each topic, and the ids of its members in one text."""
    return _rows(
        sa.select(MembershipTopic.term_id, _listed(MembershipTopic.membership_id))
        .group_by(MembershipTopic.term_id)
        .order_by(MembershipTopic.term_id)
    )


def _asked(since: datetime) -> Counter[str]:
    """How much each person was asked since then, as matching counts it."""
    return _counted(
        sa.select(_listed(Assignment.person_id)).where(
            Assignment.invited_at >= since, Assignment.state.in_(COUNTED)
        )
    )


def _away_on(day: date) -> Counter[str]:
    """Whose absence holds the day, by membership."""
    holds = sa.or_(Absence.last_day.is_(None), Absence.last_day >= day)
    return _counted(
        sa.select(_listed(Absence.membership_id)).where(Absence.first_day <= day, holds)
    )


def _sent(since: datetime) -> dict[str, int]:
    """Suggestions sent since then and not withdrawn, by the topic they are filed under first."""
    by_term = _counted(
        sa.select(_listed(SubmissionTerm.term_id))
        .join(Submission, Submission.id == SubmissionTerm.submission_id)
        .where(Submission.submitted_at >= since, Submission.state != State.WITHDRAWN, _IS_PRIMARY)
    )
    return {catalogue().term(int(number)).code: times for number, times in by_term.items()}


def _listed(column: Any) -> Any:
    """The numbers of the column in one text: thousands of them come faster so than as rows, and
    the database need not sort what is only counted."""
    return sa.func.aggregate_strings(sa.cast(column, sa.Text), ",")


def _counted(query: sa.Select[*tuple[Any, ...]]) -> Counter[str]:
    """How often each number stands in the one text that the query gives."""
    text: str | None = db.session.scalar(query)
    return Counter(text.split(",") if text else ())


def _rows(query: sa.Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """The rows as the database hands them over: thousands, which the session need not know."""
    return db.session.connection().execute(query).fetchall()


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
