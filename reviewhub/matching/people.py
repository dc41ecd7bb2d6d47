"""Who and what is matched: a candidate of the roster, and the item that waits for its panel.

Codes (topics, themes, regions, countries, languages) are whatever the hub's vocabularies say; they
are only ever compared with one another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from reviewhub.matching.errors import MatchingError

EXPERT = 3
"""The highest level at which a candidate can know a topic."""

CAN_REVIEW = 2
"""The lowest level that counts as covering a topic."""

LEVELS = range(1, EXPERT + 1)


class Relation(StrEnum):
    """How somebody other than the submitter stands to the item."""

    AUTHOR = "author"
    PUBLISHER = "publisher"
    FUNDER = "funder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or organisation behind the item; at least one of the three fields names it."""

    relation: Relation
    person_id: int | None = None
    email: str = ""
    organisation_id: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "email", normal_email(self.email))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One active member of the roster, as they stand today.

    The fields from which conflicts are derived have no default: one left out by mistake must not
    pass for "no conflict". `id` is the person's id, from the same numbers as `Item.submitter_id`.
    `government` is the country whose government the person works for, None for everyone else.
    `capacity` and `load` count reviews in the current half-year, `open_items` those unfinished now.
    `refused_before` means: declined, or was already asked, in this round; `kept_off`, that an
    editor does not want them on this panel.
    Declared conflicts hold in both directions; the caller enters them from whichever side they
    were declared. Raises MatchingError for a negative count or a level that does not exist.
    """

    id: int
    internal: bool
    email: str
    organisation_id: int | None
    government: str | None
    country: str | None = None
    languages: frozenset[str] = frozenset()
    topics: Mapping[str, int] = field(default_factory=dict)
    themes: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    backgrounds: frozenset[str] = frozenset()
    capacity: int = 2
    load: int = 0
    open_items: int = 0
    paused: bool = False
    last_finished: date | None = None
    refused_before: bool = False
    kept_off: bool = False
    declared_people: frozenset[int] = frozenset()
    declared_organisations: frozenset[int] = frozenset()
    declared_countries: frozenset[str] = frozenset()
    email_domain: str = field(init=False)

    def __post_init__(self) -> None:
        for name in ("capacity", "load", "open_items"):
            if getattr(self, name) < 0:
                raise MatchingError(f"candidate {self.id}: {name} is negative")
        for topic, level in self.topics.items():
            if level not in LEVELS:
                raise MatchingError(f"candidate {self.id}: {topic} has no level {level!r}")
        object.__setattr__(self, "email", normal_email(self.email))
        object.__setattr__(self, "email_domain", domain_of(self.email))

    def covers(self, topic: str) -> bool:
        """Whether this person can review an item on the topic."""
        return self.topics.get(topic, 0) >= CAN_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What waits for reviewers. As in Candidate, what conflicts are read from has no default.

    `submitter_id` is None for a guest, whom the address alone then tells apart.
    `state_country` is the country on behalf of whose government the item was submitted.
    The primary topic need not be repeated in `topics`. `likeness` is how alike the item's text is
    to what each candidate has written, by id and from 0 to 1; empty where texts are not compared.
    `shared` names, for some of them, the document most alike and the words that it shares.
    Raises MatchingError for a topic given twice.
    """

    id: int
    submitter_id: int | None
    submitter_email: str
    submitter_organisation_id: int | None
    state_country: str | None
    contacts: tuple[Contact, ...] = ()
    topics: tuple[str, ...] = ()
    primary_topic: str | None = None
    themes: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    document_type: str = ""
    likeness: Mapping[int, float] = field(default_factory=dict)
    shared: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.topics)) < len(self.topics):
            raise MatchingError(f"item {self.id}: a topic is given twice")
        object.__setattr__(self, "submitter_email", normal_email(self.submitter_email))


def normal_email(address: str) -> str:
    """The form in which two addresses are compared."""
    return address.strip().lower()


def domain_of(address: str) -> str:
    """The domain of a normal address, empty when there is none."""
    return address.rpartition("@")[2] if "@" in address else ""
