"""Taking over a collection: records as other systems write them, checked row by row.

A record needs a title and a section; everything else may be missing, because what is imported
is shown as imported. A row that can't be used is refused with its field and the reason, and the
others go in. Running the same file again changes nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from babel import Locale
from sqlalchemy.exc import SQLAlchemyError

from reviewhub.accounts.actor import Actor
from reviewhub.core.db import in_savepoint
from reviewhub.core.errors import DomainError, InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean, clean_line, fold
from reviewhub.library import entries, operations, queries
from reviewhub.library.entries import WORLD, Entry
from reviewhub.library.models import Origin, Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.dates import clean_date
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.submissions.urls import clean_url, url_key
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.models import Vocabulary

TITLE = 300  # characters; longer titles are cut
PUBLISHER = 200
EXTERNAL_ID = 120
MOST_LINKS = 20

# Each field by the names under which collections carry it, the first that is there counting.
NAMES = {
    "external_id": ("external_id", "id", "identifier"),
    "title": ("title",),
    "title_en": ("title_en",),
    "description": ("description", "summary", "abstract"),
    "url": ("url", "link"),
    "publisher": ("publisher",),
    "authors": ("authors", "author"),
    "published_on": ("published_on", "date_of_publication", "date", "year"),
    "section": ("section",),
    "document_type": ("document_type", "type"),
    "languages": ("languages", "language"),
    "scope": ("scope", "geographic_scope"),
    "breadth": ("breadth",),
    "regions": ("regions", "region"),
    "countries": ("countries", "country"),
    "topics": ("topics", "objectives", "objectives_derived"),
    "themes": ("themes", "principles", "principles_derived"),
    "links": ("links", "files"),
    "starts_at": ("starts_at",),
    "ends_at": ("ends_at",),
    "place": ("place",),
    "period": ("period",),
    "implementer": ("implementer",),
}
_EVENT_FIELDS = ("starts_at", "ends_at", "place", "period", "implementer")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)
_SCRIPTS = {"ar": "ARABIC", "zh": "CJK", "ru": "CYRILLIC"}
_MANY_COUNTRIES = frozenset({"multi_country", "multicountry"})

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """A row that did not go in: its number (from 1), the field, and why."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What became of some rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
        )


def take_over(
    records: Iterable[tuple[int, object]], *, by: Actor, hub: Catalogue, is_demo: bool = False
) -> Outcome:
    """Store numbered records; never raises for a bad one, it is in the outcome's refusals."""
    outcome = Outcome()
    for number, found in records:
        try:
            with in_savepoint():  # a refused row leaves nothing behind
                outcome += _take_over(found, by, hub, is_demo)
        except DomainError as error:
            field = getattr(error, "field", "")
            outcome += Outcome(refused=(Refusal(number, field, str(error)),))
        except (SQLAlchemyError, UnicodeError):
            reason = _("The database does not take this: a character or a length in it.")
            outcome += Outcome(refused=(Refusal(number, "", reason),))
    return outcome


def entry_of(found: Record, hub: Catalogue) -> Entry:
    """The record as the library would say it. Raises InvalidInput, naming the field."""
    title, url = _title(found), clean_url(_line(found, "url"))
    places, is_world = _countries(found, hub)
    regions = _terms(found, "regions", Vocabulary.REGIONS, hub)
    topics = _terms(found, "topics", Vocabulary.TOPICS, hub)
    themes = _terms(found, "themes", Vocabulary.THEMES, hub)
    known, others = _languages(found, hub)
    filed = [*topics, *themes, *regions, *places, *known]
    document_type = _first(_terms(found, "document_type", Vocabulary.DOCUMENT_TYPES, hub))
    return Entry(
        title=title,
        title_en=_line(found, "title_en")[:TITLE],
        section_id=_section(found, hub).id,
        document_type_id=document_type.id if document_type else None,
        language=_language_of(title, [*(term.code for term in known), *others]),
        description=clean(str(_value(found, "description") or "")),
        url=url,
        url_key=url_key(url),
        publisher=_line(found, "publisher")[:PUBLISHER],
        authors=_authors(found),
        published_on=clean_date(_line(found, "published_on")),
        scope=_scope(found, regions, places, is_world=is_world),
        breadth=_breadth(found),
        details=_details(found, others, url),
        filing=tuple(dict.fromkeys(term.id for term in filed)),
        primary_id=topics[0].id if topics else None,
    )


