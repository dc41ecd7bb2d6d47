"""Asking somebody is counted under a lock, so that two panels never both take their last place.

A plan is made from what was read before. Before anybody in it is asked, their membership is locked
until the transaction ends and what they have is counted anew: on PostgreSQL by the row, on SQLite
by the one write lock. Whoever another panel is asking at this moment is left out, without waiting,
and the round looks again at once; so no two of them ever wait for each other.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.matching.conflicts import Screen
from reviewhub.reviews.candidates import COUNTED, OPEN_ITEMS, half_year_of, roster_now
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.waves import Plan, item_now
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.tuning import Tuning
from reviewhub.roster.models import Membership
from reviewhub.submissions.models import Submission

ANY_NUMBER = 1000  # beyond their own limit: an editor has said so, with a reason


def hold(people: Collection[int], *, wait: bool) -> frozenset[int]:
    """Lock the memberships of these people, in one order; returns whose are held."""
    if not people:
        return frozenset()
    held = db.session.scalars(
        sa.select(Membership.person_id)
        .where(Membership.person_id.in_(people))
        .order_by(Membership.id)
        .with_for_update(skip_locked=not wait)
    )
    return frozenset(held)


def still_free(submission: Submission, wave: Plan, tuning: Tuning) -> frozenset[int]:
    """Whom of the plan's people may be asked now that nobody else can ask them."""
    held = hold({seat.candidate_id for seat in wave.ask}, wait=False)
    if not held:
        return held
    screen = Screen(item_now(submission), wave.rule, clock.today())
    return frozenset(
        one.id for one in tuning.people(roster_now(held)) if not screen.exclusions(one)
    )


def count_in(assignment: Assignment, *, at: datetime, beyond: int = 0) -> None:
    """Count this assignment among what its reviewer is asked in the half-year of the moment `at`.

    Every way into the states that count leads through here. `beyond` is how many more than they
    offered an editor allows. Raises WrongState where they have all that they offered.
    """
    offered = db.session.scalar(
        sa.select(Membership.capacity)
        .where(Membership.person_id == assignment.person_id)
        .with_for_update()
    )
    if offered is None:  # was never on the roster, and offered no number
        return
    first, after = half_year_of(at)
    taken = _others(
        assignment,
        Assignment.state.in_(COUNTED),
        Assignment.invited_at >= first,
        Assignment.invited_at < after,
    )
    if taken >= offered + beyond:
        raise WrongState(
            _(
                "All reviews that were offered for this half-year are taken (%(number)d)."
                " Whoever can take more says so on their page of the roster.",
                number=offered,
            )
        )
    assignment.asked_of = max(offered, taken + 1)


def count_in_late(assignment: Assignment) -> None:
    """The same for a yes to an invitation that has ended, which by then counted for nothing."""
    assert assignment.invited_at is not None  # it was an invitation
    count_in(assignment, at=assignment.invited_at)
    limit = rules_of(assignment.round).open_items_cap
    if _others(assignment, Assignment.state.in_(OPEN_ITEMS)) >= limit:
        raise WrongState(
            _("You have as many reviews open as one person has here. Please finish one first.")
        )


def _others(assignment: Assignment, *which: sa.ColumnElement[bool]) -> int:
    """How many other assignments of the same person there are of which this is true."""
    count = sa.select(sa.func.count()).where(
        Assignment.person_id == assignment.person_id, Assignment.id != assignment.id, *which
    )
    return db.session.scalar(count) or 0
