"""Reading a list of references as people paste it: BibTeX or RIS, within bounds, from the text
alone: nothing is looked up anywhere.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, ngettext
from reviewhub.core.text import clean_line, fold, shorten

MOST_CHARACTERS = 200_000
MOST_AT_ONCE = 100
MOST_PROBLEMS = 10
DEEPEST = 20  # braces within braces: the reader of BibTeX goes down one by one
_RIS = re.compile(r"^TY {2}- ?", re.MULTILINE)
_BIBTEX = re.compile(r"@\s*[A-Za-z]+\s*[{(]")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_YEAR = re.compile(r"(?<![0-9])(1[89][0-9]{2}|20[0-9]{2})(?![0-9])")
_YEARS = ("year", "publication_year", "date")
_VENUES = ("journal", "journaltitle", "booktitle", "publisher", "institution", "school",
           "organization", "journal_name", "secondary_title", "alternate_title3")  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One publication as it was read; `key` is the same for the same work."""

    title: str
    year: int | None = None
    authors: tuple[str, ...] = ()
    venue: str = ""
    doi: str = ""
    url: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from others."""
        named = f"doi {self.doi}" if self.doi else f"{fold(self.title)} {self.year or ''}"
        return sha256(named.encode()).hexdigest()


@dataclass(frozen=True)
class Reading:
    """What was found, each work once, and what could not be used, as sentences."""

    works: tuple[Work, ...]
    problems: tuple[str, ...]


def read(text: str) -> Reading:
    """The works in a text. Raises InvalidInput where it is too long, or no list of references."""
    if len(text) > MOST_CHARACTERS:
        sentence = _("This is too long: send at most %(most)s characters at once.",
                     most=f"{MOST_CHARACTERS:,}")  # fmt: skip
        raise InvalidInput(sentence, field="text")
    if _RIS.search(text):
        entries = _guarded(_ris, text)
    elif _BIBTEX.search(text):
        entries = _guarded(_bibtex, text)
    else:
        sentence = _("This is neither BibTeX nor RIS. Export the list from your reference manager.")
        raise InvalidInput(sentence, field="text")
    return _checked(entries)


def _guarded(parse: Callable[[str], list[dict[str, Any]]], text: str) -> list[dict[str, Any]]:
    """What the parser finds; whatever it stumbles over is said in one sentence."""
    quiet = logging.getLogger("bibtexparser")
    quiet.setLevel(logging.CRITICAL)  # it would write what people paste into our log
    try:
        return parse(text)
    except Exception as error:  # the parsers raise whatever their text leads them to
        sentence = _("The list breaks off somewhere: a brace or an end of an entry is missing.")
        raise InvalidInput(sentence, field="text") from error


def _bibtex(text: str) -> list[dict[str, Any]]:
    # Few requests read references.
    import bibtexparser  # type: ignore[import-untyped]  # noqa: PLC0415 -- see above
    from bibtexparser import bparser, customization  # noqa: PLC0415 -- see above

    if _depth(text) > DEEPEST:
        raise ValueError("too many braces within braces")
    parser = bparser.BibTexParser(
        common_strings=True, ignore_nonstandard_types=False, interpolate_strings=False
    )
    entries = bibtexparser.loads(text, parser=parser).entries
    return [customization.convert_to_unicode(entry) for entry in entries[: MOST_AT_ONCE + 1]]


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
    return deepest


def _ris(text: str) -> list[dict[str, Any]]:
    import rispy  # type: ignore[import-untyped]  # noqa: PLC0415 -- few read references

    entries: list[dict[str, Any]] = rispy.loads(text, skip_unknown_tags=True)
    return entries[: MOST_AT_ONCE + 1]


def _checked(entries: list[dict[str, Any]]) -> Reading:
    problems: list[str] = []
    works: dict[str, Work] = {}
    for number, entry in enumerate(entries[:MOST_AT_ONCE], start=1):
        work = _work(entry)
        if work is None:
            problems.append(_("Entry %(number)d has no title, so it is left out.", number=number))
        elif work.key in works:
            problems.append(_("“%(title)s” is there twice.", title=shorten(work.title, 80)))
        else:
            works[work.key] = work
    if len(entries) > MOST_AT_ONCE:
        problems.append(
            _("There are more than %(most)d: send the others afterwards.", most=MOST_AT_ONCE)
        )
    if not works and not problems:
        raise InvalidInput(_("No publication was found in it."), field="text")
    more = len(problems) - MOST_PROBLEMS
    if more > 0:
        problems[MOST_PROBLEMS:] = [ngettext("And %(num)d more.", "And %(num)d more.", more)]
    return Reading(tuple(works.values()), tuple(problems))


def _work(entry: Mapping[str, Any]) -> Work | None:
    title = _line(entry, "title", "primary_title")
    if len(title) < 3:
        return None
    doi = _DOI.search(_line(entry, "doi"))
    years = _YEAR.search(" ".join(_line(entry, name) for name in _YEARS))
    return Work(
        title=shorten(title, 500),
        year=int(years[0]) if years else None,
        authors=tuple(one[:150] for one in _authors(entry)[:20]),
        venue=shorten(_line(entry, *_VENUES), 300),
        doi=doi[0].rstrip(".,;").lower()[:200] if doi else "",
        url=_url(entry),
        abstract=shorten(_line(entry, "abstract", "notes_abstract"), 3000),
        keywords=tuple(one[:80] for one in _keywords(entry)[:20]),
    )


def _line(entry: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something, on one line and without braces."""
    for name in names:
        value = entry.get(name) or ""
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        found = clean_line(text.replace("{", "").replace("}", ""))
        if found:
            return found
    return ""


def _authors(entry: Mapping[str, Any]) -> list[str]:
    listed = entry.get("authors") or entry.get("first_authors")
    if isinstance(listed, list):
        return [clean_line(str(one)) for one in listed if clean_line(str(one))]
    return [one for one in re.split(r"\s+and\s+", _line(entry, "author")) if one]


def _keywords(entry: Mapping[str, Any]) -> list[str]:
    listed = entry.get("keywords")
    parts = listed if isinstance(listed, list) else re.split(r"[;,]", str(listed or ""))
    return [word for part in parts if (word := clean_line(str(part)))]


def _url(entry: Mapping[str, Any]) -> str:
    """A link that a browser opens as a page; anything else is left out."""
    urls = entry.get("urls")
    text = str(urls[0]) if isinstance(urls, list) and urls else _line(entry, "url", "link")
    return text if re.fullmatch(r"https?://\S{1,980}", text) else ""
