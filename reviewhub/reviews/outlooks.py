"""What a decision about panels would do, before anything is sent: as values that can be compared.

    Outlook: one item. Whom it would ask and why, each person's load, what is missing.

Outlooks are written down with a batch, and read again: `data()` and `of()` are each other's way
back. Two with the same `digest` would do the same.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Somebody who would be asked: for which seat, why, and what they would then have to do.

    `overruled` are the rules that speak against somebody whom an editor pinned.
    """

    slot: str
    person_id: int
    internal: bool
    pinned: bool = False
    reasons: Mapping[str, Any] = field(default_factory=dict)
    overruled: tuple[str, ...] = ()
    load: int = 0  # asked in the half-year, this time included
    capacity: int = 0
    open_items: int = 0  # unfinished reviews, this one included

    @property
    def key(self) -> tuple[str, int]:
        """Who, and for what."""
        return self.slot, self.person_id


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What would happen to one item; with a `refusal`, nothing.

    `starts` says that its review would start, of which the submitter is told as well.
    """

    submission_id: int
    ref: str
    title: str
    language: str
    version: int
    starts: bool = False
    refusal: str = ""
    seats: tuple[Seat, ...] = ()
    shortages: tuple[Mapping[str, Any], ...] = ()
    alternates: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mails(self) -> int:
        """How many mails would go out."""
        return 0 if self.refusal else len(self.seats) + self.starts

    @property
    def needs_word(self) -> bool:
        """Whether a rule would be overruled, so that the editor has to say why."""
        return any(seat.overruled for seat in self.seats)

    @property
    def digest(self) -> str:
        """The same for everything that would do the same."""
        said = {
            "item": [self.submission_id, self.version, self.starts, self.refusal],
            "seats": sorted([*seat.key, list(seat.overruled)] for seat in self.seats),
            "short": [[one["slot"], one["need"], one["missing"]] for one in self.shortages],
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]

    def data(self, *, most: int = 50) -> dict[str, Any]:
        """As it is written down, with at most so many of those who were passed over."""
        found = asdict(self)
        for seat in found["seats"]:
            if "passed_over" in seat["reasons"]:
                seat["reasons"]["passed_over"] = seat["reasons"]["passed_over"][:most]
        found["alternates"] = {slot: kept[:most] for slot, kept in self.alternates.items()}
        return found

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """What was written down."""
        seats = tuple(
            Seat(**{**seat, "overruled": tuple(seat["overruled"])}) for seat in data["seats"]
        )
        return cls(**{**data, "seats": seats, "shortages": tuple(data["shortages"])})


@dataclass(frozen=True)
class Change:
    """How an item would turn out otherwise than was looked at: who is new, who is gone."""

    ref: str
    title: str
    new: tuple[int, ...]
    gone: tuple[int, ...]
    refusal: str = ""

    @classmethod
    def between(cls, before: Iterable[tuple[str, int]], now: Outlook) -> Self:
        """What differs; with nobody new and nobody gone it is the item itself that has changed."""
        old = {person_id for _slot, person_id in before}
        new = {seat.person_id for seat in now.seats}
        return cls(
            now.ref, now.title, tuple(sorted(new - old)), tuple(sorted(old - new)), now.refusal
        )


@dataclass(frozen=True)
class Load:
    """What one person would have to do after all of it."""

    person_id: int
    new: int
    load: int
    capacity: int
    open_items: int


def loads(outlooks: Sequence[Outlook]) -> list[Load]:
    """Each person who would be asked, those with the most new requests first."""
    new: dict[int, int] = {}
    last: dict[int, Seat] = {}
    for one in outlooks:
        for seat in one.seats:
            new[seat.person_id] = new.get(seat.person_id, 0) + 1
            before = last.get(seat.person_id)
            if before is None or seat.load >= before.load:
                last[seat.person_id] = seat
    found = [
        Load(person_id, new[person_id], seat.load, seat.capacity, seat.open_items)
        for person_id, seat in last.items()
    ]
    return sorted(found, key=lambda one: (-one.new, -one.load, one.person_id))


def people_in(outlooks: Iterable[Outlook]) -> set[int]:
    """Everybody whom these name."""
    found: set[int] = set()
    for one in outlooks:
        found |= {seat.person_id for seat in one.seats}
        for seat in one.seats:
            for passed in seat.reasons.get("passed_over", ()):
                found |= {passed["person_id"], passed["by"] or passed["person_id"]}
        for reserve in one.alternates.values():
            found |= {waiting["person_id"] for waiting in reserve}
        for short in one.shortages:
            found |= set(short["remedy"]["person_ids"])
    return found
