"""Looking people up, and pairs that may be one person: the same name, or the same mailbox name."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, islice

import sqlalchemy as sa

from reviewhub.accounts.models import Organisation, Person
from reviewhub.core.db import db
from reviewhub.core.text import fold

MOST_COMPARED = 5_000  # the newest; older duplicates are found by their name
MOST_PAIRS = 20
MOST_FOUND = 50
SHORTEST_MAILBOX = 6  # letters; shorter ones are many people's
EVERYBODYS = frozenset(
    {"contact", "secretariat", "library", "publications", "enquiries", "communications", "office"}
)


@dataclass(frozen=True)
class Row:
    """Somebody in a list."""

    id: int
    name: str
    email: str
    organisation: str


def found(text: str) -> list[Row]:
    """People whose name or address holds this text, the newest first."""
    wanted = text.strip().lower()
    query = _rows()
    if wanted:
        query = query.where(
            sa.func.lower(Person.name).contains(wanted, autoescape=True)
            | Person.email.contains(wanted, autoescape=True)
        )
    return _read(query.order_by(Person.id.desc()).limit(MOST_FOUND))


def pairs() -> list[tuple[Row, Row]]:
    """People who may be one, the older account first; each pair once."""
    rows = _read(_rows().order_by(Person.id.desc()).limit(MOST_COMPARED))
    by_sign: dict[str, list[Row]] = defaultdict(list)
    for row in reversed(rows):
        for sign in _signs(row):
            by_sign[sign].append(row)
    alike = (pair for group in by_sign.values() for pair in combinations(group[:5], 2))
    return list(islice(dict.fromkeys(alike), MOST_PAIRS))


def like(person: Person) -> list[Row]:
    """People who may be this one."""
    own = Row(person.id, person.name, person.email, "")
    signs = _signs(own)
    rows = _read(_rows().order_by(Person.id.desc()).limit(MOST_COMPARED))
    close = (row for row in rows if row.id != person.id and signs & _signs(row))
    return list(islice(close, MOST_PAIRS))


def _rows() -> "sa.Select[*tuple[int, str, str, str | None]]":
    return (
        sa.select(Person.id, Person.name, Person.email, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.erased_at.is_(None), Person.merged_into_id.is_(None))
    )


def _read(query: "sa.Select[*tuple[int, str, str, str | None]]") -> list[Row]:
    return [Row(id, name, email, home or "") for id, name, email, home in db.session.execute(query)]


def _signs(row: Row) -> set[str]:
    """By what somebody is known again: the words of the name in any order, and the mailbox."""
    signs: set[str] = set()
    words = _words(row.name)
    if len(words) > 1:
        signs.add(f"name {' '.join(sorted(words))}")
    mailbox = row.email.partition("@")[0].partition("+")[0]
    if len(mailbox) >= SHORTEST_MAILBOX and mailbox not in EVERYBODYS:
        signs.add(f"mailbox {mailbox}")
    return signs


def _words(name: str) -> list[str]:
    cleaned = "".join(letter if letter.isalnum() else " " for letter in fold(name))
    return cleaned.split()
