"""How moments, days and deadlines read, in the viewer's language and zone."""

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_datetime

from reviewhub.core import clock
from reviewhub.core.i18n import _, ngettext


def format_moment(moment: datetime) -> str:
    """Day and time in the viewer's zone: "24 Nov 2026, 14:05"."""
    return str(format_datetime(moment, "d MMM y, HH:mm"))


def format_day(day: date | datetime) -> str:
    """Day only, in the viewer's zone where it is a moment: "24 Nov 2026"."""
    if isinstance(day, datetime):
        return str(format_datetime(day, "d MMM y"))
    return str(format_date(day, "d MMM y"))


def due_words(due: datetime, now: datetime | None = None) -> str:
    """How far away a deadline is: "in 3 days", "today", "overdue by 2 days"."""
    days = (due.date() - (now or clock.now()).date()).days
    if days > 0:
        return str(ngettext("in %(num)d day", "in %(num)d days", days))
    if due >= (now or clock.now()) or days == 0:
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
