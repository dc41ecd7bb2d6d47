"""Reading a collection's file: JSON or CSV, into plain records."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _

FORMATS = ("json", "csv")
_WRAPPERS = ("items", "records", "resources")


def read(path: Path, kind: str = "") -> list[Any]:
    """The records of a file; `kind` is json or csv, by the file's ending where it is left out.

    A CSV's first line names the fields; several values in one cell stand with semicolons
    between. Raises InvalidInput, with a sentence, for a file that can't be read.
    """
    kind = kind or path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise InvalidInput(_("Say whether the file is json or csv: its name does not tell."))
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput(_("The file can't be read: %(reason)s.", reason=reason)) from None
    except UnicodeDecodeError:
        raise InvalidInput(_("The file is not in UTF-8: save it so and try again.")) from None
    return _json(content) if kind == "json" else _csv(content)


def _json(content: str) -> list[Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(_("The file is no JSON: %(reason)s.", reason=error)) from None
    if isinstance(found, dict):
        found = next((found[name] for name in _WRAPPERS if name in found), None)
    if not isinstance(found, list):
        raise InvalidInput(_("There is no list of records in the file."))
    return found


def _csv(content: str) -> list[Any]:
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error as error:
        raise InvalidInput(_("The file is no CSV: %(reason)s.", reason=error)) from None
    if not rows:
        raise InvalidInput(_("The file is empty."))
    names = [name.strip().lower() for name in rows[0]]
    if "title" not in names:
        raise InvalidInput(_("The first line has to name the fields, and one must be title."))
    return [dict(zip(names, row, strict=False)) for row in rows[1:] if any(row)]
