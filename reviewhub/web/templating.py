"""How moments, days and deadlines read, in the viewer's language and zone."""

from datetime import date, datetime
from functools import lru_cache

import babel.dates
from flask import Flask
from flask_babel import format_date, format_datetime, to_user_timezone

from reviewhub.core import clock
from reviewhub.core.i18n import _, get_locale, ngettext


def format_moment(moment: datetime) -> str:
    """Day and time in the viewer's zone: "24 Nov 2026, 14:05"."""
    return str(format_datetime(moment, "d MMM y, HH:mm"))


def format_day(day: date | datetime) -> str:
    """Day only, in the viewer's zone where it is a moment: "24 Nov 2026"."""
    if isinstance(day, datetime):
        day = to_user_timezone(day).date()
    return _written_day(day, get_locale())


@lru_cache(maxsize=4096)
def _written_day(day: date, locale: str) -> str:
    """Kept, because a list repeats few days many times."""
    return str(babel.dates.format_date(day, "d MMM y", locale=locale))


def due_words(due: datetime, now: datetime | None = None) -> str:
    """How far away a deadline is: "in 3 days", "today", "overdue by 2 days"."""
    return _written_distance((due.date() - (now or clock.now()).date()).days, get_locale())


@lru_cache(maxsize=4096)
def _written_distance(days: int, _locale: str) -> str:
    """Kept for each language, as days are."""
    if days > 0:
        return str(ngettext("in %(num)d day", "in %(num)d days", days))
    if days == 0:
        return str(_("today"))
    return str(ngettext("overdue by %(num)d day", "overdue by %(num)d days", -days))


def format_partial_date(text: str) -> str:
    """A publication date of which only the year, or year and month, may be known."""
    parts = [int(part) for part in text.split("-") if part.isdigit()]
    if len(parts) == 3:
        return str(format_date(date(*parts), "d MMMM y"))
    if len(parts) == 2:
        return str(format_date(date(parts[0], parts[1], 1), "MMMM y"))
    return text


def upper_first(text: object) -> str:
    """The text with its first letter in upper case: a word of the hub at the start of a line."""
    words = str(text)
    return words[:1].upper() + words[1:]


def iso_day(text: str) -> str:
    """A day given as ISO text, as it stands in a mail's context."""
    return format_day(date.fromisoformat(text[:10]))


def init_templating(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        format_moment=format_moment,
        format_day=format_day,
        due_words=due_words,
        partial_date=format_partial_date,
        iso_day=iso_day,
        upper_first=upper_first,
    )
    app.jinja_env.globals.update(now=clock.now)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
