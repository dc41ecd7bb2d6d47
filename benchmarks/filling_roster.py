"""Fills a hub with a roster by the thousand, and with what its members were asked to review.

    fill_roster(5_000, 100_000)

Always the same people: each reads a few languages, knows a few topics and regions, and some are
paused, away or near the end of their term. What they reviewed lies evenly over five years.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from benchmarks.filling import AT_ONCE, PANEL
from reviewhub.accounts.models import Organisation, Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations.policies import adopt_policy
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster.models import Absence, Gender, Membership, MembershipTopic
from reviewhub.roster.workflow import MembershipState
from reviewhub.submissions.models import Progress, Submission, SubmissionTerm
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

YEARS = timedelta(days=5 * 365)
INTERNAL_SHARE = 0.4
OPEN_SHARE = 0.01  # of the panels, still at work

Row = dict[str, Any]


def fill_roster(members: int, assignments: int) -> None:
    """Write so many members and seats of panels; needs an application. Commits as it goes."""
    chance, now = Random(11), clock.now()
    inside, outside = _people(members, chance, now)
    policy_id = adopt_policy(catalogue().policy).id
    db.session.commit()
    panels = -(-assignments // len(PANEL))
    numbers = range(1, panels + 1)
    for first in range(0, panels, AT_ONCE):
        some = numbers[first : first + AT_ONCE]
        sent = {number: now - YEARS * ((panels - number + 1) / panels) for number in some}
        _items(sent, outside[0], chance)
        _panels(sent, policy_id, (inside, outside), assignments, chance)
        db.session.commit()


def _people(members: int, chance: Random, now: datetime) -> tuple[list[int], list[int]]:
    """The roster; returns the numbers of those who count as internal, and of the others."""
    manager = Person(name="Manager", email="manager@bench.example", confirmed_at=now,
                     password_hash="*")  # fmt: skip
    db.session.add(manager)
    db.session.flush()
    db.session.add(StandingRole(person_id=manager.id, role=Role.ROSTER_MANAGER))
    for number in range(1, members // 5 + 1):
        name = f"Organisation {number}"
        db.session.add(Organisation(name=name, folded=name.lower(), internal=number % 5 < 2))
    db.session.flush()
    organisations = list(db.session.scalars(sa.select(Organisation.id)))
    countries = [term.code for term in catalogue().vocabulary(Vocabulary.COUNTRIES)]
    first = manager.id + 1
    _write(Person, (
        {
            "id": first + number, "name": f"Member {number}", "confirmed_at": now,
            "email": f"member{number}@bench.example", "country": chance.choice(countries),
            "organisation_id": chance.choice(organisations),
            "away_until": now + timedelta(days=9) if chance.random() < 0.02 else None,
        }
        for number in range(members)
    ))  # fmt: skip
    kinds: tuple[list[int], list[int]] = ([], [])
    for number in range(members):
        kinds[chance.random() >= INTERNAL_SHARE].append(first + number)
    _memberships(first, members, set(kinds[0]), chance)
    return kinds


def _memberships(first: int, members: int, inside: set[int], chance: Random) -> None:
    hub, today = catalogue(), clock.today()
    languages, regions, topics = (
        list(hub.vocabulary(name))
        for name in (Vocabulary.LANGUAGES, Vocabulary.REGIONS, Vocabulary.TOPICS)
    )
    said = [None, *Gender]
    rows, known, absences = [], [], []
    for number in range(1, members + 1):
        paused = chance.random() < 0.05
        rows.append({
            "id": number, "version": 1, "person_id": first + number - 1,
            "state": MembershipState.PAUSED if paused else MembershipState.ACTIVE,
            "internal": first + number - 1 in inside,
            "languages": [term.code for term in chance.sample(languages, chance.randint(1, 3))],
            "regions": [term.code for term in chance.sample(regions, chance.randint(0, 2))],
            "capacity": chance.randint(1, 6), "gender": chance.choice(said),
            "term_ends_on": today + timedelta(days=chance.randint(1, 730)),
        })  # fmt: skip
        if paused:
            absences.append({"membership_id": number, "first_day": today, "stated_at": clock.now()})
        known += [
            {"membership_id": number, "term_id": term.id, "level": chance.choice((2, 3))}
            for term in chance.sample(topics, chance.randint(1, 5))
        ]
    _write(Membership, rows)
    _write(MembershipTopic, known)
    _write(Absence, absences)


def _items(sent: dict[int, datetime], submitter_id: int, chance: Random) -> None:
    """Suggestions that were reviewed, each with its filing."""
    hub = catalogue()
    topics = hub.vocabulary(Vocabulary.TOPICS)
    further = [
        hub.vocabulary(name)
        for name in (Vocabulary.THEMES, Vocabulary.REGIONS, Vocabulary.COUNTRIES,
                     Vocabulary.LANGUAGES)
    ]  # fmt: skip
    _write(Submission, (
        {
            "id": number, "version": 1, "ref": f"RH-2026-{number:06d}", "state": State.REVIEWED,
            "title": f"Report {number}", "submitter_id": submitter_id, "submitted_at": at,
            "round": 1, "reviewed_at": at, "created_at": at, "updated_at": at,
        }
        for number, at in sent.items()
    ))  # fmt: skip
    _write(Progress, (
        {"submission_id": number, "state": State.REVIEWED, "since": at, "reminders": 99}
        for number, at in sent.items()
    ))  # fmt: skip
    filing = []
    for number in sent:
        terms = chance.sample(topics, chance.randint(1, 3)) + [chance.choice(f) for f in further]
        filing += [
            {"submission_id": number, "term_id": term.id, "position": position,
             "is_primary": position == 0}
            for position, term in enumerate(terms)
        ]  # fmt: skip
    _write(SubmissionTerm, filing)


def _panels(
    sent: dict[int, datetime],
    policy_id: int,
    people: tuple[list[int], list[int]],
    assignments: int,
    chance: Random,
) -> None:
    """A round for each, and its seats as long as there are any to give."""
    rounds, seats = [], []
    for number, at in sent.items():
        open_still = number % round(1 / OPEN_SHARE) == 0
        rounds.append({
            "id": number, "submission_id": number, "number": 1, "policy_id": policy_id,
            "opened_at": at, "closed_at": None if open_still else at,
        })  # fmt: skip
        taken: set[int] = set()
        for place, slot in enumerate(PANEL):
            seat = len(PANEL) * (number - 1) + place + 1
            if seat > assignments:
                break
            kind = people[slot != PANEL[0]]
            person = chance.choice(kind)
            while person in taken:
                person = chance.choice(kind)
            taken.add(person)
            seats.append({
                "id": seat, "version": 1, "round_id": number, "submission_id": number,
                "person_id": person, "slot": slot, "internal": slot == PANEL[0],
                "state": AssignmentState.ACCEPTED if open_still else AssignmentState.SUBMITTED,
                "reasons": {"rank": place + 1, "eligible": 100, "score": 0.5, "parts": []},
                "proposed_at": at, "invited_at": at, "answered_at": at, "conflict_denied_at": at,
                "due_at": at + timedelta(days=14), "submitted_at": None if open_still else at,
            })  # fmt: skip
    _write(ReviewRound, rounds)
    _write(Assignment, seats)


def _write(model: type[Model], rows: Iterable[Row]) -> None:
    db.session.execute(sa.insert(Model.metadata.tables[model.__tablename__]), list(rows))