def _take_over(found: object, by: Actor, hub: Catalogue, is_demo: bool) -> Outcome:
    if not isinstance(found, Mapping):
        raise InvalidInput(_("This is not a record with named fields."))
    entry = entry_of(found, hub)
    external_id = _line(found, "external_id")[:EXTERNAL_ID] or None
    present = queries.existing(external_id, entry.url_key)
    if present is None:
        operations.check_in(
            entry, by=by, origin=Origin.IMPORTED, external_id=external_id, is_demo=is_demo
        )
        return Outcome(new=1)
    _refuse_kept(present)
    before = entries.of_resource(present)
    entry = replace(
        entry,
        filing=_as_kept(entry, before, hub),
        details={**before.details, **entry.details},  # a shorter list takes nothing away
    )
    edition = operations.correct(
        present, by=by, changes=vars(entry), note=str(_("Taken over anew from its source."))
    )
    return Outcome(updated=1) if edition else Outcome(unchanged=1)


def _refuse_kept(present: Resource) -> None:
    """What was reviewed, checked or removed here is not for an import to change."""
    if present.state == ResourceState.REMOVED:
        raise InvalidInput(_("This was removed from the library on purpose."), "url")
    if present.origin != Origin.IMPORTED:
        raise InvalidInput(_("The library has this already, reviewed or checked here."), "url")


def _as_kept(entry: Entry, before: Entry, hub: Catalogue) -> tuple[int, ...]:
    """The kept order of the filing where it says the same."""
    same = set(entries.with_implied(entry, hub)) == set(before.filing)
    return before.filing if same else entry.filing


def _value(found: Record, field: str) -> Any:
    return next((found[name] for name in NAMES[field] if found.get(name) not in (None, "")), None)


def _line(found: Record, field: str) -> str:
    value = _value(found, field)
    if isinstance(value, dict | list):
        raise InvalidInput(_("This must be one text, not a list."), field)
    return "" if value is None else clean_line(str(value))


def _list(found: Record, field: str) -> list[str]:
    """One or several values: a list, or a text with semicolons between."""
    value = _value(found, field)
    if value is None:
        return []
    if isinstance(value, dict):
        raise InvalidInput(_("This must be a list of texts."), field)
    parts = value if isinstance(value, list) else str(value).split(";")
    return [text for text in (clean_line(str(part)) for part in parts) if text]


def _title(found: Record) -> str:
    title = _line(found, "title")
    if not title:
        raise InvalidInput(_("There is no title."), "title")
    return title[:TITLE]


def _language_of(title: str, codes: Sequence[str]) -> str:
    """The first of a resource's languages that is written in the script of its title."""
    letter = next((c for c in title if c.isalpha()), "")
    script = unicodedata.name(letter, "").split(" ")[0]
    written = [code for code in codes if _SCRIPTS.get(code.split("-")[0], "LATIN") == script]
    return next(iter([*written, *codes]), "")


def _section(found: Record, hub: Catalogue) -> TermView:
    terms = _terms(found, "section", Vocabulary.SECTIONS, hub)
    return terms[0] if terms else hub.vocabulary(Vocabulary.SECTIONS)[0]


def _terms(found: Record, field: str, vocabulary: Vocabulary, hub: Catalogue) -> list[TermView]:
    return [_term(value, field, vocabulary, hub) for value in _list(found, field)]


def _term(value: str, field: str, vocabulary: Vocabulary, hub: Catalogue) -> TermView:
    term = _index(hub)[vocabulary].get(_folded(value))
    if term is None:
        raise InvalidInput(_("“%(value)s” is none of this hub’s.", value=value), field)
    return term


