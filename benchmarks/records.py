"""Real records from a JSON file, as the answers that a guest and an editor give about them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reviewhub.submissions.dates import clean_date
from reviewhub.submissions.urls import clean_url, url_key
from reviewhub.taxonomy.loader import hub_folder

LONGEST_TITLE = 300
_SCOPES = {"global": "global", "regional": "regional", "national": "national", "local": "local"}


@dataclass(frozen=True)
class Record:
    """One record, under the codes of the hub's vocabularies."""

    number: int
    title: str
    url: str
    publisher: str
    published_on: str
    language: str
    languages: tuple[str, ...]
    document_type: str
    topics: tuple[str, ...]
    scope: str
    regions: tuple[str, ...]
    countries: tuple[str, ...]
    place: str

    @property
    def guest(self) -> str:
        """The address of whoever suggests it."""
        return f"guest{self.number}@suggests{self.number}.example"

    @property
    def description(self) -> str:
        """One sentence, from the record's facts."""
        year = self.published_on[:4] or "an unknown year"
        return (
            f"A {self.document_type.replace('-', ' ')} that {self.publisher} published in {year}; "
            f"it covers {self.place}."
        )


def read(path: Path, count: int) -> list[Record]:
    """The first `count` usable records. Raises ValueError where there are fewer."""
    found: list[Record] = []
    for record in _usable(json.loads(path.read_text(encoding="utf-8"))["items"]):
        found.append(record)
        if len(found) == count:
            return found
    raise ValueError(f"{path} has {len(found)} usable records, {count} were asked for")


def _usable(items: list[Mapping[str, Any]]) -> Iterator[Record]:
    """The records with a title and an address that no earlier one has."""
    words = _Words()
    seen: set[str] = set()
    for item in items:
        title = " ".join(str(item.get("title") or "").split())
        if not 5 <= len(title) <= LONGEST_TITLE or not item.get("url"):
            continue
        key = url_key(clean_url(item["url"]))
        if key not in seen:
            seen.add(key)
            yield words.record(len(seen), title, item)


class _Words:
    """The hub's vocabularies, looked up by what a record calls things."""

    def record(self, number: int, title: str, item: Mapping[str, Any]) -> Record:
        """The record under the hub's codes; what the hub has no word for is left out."""
        countries, regions = self._places(item.get("countries") or ())
        scope = _SCOPES.get(item.get("geographic_scope") or "", "multi_region")
        if (scope == "national" and not countries) or (scope == "regional" and not regions):
            scope = "global"
        languages = tuple(code for code in item.get("languages") or () if code in self._languages)
        topics = tuple(str(code) for code in item.get("objectives_derived") or ())[:8]
        return Record(
            number=number,
            title=title,
            url=item["url"],
            publisher=str(item.get("publisher") or "Publisher unknown"),
            published_on=clean_date(str(item.get("date_of_publication") or "")),
            language=languages[0] if languages else "en",
            languages=languages,
            document_type=self._kind(str(item.get("document_type") or "")),
            topics=topics or ("general",),
            scope=scope,
            regions=regions,
            countries=countries,
            place=", ".join(item.get("countries") or ())[:200] or "no single place",
        )

    @cached_property
    def _languages(self) -> frozenset[str]:
        return frozenset(term["code"] for term in _terms("languages"))

    @cached_property
    def _countries(self) -> dict[str, Mapping[str, Any]]:
        return {term["labels"]["en"]: term for term in _terms("countries")}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {term["labels"]["en"]: term["code"] for term in _terms("document_types")}

    def _kind(self, label: str) -> str:
        return self._kinds.get(label, "report")

    def _places(self, labels: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        terms = [self._countries[label] for label in labels if label in self._countries]
        codes = tuple(term["code"] for term in terms)
        return codes, tuple(dict.fromkeys(term["parent"] for term in terms if term.get("parent")))


def _terms(vocabulary: str) -> list[dict[str, Any]]:
    path = hub_folder("migration") / f"{vocabulary}.json"
    terms: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return terms
