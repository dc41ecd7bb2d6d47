"""From rows to what matching sees: the item, and every active roster member as a candidate."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.matching.people import Candidate, Contact, Item, Relation
from reviewhub.reviews.clocks import answer_by
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.queries import rules_in_force
from reviewhub.reviews.texts import likeness_of
from reviewhub.reviews.workflow import SEATED
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.availability import Asking
from reviewhub.roster.queries import MemberRow, eligible_members
from reviewhub.submissions.models import Relation as SubmitterRelation
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue

COUNTED = frozenset({A.INVITED, A.ACCEPTED, A.SUBMITTED, A.RETURNED, A.SURPLUS})
OPEN_ITEMS = frozenset({A.INVITED, A.ACCEPTED, A.RETURNED})


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
    members = eligible_members(None, people=people)
    loads = _loads(half_year_start(clock.now()), people)
    day, rules = clock.today(), rules_in_force()
    asking = Asking(day, answer_by(rules, clock.now()).date(), rules.review_days)
    conflicts = _conflicts(accounts.declared_conflicts([one.person_id for one in members]))
    return [
        _candidate(member, loads.get(member.person_id, _IDLE), conflicts, asking)
        for member in sorted(members, key=lambda row: row.person_id)
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


_IDLE: tuple[int, int, date | None] = (0, 0, None)


def _candidate(
    member: MemberRow,
    load: tuple[int, int, date | None],
    conflicts: dict[int, list[DeclaredConflict]],
    asking: Asking,
) -> Candidate:
    declared = conflicts.get(member.person_id, [])
    asked, unfinished, finished = load
    return Candidate(
        id=member.person_id,
        internal=member.internal,
        email=member.email,
        organisation_id=member.organisation_id,
        government=member.government or None,
        country=member.country or None,
        languages=frozenset(member.languages),
        topics=member.topics,
        themes=frozenset(member.themes),
        regions=frozenset(member.regions),
        backgrounds=frozenset(member.backgrounds),
        capacity=member.capacity,
        load=asked,
        open_items=unfinished,
        paused=not asking.may_reach(member.absences),
        last_finished=finished,
        declared_people=frozenset(c.other_person_id for c in declared if c.other_person_id),
        declared_organisations=frozenset(c.organisation_id for c in declared if c.organisation_id),
        declared_countries=frozenset(c.country for c in declared if c.country),
    )


def _conflicts(rows: Iterable[DeclaredConflict]) -> dict[int, list[DeclaredConflict]]:
    by_person = defaultdict(list)
    for row in rows:
        by_person[row.person_id].append(row)
    return by_person


def _loads(
    since: datetime, people: Collection[int] | None
) -> dict[int, tuple[int, int, date | None]]:
    """Per person: asked since the half-year began, unfinished now, day of the last review."""
    asked = sa.func.sum(
        sa.case(
            (sa.and_(Assignment.state.in_(COUNTED), Assignment.invited_at >= since), 1), else_=0
        )
    )
    unfinished = sa.func.sum(sa.case((Assignment.state.in_(OPEN_ITEMS), 1), else_=0))
    last = sa.func.max(Assignment.submitted_at)
    rows = db.session.execute(
        sa.select(
            Assignment.person_id,
            asked,
            unfinished,
            last,
        )
        .where(sa.true() if people is None else Assignment.person_id.in_(people))
        .group_by(Assignment.person_id)
    )
    return {
        person_id: (int(a or 0), int(u or 0), done.date() if done else None)
        for person_id, a, u, done in rows
    }


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