def _countries(found: Record, hub: Catalogue) -> tuple[list[TermView], bool]:
    """The countries, and whether the whole world stood among them."""
    terms = _terms(found, "countries", Vocabulary.COUNTRIES, hub)
    real = [term for term in terms if term.data.get("kind") != WORLD]
    return real, len(real) < len(terms)


def _languages(found: Record, hub: Catalogue) -> tuple[list[TermView], list[str]]:
    """The hub's languages, and codes of others, which may come by their English names."""
    known: list[TermView] = []
    others: list[str] = []
    for value in _list(found, "languages"):
        term = _index(hub)[Vocabulary.LANGUAGES].get(_folded(value))
        code = _language_codes().get(_folded(value), value)
        if term is not None:
            known.append(term)
        elif _LANGUAGE.fullmatch(code):
            others.append(code)
        else:
            raise InvalidInput(_("“%(value)s” is no language we know.", value=value), "languages")
    return known, others


def _scope(
    found: Record, regions: Sequence[TermView], places: Sequence[TermView], *, is_world: bool
) -> Scope | None:
    said = fold(_line(found, "scope")).replace("-", "_").replace(" ", "_")
    if said in _MANY_COUNTRIES:
        wider = {term.parent_code for term in places} | {term.code for term in regions}
        return Scope.MULTI_REGION if len(wider) > 1 else Scope.REGIONAL
    if not said:
        return Scope.GLOBAL if is_world else None
    try:
        return Scope(said)
    except ValueError:
        raise InvalidInput(_("“%(value)s” is no scope we know.", value=said), "scope") from None


def _breadth(found: Record) -> Breadth | None:
    said = fold(_line(found, "breadth"))
    try:
        return Breadth(said) if said else None
    except ValueError:
        raise InvalidInput(_("“%(value)s” is no breadth we know.", value=said), "breadth") from None


def _authors(found: Record) -> tuple[str, ...]:
    return tuple(name[:150] for name in _list(found, "authors"))[:20]


def _details(found: Record, languages: list[str], url: str) -> dict[str, Any]:
    details: dict[str, Any] = {name: _line(found, name)[:300] for name in _EVENT_FIELDS}
    details["languages"] = languages
    details["links"] = list(_links(found, url))[:MOST_LINKS]
    return {name: value for name, value in details.items() if value}


def _links(found: Record, url: str) -> Iterable[dict[str, str]]:
    """Further parts of the same resource."""
    value = _value(found, "links")
    for part in value if isinstance(value, list) else ():
        if isinstance(part, dict) and part.get("url") and part["url"] != url:
            link = clean_url(str(part["url"]))
            yield {"url": link, "label": clean_line(str(part.get("label") or ""))[:150]}


def _first(terms: Sequence[TermView]) -> TermView | None:
    return terms[0] if terms else None


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


@cache
def _language_codes() -> dict[str, str]:
    names = Locale("en").languages.items()
    return {_folded(name): code.replace("_", "-") for code, name in names}


_indexes: dict[str, dict[str, dict[str, TermView]]] = {}  # by the catalogue's stamp; one at most


def _index(hub: Catalogue) -> dict[str, dict[str, TermView]]:
    """Terms by vocabulary, under their code and every label, folded."""
    if hub.stamp not in _indexes:
        _indexes.clear()
        _indexes[hub.stamp] = {name.value: _names(name, hub) for name in Vocabulary}
    return _indexes[hub.stamp]


def _names(vocabulary: Vocabulary, hub: Catalogue) -> dict[str, TermView]:
    """Codes win over labels, and the hub's order over later entries with the same name."""
    by_name: dict[str, TermView] = {}
    terms = hub.vocabulary(vocabulary)
    for term in terms:
        by_name.setdefault(_folded(term.code), term)
    for term in terms:
        short = term.data.get("short_label") or {}
        alpha2 = term.data.get("alpha2") or ""
        for name in (*term.labels.values(), *short.values(), alpha2):
            if name:
                by_name.setdefault(_folded(name), term)
    return by_name
