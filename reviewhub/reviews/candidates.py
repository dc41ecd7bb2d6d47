"""From rows to what matching sees: the item, and every active roster member as a candidate."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.matching.people import Candidate, Contact, Item, Relation
from reviewhub.reviews.clocks import answer_by
from reviewhub.reviews.models import Assignment, ReviewPolicy, ReviewRound
from reviewhub.reviews.queries import rules_in_force
from reviewhub.reviews.texts import likeness_of
from reviewhub.reviews.tuning import MOST_REST
from reviewhub.reviews.workflow import SEATED
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.availability import Asking
from reviewhub.roster.queries import MemberRow, absences, eligible_members
from reviewhub.submissions.models import Relation as SubmitterRelation
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue

COUNTED = frozenset({A.INVITED, A.ACCEPTED, A.SUBMITTED, A.RETURNED, A.SURPLUS})
OPEN_ITEMS = frozenset({A.INVITED, A.ACCEPTED, A.RETURNED})
KEPT = 6_000  # candidates that are remembered from one suggestion to the next


def item_of(submission: Submission, submitter: Person | None) -> Item:
    """The submission as matching sees it; `submitter` is None only while nobody has sent it."""
    terms = defaultdict(list)
    primary = None
    hub = catalogue()
    for filed in submission.filing:
        term = hub.term(filed.term_id)
        terms[term.vocabulary].append(term.code)
        if filed.is_primary:
            primary = term.code
    kind = hub.term(submission.document_type_id).code if submission.document_type_id else ""
    likeness, shared = likeness_of(submission.id)
    return Item(
        id=submission.id,
        submitter_id=submission.submitter_id,
        submitter_email=submitter.email if submitter else "",
        submitter_organisation_id=submitter.organisation_id if submitter else None,
        state_country=submission.for_government or None,
        contacts=_contacts(submission, submitter),
        topics=tuple(terms["topics"]),
        primary_topic=primary,
        themes=frozenset(terms["themes"]),
        regions=frozenset(terms["regions"]),
        countries=frozenset(terms["countries"]),
        languages=frozenset([*terms["languages"], *filter(None, [submission.language])]),
        document_type=kind,
        likeness=likeness,
        shared=shared,
    )


def _contacts(submission: Submission, submitter: Person | None) -> tuple[Contact, ...]:
    """Whoever stands behind the resource, as far as it is known by name."""
    contacts = []
    if submitter and submission.relation not in {None, SubmitterRelation.NONE}:
        relation = Relation(str(submission.relation))
        contacts.append(
            Contact(
                relation=relation,
                person_id=submitter.id,
                organisation_id=submitter.organisation_id,
            )
        )
    publisher = accounts.organisation_named(submission.publisher) if submission.publisher else None
    if publisher is not None:
        contacts.append(Contact(relation=Relation.PUBLISHER, organisation_id=publisher.id))
    return tuple(contacts)


def candidates_for(submission: Submission, current: ReviewRound | None) -> list[Candidate]:
    """Every active roster member as they stand now, by person id."""
    return towards(roster_now(), submission, current)


def roster_now(people: Collection[int] | None = None) -> list[Candidate]:
    """Every active roster member, or these, by person id, with nothing of any one item.

    Who may be asked is read from their absences by the days of the policy in force, see
    roster/availability.py.
    """
    day, rules = clock.today(), rules_in_force()
    asking = Asking(day, answer_by(rules, clock.now()).date(), rules.review_days)
    loads = _loads(half_year_start(clock.now()), people)
    declared = _declared(people)
    away = {
        person_id
        for person_id, periods in absences(people=people).items()
        if not asking.may_reach(periods)
    }
    members = {one.person_id: one for one in eligible_members(people=people)}
    return [
        _candidate(members[who], loads.get(who, _IDLE), declared.get(who, ()), who in away)
        for who in sorted(members)
    ]


def towards(
    roster: Sequence[Candidate], submission: Submission, current: ReviewRound | None
) -> list[Candidate]:
    """The roster as it stands towards one item: who refused, is kept off, or sits there already."""
    refused = _refused(submission, current)
    kept_off = frozenset(current.kept_off if current else ())
    found = list(roster)
    if refused or kept_off:
        found = [
            replace(one, refused_before=one.id in refused, kept_off=one.id in kept_off)
            if one.id in refused or one.id in kept_off
            else one
            for one in roster
        ]
    return found + _seated_elsewhere(current, {one.id for one in roster})


def _seated_elsewhere(current: ReviewRound | None, known: Collection[int]) -> list[Candidate]:
    """Who holds a seat but has left the roster meanwhile: they keep it, and are asked no more."""
    return [
        Candidate(
            id=one.person_id,
            internal=one.internal,
            email=person.email,
            organisation_id=person.organisation_id,
            government=None,
            paused=True,
        )
        for one in (current.assignments if current else ())
        if one.state in SEATED and one.person_id not in known
        for person in [accounts.get(one.person_id)]
    ]


class Load(NamedTuple):
    """Asked since the half-year began, unfinished now, and the day of the last review.

    That day is left out where it lies so far back that no rule of rest can ask for it any more.
    """

    asked: int = 0
    unfinished: int = 0
    finished: date | None = None


_IDLE = Load()


def _loads(since: datetime, people: Collection[int] | None) -> dict[int, Load]:
    """Of everybody, or these, who has any; three readings, each of the rows that it needs alone."""
    asked = Counter(_listed(people, Assignment.invited_at >= since, Assignment.state.in_(COUNTED)))
    unfinished = Counter(_listed(people, Assignment.state.in_(OPEN_ITEMS)))
    finished = _finished(people)
    return {
        who: Load(asked[who], unfinished[who], finished.get(who))
        for who in asked.keys() | unfinished.keys() | finished.keys()
    }


def _listed(people: Collection[int] | None, *which: sa.ColumnElement[bool]) -> Iterator[int]:
    """The people of these assignments, one time for each."""
    return _numbers(db.session.scalar(sa.select(_PEOPLE).where(*which, *_of(people))))


def _finished(people: Collection[int] | None) -> dict[int, date]:
    """The day of everybody's last review, as far back as any rule of rest can reach."""
    rest = ReviewPolicy.rules["rest_days"].as_integer()
    longest = max(db.session.scalar(sa.select(sa.func.max(rest))) or 0, MOST_REST)
    day = _day(Assignment.submitted_at)
    found: dict[int, date] = {}
    for finished, listed in db.session.execute(
        sa.select(day, _PEOPLE)
        .where(Assignment.submitted_at >= clock.now() - timedelta(days=longest + 1), *_of(people))
        .group_by(day)
        .order_by(day)
    ):
        found |= dict.fromkeys(_numbers(listed), finished)
    return found


