"""What must be true of how much people are asked, and of when they are away: queries of `check`."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from reviewhub.accounts.models import Person
from reviewhub.audit.models import AuditEvent
from reviewhub.reviews.candidates import COUNTED
from reviewhub.reviews.models import Assignment, ReviewPolicy, ReviewRound
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster.models import Absence


def asked_beyond_the_rule() -> sa.Select[*tuple[Any, ...]]:
    """Asked by the system while as many items lay with them, and still do, as the rule allows.

    Only steps that leave no doubt count: whoever was asked by an editor, said yes late, or got a
    review back, has more by somebody's choice.
    """
    other, event = aliased(Assignment), aliased(AuditEvent)
    plain = ("invite", "accept")

    def only_plain(assignment: Any) -> sa.ColumnElement[bool]:
        return ~sa.exists().where(
            event.object_type == Assignment.__tablename__,
            event.object_id == assignment.id,
            event.new_state.is_not(None),
            event.verb.not_in(plain),
        )

    before = (
        sa.select(sa.func.count())
        .where(
            other.person_id == Assignment.person_id,
            other.id < Assignment.id,
            other.state.in_([AssignmentState.INVITED, AssignmentState.ACCEPTED]),
            only_plain(other),
        )
        .scalar_subquery()
    )
    return (
        sa.select(Assignment.id, Assignment.person_id)
        .join(ReviewRound, ReviewRound.id == Assignment.round_id)
        .join(ReviewPolicy, ReviewPolicy.id == ReviewRound.policy_id)
        .where(
            Assignment.state == AssignmentState.INVITED,
            Assignment.chosen_by_id.is_(None),
            only_plain(Assignment),
            before >= ReviewPolicy.rules["open_items_cap"].as_integer(),
        )
    )


def asked_for_more_than_offered() -> sa.Select[*tuple[Any, ...]]:
    """Whoever is asked is counted in, with what they offer at that time; see reviews/operations.

    So no more can count in a half-year than the most that was offered for one of them. What was
    asked before that was written down says nothing, nor what two accounts were asked that are one
    person's now.
    """
    merged = sa.select(Person.merged_into_id).where(Person.merged_into_id.is_not(None))
    half_year = (
        sa.extract("year", Assignment.invited_at),
        sa.case((sa.extract("month", Assignment.invited_at) < 7, 1), else_=2),
    )
    number, known = sa.func.count(), sa.func.count(Assignment.asked_of)
    most = sa.func.max(Assignment.asked_of)
    return (
        sa.select(Assignment.person_id, *half_year, number, most)
        .where(
            Assignment.state.in_(COUNTED),
            Assignment.invited_at.is_not(None),
            Assignment.person_id.not_in(merged),
        )
        .group_by(Assignment.person_id, *half_year)
        .having(sa.and_(number == known, number > most))
    )


def away_twice_at_once() -> sa.Select[*tuple[Any, ...]]:
    later = aliased(Absence)
    return (
        sa.select(Absence.membership_id, Absence.first_day, later.first_day)
        .join(
            later,
            sa.and_(
                later.membership_id == Absence.membership_id,
                later.id != Absence.id,
                later.first_day >= Absence.first_day,
            ),
        )
        .where(sa.or_(Absence.last_day.is_(None), Absence.last_day >= later.first_day))
    )
