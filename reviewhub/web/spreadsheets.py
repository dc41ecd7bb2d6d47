"""Lists as files for spreadsheet programs: CSV (RFC 4180), in which no cell can be a formula.

A spreadsheet program runs what begins like a formula, whoever wrote it: a title is enough. Text
that does is led in by an apostrophe, and reads as text. What the code hands in as a number stays
one, below zero too. The byte order mark at the front is what makes Excel read UTF-8 as UTF-8.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from flask import Response, stream_with_context

from reviewhub.core.i18n import _
from reviewhub.core.text import fold

MEDIA_TYPE = "text/csv"
_MARK = "\ufeff"
# Some programs skip what is not seen at the front, and take the full-width signs for the others.
_FORMULA = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠\t\r\n]"
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


class _Lines:
    """What the csv module writes into: it hands each line straight back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of the file, one at a time, each with its end; the first begins with the mark."""
    writer = csv.writer(_Lines(), quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    yield _MARK + _line(writer, header)
    for row in rows:
        yield _line(writer, row)


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The file as a download under `name` (without its ending), written as it is read."""
    lines = csv_lines(header, rows)
    response = Response(stream_with_context(lines), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{_plain(name)}.csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def _line(writer: object, row: Sequence[object]) -> str:
    return str(writer.writerow([_cell(value) for value in row]))  # type: ignore[attr-defined]  # the csv module names no type


def _cell(value: object) -> object:
    """A value as it may stand in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, date):  # moments are dates, too
        return value.isoformat()
    text = _UNSEEN.sub("", str(value))
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(name: str) -> str:
    """A file's name that every system takes."""
    return _NOT_IN_NAMES.sub("-", fold(name)).strip("-")[:80] or "list"
