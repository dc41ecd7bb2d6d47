"""What stands on pages and in mails without being the program's own words: the data."""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa
from babel import Locale

from reviewhub.cli.translations import CLOSE, OPEN
from reviewhub.core import config
from reviewhub.core.db import Model, db
from reviewhub.demo.content import CONTENT
from reviewhub.notifications import mailbox
from reviewhub.taxonomy.loader import hub_folder

_MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+\.\w+|\b[\w.-]+\.example\b|/\S+")
_NUMBER = re.compile(r"\b(RH|RA)-\d{4}-\d{6}\b")
_PIECES = re.compile(r"\s[·–—|]\s|[,;:()“”«»…]|\s{2,}|\n")
_LETTERS = re.compile(r"[^\W\d_]")
_FORMATS = {"PDF", "HTML", "CSV", "JSON", "RIS", "BibTeX", "MB", "kB", "KB", "DOI", "ISO", "DOCX"}


class Known:
    """Every text that is data: the database's, the hub's and the demo's, and the language's."""

    def __init__(self, code: str) -> None:
        self.locale = Locale.parse(code)
        self.texts: set[str] = set()
        for text in (*_rows(), *_files(hub_folder("migration")), *_files(CONTENT)):
            self.texts.add(_plain(text))
        for mail in mailbox.recent(config.current().var / "mailbox", 100):
            lines = [mail.subject, *mail.text.splitlines()]
            self.texts |= {_plain(piece) for line in lines for piece in _PIECES.split(line)}
        self.texts |= {_plain(piece) for text in list(self.texts) for piece in _PIECES.split(text)}

    @cached_property
    def corpus(self) -> str:
        """All of it as one text, for pieces of it."""
        return "\n".join(self.texts)

    @cached_property
    def words(self) -> set[str]:
        """What the language itself says of dates, languages and countries."""
        found = {_plain(form) for form in _FORMATS}
        for names in (self.locale.months, self.locale.days):
            for widths in names.values():
                for each in widths.values():
                    found |= {_plain(name) for name in each.values()}
        found |= {_plain(str(name)) for name in self.locale.languages.values()}
        found |= {_plain(str(name)) for name in self.locale.territories.values()}
        for zone in available_timezones():
            found |= {_plain(zone), _plain(zone.partition("/")[0])}
        for code in ("en", "fr", "ar", "es", "ru", "zh"):
            own = Locale.parse(code)
            found.add(_plain(own.get_language_name(code) or code))
        return found

    def unmarked(self, text: str) -> str:
        """What is left of a text when marks, data, numbers and names are taken away."""
        left = _without_marks(text)
        if not _LETTERS.search(left) or self._is_data(left):
            return ""
        left = _NUMBER.sub(" ", _ADDRESS.sub(" ", left))
        pieces = _PIECES.split(left)
        return " ¦ ".join(
            piece.strip() for piece in pieces if _LETTERS.search(piece) and not self._is_data(piece)
        )

    def is_part_of_data(self, text: str) -> bool:
        """Whether user text, as an element set apart for it holds it, occurs in the data."""
        left = _without_marks(text)
        pieces = re.split(r"[…,]|\s[·–—]\s", left)
        return not self.unmarked(text) or all(_plain(p) in self.corpus for p in pieces)

    def _is_data(self, text: str) -> bool:
        plain = _plain(text)
        return (
            plain in self.texts
            or plain in self.words
            or plain.lstrip("0123456789 .") in self.texts
            or all(
                word.strip(".") in self.words or not _LETTERS.search(word) for word in plain.split()
            )
        )


def _without_marks(text: str) -> str:
    while _MARKED.search(text):  # marks stand in marks where one text is filled into another
        text = _MARKED.sub(" ", text)
    return text


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().strip(" .:·*–")


def _rows() -> Iterator[str]:
    for table in Model.metadata.sorted_tables:
        columns = [c for c in table.columns if not isinstance(c.type, sa.Integer | sa.Boolean)]
        for row in db.session.execute(sa.select(*columns)) if columns else ():
            for value in row:
                yield from _strings(value)


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.json")):
        yield from _strings(json.loads(path.read_text(encoding="utf-8")))


def _strings(value: Any) -> Iterator[str]:
    if type(value) is str:  # an enum's value is a code and no text
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
