"""How long it may still take: an honest estimate from the hub's own finished items.

What was counted is kept in a row per stage and way of review, so a page reads one row. From the
items that took at least as long as this one has, the middle of what they still needed is told: so
no estimate lies in the past, and where too few are alike nothing is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State

STAGES = (State.SUBMITTED, State.IN_REVIEW, State.REVIEWED)
LOW, HIGH = 0.2, 0.8  # the shares of similar items that were faster: the ends of what is told
DAY = 86_400


class WaitingTimes(Model):
    """The days from one stage to the decision, shortest first, of what went the same way."""

    __tablename__ = "waiting_times"

    stage: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    path: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    days: Mapped[list[Any]] = mapped_column(default=list)
    counted_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True)
class Way:
    """What makes items alike besides their stage, and how many of them an estimate needs."""

    path: str
    least: int


@dataclass(frozen=True)
class Estimate:
    """The decision is likely in `low` to `high` days, from `similar` items."""

    low: int
    high: int
    similar: int


def estimate(days: Sequence[float], *, waited: float, least: int) -> Estimate | None:
    """From how long similar items took: those that took longer than this one has waited.

    None where fewer than `least` did. The ends are whole days from now, rounded outwards.
    """
    left = sorted(took - waited for took in days if took > waited)
    if len(left) < max(least, 1):
        return None
    low, high = _share(left, LOW), _share(left, HIGH)
    return Estimate(low=max(floor(low), 0), high=max(ceil(high), 1), similar=len(left))


def _share(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the ordered values lies, between two neighbours."""
    place = share * (len(ordered) - 1)
    before = floor(place)
    after = min(before + 1, len(ordered) - 1)
    return ordered[before] + (ordered[after] - ordered[before]) * (place - before)


WayOf = Callable[[Submission], Way]


def _unknown(submission: Submission) -> Way:
    raise RuntimeError("use_ways has not been called")


_way_of: WayOf = _unknown


def use_ways(way_of: WayOf) -> None:
    """Let `way_of(submission)` say which way an item goes; called at start.

    The rules of review belong to a package above this one: hence the hand-over.
    """
    global _way_of  # set once per process
    _way_of = way_of


def estimate_for(submission: Submission, since: datetime | None) -> Estimate | None:
    """The estimate for an item that reached its stage at this moment; None where none is honest."""
    if submission.state not in STAGES or submission.appeals or since is None:
        return None
    way = _way_of(submission)
    row = db.session.get(WaitingTimes, (submission.state.value, way.path))
    if row is None:
        return None
    waited = (clock.now() - since).total_seconds() / DAY
    return estimate(row.days, waited=waited, least=way.least)


def keep(found: Mapping[tuple[State, str], Sequence[float]]) -> int:
    """Replace what is kept by what was counted now; returns how many rows there are."""
    db.session.execute(sa.delete(WaitingTimes))
    for (stage, path), days in found.items():
        db.session.add(
            WaitingTimes(stage=stage.value, path=path, days=sorted(round(one, 2) for one in days))
        )
    db.session.flush()
    return len(found)
