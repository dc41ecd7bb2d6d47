"""How long finished items took from each stage to their decision: what estimates are made from.

Counted by a periodic task over the newest decisions, so its cost is bounded whatever lies behind
them, and no page counts anything. Items that were appealed took another way and are left out.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from reviewhub.audit.models import AuditEvent
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews.models import ReviewPolicy, ReviewRound
from reviewhub.reviews.queries import rules_for
from reviewhub.reviews.rules import Rules
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.waiting import DAY, STAGES, Way, use_ways
from reviewhub.submissions.workflow import State

MOST_ITEMS = 500  # of the newest decisions
TOLD_FOR = timedelta(days=1)  # a decision that may still be undone counts nowhere


class Finished(NamedTuple):
    """One decided item: which way it went, when it reached each stage last, when it was decided."""

    path: str
    reached: Mapping[State, datetime]
    decided_at: datetime


def path_of(rules: Rules) -> str:
    """What is alike in items that go the same way: who screens, and how many review."""
    return f"{rules.screening}-{rules.panel_size}"


def way_of(submission: Submission) -> Way:
    """The way of an item, and how many of its kind an estimate needs."""
    rules = rules_for(submission.id)
    return Way(path_of(rules), rules.estimate_sample)


use_ways(way_of)


def waiting_times(finished: Iterable[Finished]) -> dict[tuple[State, str], list[float]]:
    """The days from each stage to the decision, by stage and way."""
    found: dict[tuple[State, str], list[float]] = defaultdict(list)
    for item in finished:
        for stage, at in item.reached.items():
            if stage in STAGES and at <= item.decided_at:
                found[stage, item.path].append((item.decided_at - at).total_seconds() / DAY)
    return dict(found)


def count_waiting_times() -> dict[tuple[State, str], list[float]]:
    """The same, of the hub's newest decisions."""
    decided = _decided()
    ids = list(decided)
    reached = _reached(decided)
    paths = _paths(ids)
    by_time = _policies_by_time()
    finished = [
        Finished(
            path=paths.get(id) or _in_force(by_time, decided[id].submitted_at),
            reached=reached[id],
            decided_at=decided[id].decided_at,
        )
        for id in ids
        if id in reached
    ]
    return waiting_times(one for one in finished if one.path)


class _Decided(NamedTuple):
    submitted_at: datetime
    decided_at: datetime


def _decided() -> dict[int, _Decided]:
    rows = db.session.execute(
        sa.select(Decision.submission_id, Submission.submitted_at, Decision.decided_at)
        .join(Submission, Submission.id == Decision.submission_id)
        .where(
            Decision.superseded_at.is_(None),
            Decision.decided_at <= clock.now() - TOLD_FOR,
            Submission.appeals == 0,
        )
        .order_by(Decision.id.desc())
        .limit(MOST_ITEMS)
    )
    return {id: _Decided(submitted_at, at) for id, submitted_at, at in rows if submitted_at}


def _reached(decided: Mapping[int, _Decided]) -> dict[int, dict[State, datetime]]:
    """When each item reached each stage, the last time before its decision."""
    found: dict[int, dict[State, datetime]] = defaultdict(dict)
    rows = db.session.execute(
        sa.select(AuditEvent.object_id, AuditEvent.new_state, AuditEvent.at)
        .where(
            AuditEvent.object_type == Submission.__tablename__,
            AuditEvent.object_id.in_(decided),
            AuditEvent.new_state.in_(STAGES),
        )
        .order_by(AuditEvent.object_id, AuditEvent.id)
    )
    for id, state, at in rows:
        if state and at <= decided[id].decided_at:
            found[id][State(state)] = at
    return dict(found)


def _paths(ids: Collection[int]) -> dict[int, str]:
    """The way of each item that was reviewed, by the rules of its last round."""
    names = {policy.id: path_of(Rules.read(policy.rules)) for policy in _policies()}
    rows = db.session.execute(
        sa.select(ReviewRound.submission_id, ReviewRound.policy_id)
        .where(ReviewRound.submission_id.in_(ids))
        .order_by(ReviewRound.submission_id, ReviewRound.number)
    )
    return {id: names[policy_id] for id, policy_id in rows}


def _policies() -> Sequence[ReviewPolicy]:
    return db.session.scalars(sa.select(ReviewPolicy).order_by(ReviewPolicy.number)).all()


def _policies_by_time() -> tuple[list[datetime], list[str]]:
    policies = _policies()
    return [one.created_at for one in policies], [
        path_of(Rules.read(one.rules)) for one in policies
    ]


def _in_force(by_time: tuple[list[datetime], list[str]], at: datetime) -> str:
    """The way that was in force at this moment: of items that were never reviewed."""
    moments, names = by_time
    return names[max(bisect_right(moments, at) - 1, 0)] if names else ""
