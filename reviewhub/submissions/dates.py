"""Dates of publication of which only the year, or year and month, may be known (EDTF level 0)."""

import re
import unicodedata
from datetime import date, timedelta

from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line

EARLIEST_YEAR = 1800
_SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def clean_date(text: str) -> str:
    """ "2024", "2024-05" or "2024-05-31"; digits of any script are taken.

    Raises InvalidInput for other shapes, for days that do not exist, for years before 1800 and
    for days more than a year ahead.
    """
    text = _plain_digits(clean_line(text))
    if not text:
        return ""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise InvalidInput(
            _("Write the date as 2024, 2024-05 or 2024-05-31."), field="published_on"
        )
    year, month, day = (int(part or 1) for part in shape.groups())
    try:
        first = date(year, month, day)
    except ValueError:
        raise InvalidInput(_("There is no such day."), field="published_on") from None
    if year < EARLIEST_YEAR or first > clock.today() + timedelta(days=366):
        raise InvalidInput(
            _("The date must lie between %(year)d and a year from now.", year=EARLIEST_YEAR),
            field="published_on",
        )
    return text


def _plain_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
