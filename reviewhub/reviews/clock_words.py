"""The clocks in words: when a late review is recalled, and which days the hub works."""

from collections.abc import Iterable

from babel.dates import get_day_names

from reviewhub.core.i18n import _, get_locale, ngettext
from reviewhub.core.workdays import Workdays
from reviewhub.reviews.rules import reminder_days


def reminders_words(days: Iterable[int]) -> str:
    """ "7 days before, on the day, 1 day after": the reminders of a review, as they really come."""
    return ", ".join(_reminder(one) for one in reminder_days(days))


def _reminder(days: int) -> str:
    if days < 0:
        return ngettext("%(num)d day before", "%(num)d days before", -days)
    if days == 0:
        return _("on the day")
    return ngettext("%(num)d day after", "%(num)d days after", days)


def calendar_words(workdays: Workdays) -> str:
    """ "Monday, Tuesday …; 3 holidays; days begin by the clocks of Africa/Nairobi"."""
    names = get_day_names("wide", context="stand-alone", locale=get_locale())
    parts = [
        ", ".join(names[day] for day in sorted(workdays.weekdays)),
        ngettext("%(num)d holiday", "%(num)d holidays", len(workdays.holidays))
        if workdays.holidays
        else _("no holidays"),
        _("days begin by the clocks of %(zone)s", zone=str(workdays.zone)),
    ]
    return "; ".join(parts)
