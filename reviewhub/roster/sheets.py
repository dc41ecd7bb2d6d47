"""Reading a list of people from a file: CSV or XLSX, within bounds, into rows of plain text.

A spreadsheet is a ZIP archive of XML, which may unpack to anything; so it is measured before it is
opened, and read row by row. Nothing in it is computed: a formula stays the text of a formula.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean, fold

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 60
LONGEST_CELL = 5_000  # characters; a longer one is cut one character later, and so refused
MOST_PARTS = 500  # files inside a spreadsheet
MOST_UNPACKED = 40 * 1024 * 1024
KINDS = ("csv", "xlsx")
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Sheet:
    """The names in the first line, folded, and each later row under its number in the file."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(name: str, content: bytes) -> Sheet:
    """The first sheet of a file; its ending says what it is.

    Raises InvalidInput, with a sentence, for a file that can't be read or is too large.
    """
    kind = name.rpartition(".")[2].lower()
    if kind not in KINDS:
        raise InvalidInput(_("Send the list as a .csv or .xlsx file."), field="file")
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            _("This file is too large: %(limit)d MB is the most.", limit=MOST_BYTES // 1024**2),
            field="file",
        )
    lines = _from_csv(content) if kind == "csv" else _from_xlsx(content)
    return _sheet(lines)


def key_of(text: str) -> str:
    """A name of a column in the form in which columns are compared."""
    return "_".join(fold(text).replace("-", " ").replace("_", " ").split())


def _sheet(lines: Iterable[tuple[str, ...]]) -> Sheet:
    numbered = (
        (number, line) for number, line in enumerate(lines, 1) if any(cell for cell in line)
    )
    first = next(numbered, None)
    if first is None:
        raise InvalidInput(_("The file is empty."), field="file")
    rows = tuple(islice(numbered, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise InvalidInput(
            _("One file may hold %(number)d rows at most. Split it.", number=MOST_ROWS),
            field="file",
        )
    return Sheet(tuple(key_of(cell) for cell in first[1]), rows)


def _from_csv(content: bytes) -> Iterator[tuple[str, ...]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            _("The file is not in UTF-8: save it so and try again."), field="file"
        ) from None
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield tuple(_cell(value) for value in row[:MOST_COLUMNS])
    except csv.Error as error:
        raise InvalidInput(_("The file is no CSV: %(reason)s.", reason=error), "file") from None


def _from_xlsx(content: bytes) -> Iterator[tuple[str, ...]]:
    _measure(content)
    # Few processes ever read a spreadsheet; the library carries no types.
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415

    broken = InvalidInput(
        _("The spreadsheet can't be read. Save it anew as .xlsx, or as .csv."), field="file"
    )
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        first = book.worksheets[0]
    except Exception:  # a broken archive fails in many ways
        raise broken from None
    # One row more than is allowed, so that too many can be told from enough.
    rows = first.iter_rows(max_row=2 * MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
    while True:
        try:
            row = next(rows, None)
        except Exception:
            raise broken from None
        if row is None:
            break
        yield tuple(_cell(value) for value in row)
    book.close()


def _measure(content: bytes) -> None:
    """Refuse what would unpack to too much, or bring definitions of its own into its XML."""
    refusal = InvalidInput(
        _("This is no spreadsheet that we can open safely. Save it anew as .xlsx, or as .csv."),
        field="file",
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise refusal
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or any("vbaProject" in name for name in names):
                raise refusal
            for part in parts:
                if b"<!DOCTYPE" in archive.read(part):
                    raise refusal
    except InvalidInput:
        raise
    except Exception:  # as above
        raise refusal from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(str(value)[: LONGEST_CELL + 1])