# In one text: thousands of numbers come faster so than as rows.
_PEOPLE = sa.func.aggregate_strings(sa.cast(Assignment.person_id, sa.Text), ",")


def _numbers(listed: str | None) -> Iterator[int]:
    return map(int, listed.split(",") if listed else ())


def _of(people: Collection[int] | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if people is None else (Assignment.person_id.in_(people),)


def _day(moment: Any) -> Any:
    """The day of a moment in UTC, in which SQLite keeps them; PostgreSQL has to be told."""
    if db.engine.dialect.name == "sqlite":
        return sa.func.date(moment, type_=sa.Date)
    return sa.cast(sa.func.timezone("UTC", moment), sa.Date)


class Target(NamedTuple):
    """What somebody declared to be a conflict: a person, an organisation or a country."""

    person: int | None
    organisation: int | None
    country: str


Declared = tuple[Target, ...]


@lru_cache(maxsize=KEPT)
def _candidate(member: MemberRow, load: Load, declared: Declared, away: bool) -> Candidate:
    """Depends on what is given alone; so nearly all are known from the suggestion before."""
    return Candidate(
        id=member.person_id,
        internal=member.internal,
        email=member.email,
        organisation_id=member.organisation_id,
        government=member.government or None,
        country=member.country or None,
        languages=member.languages,
        topics=member.topics,
        themes=member.themes,
        regions=member.regions,
        backgrounds=member.backgrounds,
        capacity=member.capacity,
        load=load.asked,
        open_items=load.unfinished,
        paused=away,
        last_finished=load.finished,
        declared_people=frozenset(one.person for one in declared if one.person),
        declared_organisations=frozenset(one.organisation for one in declared if one.organisation),
        declared_countries=frozenset(one.country for one in declared if one.country),
    )


def _declared(people: Collection[int] | None) -> dict[int, Declared]:
    """What everybody, or these, declared to be a conflict; as columns, since it may be much."""
    of = () if people is None else (DeclaredConflict.person_id.in_(people),)
    found: dict[int, Declared] = {}
    rows = db.session.execute(
        sa.select(
            DeclaredConflict.person_id, DeclaredConflict.other_person_id,
            DeclaredConflict.organisation_id, DeclaredConflict.country,
        )
        .where(*of)
        .order_by(DeclaredConflict.person_id, DeclaredConflict.id)
    )  # fmt: skip
    for declarer, person, organisation, country in rows:
        found[declarer] = (*found.get(declarer, ()), Target(person, organisation, country))
    return found


def half_year_start(moment: datetime) -> datetime:
    """1 January or 1 July: capacities are given per half-year."""
    return moment.replace(
        month=1 if moment.month < 7 else 7, day=1, hour=0, minute=0, second=0, microsecond=0
    )


def half_year_of(moment: datetime) -> tuple[datetime, datetime]:
    """The half-year of a moment: its start, and the start of the next."""
    start = half_year_start(moment)
    return start, half_year_start(start + timedelta(days=184))


def _refused(submission: Submission, current: ReviewRound | None) -> frozenset[int]:
    """Who was asked in this round and holds no seat; for a fresh panel, all who were ever asked."""
    query = sa.select(Assignment.person_id).where(Assignment.submission_id == submission.id)
    if current is None:  # a preview: the round would begin now
        return frozenset(db.session.scalars(query)) if submission.appeals else frozenset()
    gone = sa.and_(
        Assignment.round_id == current.id,
        sa.or_(Assignment.state.not_in(SEATED), Assignment.relieved_at.is_not(None)),
        Assignment.called_off_at.is_(None),  # somebody was faster: that counts for nothing
    )
    if current.fresh_panel:
        query = query.where(sa.or_(gone, Assignment.round_id != current.id))
    else:
        query = query.where(gone)
    return frozenset(db.session.scalars(query))
