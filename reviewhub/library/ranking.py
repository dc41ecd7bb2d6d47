"""The default order: comprehensive and global before specific and regional, then newest first.

Its parts are numbers stored with each resource, all ascending, so that the database sorts by
an index and a page can say why something stands where it stands.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from reviewhub.core.i18n import _
from reviewhub.library.words import normal
from reviewhub.submissions.models import Breadth, Scope

UNDATED = 0
UNKNOWN_SCOPE = 5
UPCOMING = -100_000_000  # before every date: an event still to come
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_BREADTHS = (Breadth.COMPREHENSIVE, Breadth.BROAD, Breadth.SPECIFIC)
_TITLE_LENGTH = 300


@dataclass(frozen=True)
class Rank:
    """The stored parts of the default order, most important first."""

    scope: int
    breadth: int
    date: int
    title: str


def rank(
    *,
    scope: Scope | None,
    regions: Collection[str],
    countries: Collection[str],
    breadth: Breadth | None,
    dated: str,
    title: str,
) -> Rank:
    """Where a resource stands. `dated` is an ISO date, of which only the year may be known."""
    return Rank(
        scope=scope_tier(scope, regions, countries),
        breadth=_BREADTHS.index(breadth) if breadth else len(_BREADTHS),
        date=date_key(dated),
        title=normal(title)[:_TITLE_LENGTH],
    )


def scope_tier(scope: Scope | None, regions: Collection[str], countries: Collection[str]) -> int:
    """0 global, 1 several regions, 2 a region or several countries in it, 3 one country,
    4 local, 5 unknown; what it is filed under corrects a scope that says less.
    """
    if scope is None:
        return UNKNOWN_SCOPE
    if scope == Scope.GLOBAL:
        return 0
    if scope == Scope.LOCAL:
        return 4
    if scope == Scope.MULTI_REGION or len(set(regions)) > 1:
        return 1
    if scope == Scope.REGIONAL or len(set(countries)) > 1:
        return 2
    return 3


def date_key(dated: str) -> int:
    """Ascending means newest first and undated last: the day as a negative number, or 0."""
    found = _DATE.match(dated)
    if found is None:
        return UNDATED
    year, month, day = (int(part or 0) for part in found.groups())
    return -(year * 10_000 + month * 100 + day)


def day_number(day: date) -> int:
    """The day as `date_key` counts it, without the sign."""
    return day.year * 10_000 + day.month * 100 + day.day


def why_here(rank_scope: int, rank_breadth: int, rank_date: int) -> str:
    """One sentence for "why is this here?"."""
    return str(
        _(
            "%(scope)s, %(breadth)s, %(date)s: wider and more comprehensive resources come first, "
            "then the newest.",
            scope=_scope_words(rank_scope),
            breadth=_breadth_words(rank_breadth),
            date=_("dated %(year)s", year=-rank_date // 10_000) if rank_date else _("undated"),
        )
    )


def _scope_words(tier: int) -> str:
    return str(
        (
            _("Global"),
            _("Several regions"),
            _("One region, or several countries in it"),
            _("One country"),
            _("One place"),
            _("Scope not stated"),
        )[min(tier, UNKNOWN_SCOPE)]
    )


def _breadth_words(tier: int) -> str:
    return str(
        (
            _("comprehensive"),
            _("broad"),
            _("specific"),
            _("breadth not stated"),
        )[min(tier, len(_BREADTHS))]
    )
