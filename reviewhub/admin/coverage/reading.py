"""What the coverage board reads of the database: long texts, a handful of statements in all.

A column of all members comes as one text, and so does every list of numbers: that costs half of
what the database needs for the counts, which would have to take each member's lists apart. And two
moments at which nothing changed have equal texts, so what was counted from them still holds.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.reviews.candidates import COUNTED, half_year_start
from reviewhub.reviews.models import Assignment
from reviewhub.roster.models import Absence, Membership, MembershipTopic
from reviewhub.roster.queries.members import serving
from reviewhub.submissions.models import Submission, SubmissionTerm
from reviewhub.submissions.workflow import State

YEAR = timedelta(days=365)
BREAK = "\n"  # stands in no code, and JSON writes it otherwise

# In the words of its partial index: SQLite recognises no others.
_IS_PRIMARY = sa.text("submission_terms.is_primary")


class Members(NamedTuple):
    """A line in each text for each member who serves, all in the same order."""

    memberships: str
    people: str
    internal: str  # 1 or 0
    countries: str
    regions: str  # JSON lists of codes, as of the languages
    languages: str
    term_ends: str
    capacities: str
    genders: str


class Texts(NamedTuple):
    """Everything that is counted; lists are numbers with commas, each as often as it counts."""

    members: Members
    topics: tuple[tuple[int, str], ...]  # the memberships that can judge each topic, by its id
    asked: str  # people, for each review that they were asked for in this half-year
    away: str  # memberships
    sent: str  # the first topics of the suggestions of the last twelve months


def read(now: datetime) -> Texts:
    """What there is to count at this moment."""
    today = now.date()
    return Texts(
        _members(now), _topics(), _asked(half_year_start(now)), _away_on(today), _sent(now - YEAR)
    )


def _members(now: datetime) -> Members:
    away = sa.and_(Person.away_until.is_not(None), Person.away_until > now)
    columns = (
        Membership.id, Membership.person_id, sa.case((Membership.internal, 1), else_=0),
        Person.country, Membership.regions, Membership.languages, Membership.term_ends_on,
        sa.case((away, 0), else_=Membership.capacity), Membership.gender,
    )  # fmt: skip
    query = (
        sa.select(*map(_column_of_all, columns))
        .join_from(Membership, Person, Person.id == Membership.person_id)
        .where(*serving())
    )
    return Members._make(text or "" for text in db.session.execute(query).one())


def _column_of_all(column: Any) -> Any:
    """One column of every row in one text: in one statement all of them come in the same order."""
    return sa.func.aggregate_strings(sa.func.coalesce(sa.cast(column, sa.Text), ""), BREAK)


def _topics() -> tuple[tuple[int, str], ...]:
    query = (
        sa.select(MembershipTopic.term_id, _listed(MembershipTopic.membership_id))
        .group_by(MembershipTopic.term_id)
        .order_by(MembershipTopic.term_id)
    )
    # As the database hands them over: the session need not know these rows.
    rows = db.session.connection().execute(query)
    return tuple((term_id, members) for term_id, members in rows)


def _asked(since: datetime) -> str:
    """As matching counts what somebody was asked for."""
    return _text(
        sa.select(_listed(Assignment.person_id)).where(
            Assignment.invited_at >= since, Assignment.state.in_(COUNTED)
        )
    )


def _away_on(day: date) -> str:
    """Whose absence holds the day."""
    holds = sa.or_(Absence.last_day.is_(None), Absence.last_day >= day)
    return _text(sa.select(_listed(Absence.membership_id)).where(Absence.first_day <= day, holds))


def _sent(since: datetime) -> str:
    """Without what was withdrawn."""
    return _text(
        sa.select(_listed(SubmissionTerm.term_id))
        .join(Submission, Submission.id == SubmissionTerm.submission_id)
        .where(Submission.submitted_at >= since, Submission.state != State.WITHDRAWN, _IS_PRIMARY)
    )


def _listed(column: Any) -> Any:
    """The numbers of the column in one text: thousands of them come faster so than as rows, and
    the database need not sort what is only counted."""
    return sa.func.aggregate_strings(sa.cast(column, sa.Text), ",")


def _text(query: sa.Select[*tuple[Any, ...]]) -> str:
    return db.session.scalar(query) or ""
