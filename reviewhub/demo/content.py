"""What the demo is made of, read from content/*.json. Everybody in it is made up."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A roster member; days count from the day of the build, so the past is negative."""

    name: str
    email: str
    organisation: str
    internal: bool
    country: str
    languages: list[str]
    topics: dict[str, int]
    themes: list[str]
    regions: list[str]
    background: str
    years: int
    capacity: int
    joined: int
    pause: list[int] | None = None
    ended: int | None = None


@dataclass(frozen=True, kw_only=True)
class Submitter:
    """Somebody who suggests resources."""

    name: str
    email: str
    organisation: str
    country: str
    locale: str


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A resource, who suggests it how many days ago, and the story it goes through."""

    title: str
    title_en: str
    language: str
    publisher: str
    published_on: str
    section: str
    document_type: str | None
    topics: list[str]
    scope: str
    places: list[str]
    description: str
    why_useful: str
    story: str
    age: int
    submitter: int


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """An expert who applied, and what became of it."""

    name: str
    email: str
    organisation: str
    internal: bool
    country: str
    languages: list[str]
    topics: dict[str, int]
    years: int
    age: int
    ending: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A resource that stood in the library before there were panels; any field may be unknown."""

    title: str
    section: str
    publisher: str
    description: str
    topics: list[str]
    document_type: str = "other"
    published_on: str = ""
    languages: list[str] = field(default_factory=lambda: ["en"])
    regions: list[str] = field(default_factory=list)
    scope: str = "global"
    breadth: str = "broad"
    url: str = ""


def roster() -> list[Member]:
    """The roster, in the order of joining."""
    return [Member(**row) for row in _rows("roster")]


def submitters() -> list[Submitter]:
    """Those who suggest; suggestions name them by position."""
    return [Submitter(**row) for row in _rows("submitters")]


def suggestions() -> list[Suggestion]:
    """What was suggested."""
    return [Suggestion(**row) for row in _rows("submissions")]


def applicants() -> list[Applicant]:
    """Applications that did not become memberships, or have not yet."""
    return [Applicant(**row) for row in _rows("applicants")]


def shelf() -> list[Listed]:
    """What the library begins with."""
    return [Listed(**row) for row in _rows("shelf")]


def sentences() -> dict[str, list[str]]:
    """What reviewers write, by the letter of their behaviour."""
    found: dict[str, list[str]] = json.loads(_read("sentences"))
    return found


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_read(name))
    return rows


def _read(name: str) -> str:
    return (CONTENT / f"{name}.json").read_text(encoding="utf-8")
