"""Fills a hub with made-up items by the thousand: always the same ones, written without the ORM.

    fill(stack, 100_000)

An item has its filing, its panel with reviews, its decision and its history, as if it had gone the
whole way; a resource is filed and findable. No row is due for the worker, which would mail.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, count, cycle, product
from random import Random
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Organisation, Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.audit.models import AuditEvent
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.library.index.describing import describe
from reviewhub.library.models import Origin, Resource, ResourceTerm
from reviewhub.library.search import engine
from reviewhub.library.workflow import ResourceState
from reviewhub.reviews.models import Assignment, Recommendation, Review, ReviewRound
from reviewhub.reviews.operations.policies import adopt_policy
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.roster.models import Membership
from reviewhub.submissions.models import (
    Breadth,
    Decision,
    DecisionKind,
    Licence,
    Progress,
    Relation,
    Scope,
    Submission,
    SubmissionTerm,
)
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

AT_ONCE = 5_000
EDITORS, REVIEWERS, SUBMITTERS = 10, 100, 500
# Of every hundred items so many are in each state: most of a hub's life lies behind it.
SHARES = {
    State.PUBLISHED: 60, State.REJECTED: 12, State.WITHDRAWN: 5, State.DRAFT: 3,
    State.SUBMITTED: 6, State.IN_REVIEW: 8, State.REVIEWED: 2, State.CHANGES_REQUESTED: 2,
    State.APPROVED: 2,
}  # fmt: skip
MOST_OPEN = 2_000  # what a team has in hand does not grow with its archive
OPEN_SHARE = sum(share for state, share in SHARES.items() if state in OPEN) / 100
CLOSED = tuple(state for state in SHARES if state not in OPEN and state is not State.DRAFT)
STATES = tuple(state for state, share in SHARES.items() for _ in range(share))
REVIEWED = frozenset({State.REVIEWED, State.APPROVED, State.PUBLISHED, State.REJECTED})
QUIET = 99  # reminders already sent: more than any clock of the hub wants
PANEL = (Slot.INTERNAL, Slot.INTERNAL, Slot.EXTERNAL)
_KNOWN = (
    "border migration handbook guidance rights children labour remittances consular return data "
    "protection smuggling regional integration health climate mobility skills housing education "
    "families women youth policy monitoring evaluation training cities rescue detention asylum "
    "statistics survey recruitment ethical wages diaspora investment portability pensions identity "
    "documents birth registration access justice legal aid interpretation shelter screening "
    "referral trafficking victims witnesses cooperation ports airports maritime land routes"
)
_PARTS = ("ba", "cor", "di", "fen", "gal", "hu", "lim", "mor", "ne", "pra", "sol", "tur", "ve")
# The known words first, then made-up ones, each rarer than the one before, as in any language.
WORDS = [*_KNOWN.split(), *("".join(parts) for parts in product(_PARTS, repeat=3))]
WEIGHTS = list(accumulate(1 / rank for rank in range(20, 20 + len(WORDS))))

# Tables whose rows are not yet known to be visible to everybody.
_UNSEEN = sa.text(
    "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relpages <> 0 AND relallvisible < 0.9 * relpages"
)

Row = dict[str, Any]


def fill(items: int) -> None:
    """Write so many items and as many resources; needs an application. Commits as it goes."""
    rows = _Rows(items)
    rows.people()
    for first in range(1, items + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, items + 1))
        rows.items(numbers)
        rows.resources(numbers)
        rows.write()
    engine.rebuild()
    db.session.commit()
    settle()


def fill_library(items: int) -> None:
    """Only the library: so many imported resources, findable. Commits as it goes."""
    rows = _Rows(items)
    for first in range(1, items + 1, AT_ONCE):
        rows.resources(range(first, min(first + AT_ONCE, items + 1)))
        rows.write()
    engine.rebuild()
    db.session.commit()
    settle()


def settle() -> None:
    """Numbers were given by hand: move PostgreSQL's sequences on; and what autovacuum does in its
    time. On SQLite there is nothing to do."""
    if db.engine.dialect.name != "postgresql":
        return
    for model in (Submission, ReviewRound, Assignment, Resource, Person, Membership):
        name = model.__tablename__
        sequence, last = sa.func.pg_get_serial_sequence(name, "id"), sa.func.max(model.id)
        db.session.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1))))
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        while connection.scalar(_UNSEEN):  # a table that autovacuum reads meanwhile is left out
            connection.execute(sa.text("VACUUM ANALYZE"))


@dataclass
class _Rows:
    """The rows of one stretch, by model in the order in which they are written."""

    total: int
    kept: dict[type[Model], list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hub = catalogue()
        self.chance = Random(7)
        self.now = clock.now()
        self.topics = hub.vocabulary(Vocabulary.TOPICS)
        self.further = {
            name: hub.vocabulary(name)
            for name in (Vocabulary.THEMES, Vocabulary.REGIONS, Vocabulary.COUNTRIES,
                         Vocabulary.LANGUAGES)
        }  # fmt: skip
        self.sections = hub.vocabulary(Vocabulary.SECTIONS)
        self.types = hub.vocabulary(Vocabulary.DOCUMENT_TYPES)
        self.states = cycle(self.chance.sample(STATES, len(STATES)))
        self.closed = cycle(CLOSED)
        self.published: dict[int, Row] = {}
        self.seats = count(1)

    def write(self) -> None:
        """Insert what was kept, and commit."""
        for model, rows in self.kept.items():
            db.session.execute(sa.insert(Model.metadata.tables[model.__tablename__]), rows)
        db.session.commit()
        self.kept.clear()
        self.published.clear()

    def people(self) -> None:
        """Editors, reviewers and submitters, and the policy of review."""
        for internal in (True, False):
            name = "Inside" if internal else "Outside"
            db.session.add(Organisation(name=name, folded=name.lower(), internal=internal))
        db.session.flush()
        inside, outside = db.session.scalars(sa.select(Organisation.id).order_by(Organisation.id))
        self.editors = self._people("Editor", EDITORS, inside)
        self.inside = self._people("Insider", REVIEWERS, inside)
        self.outside = self._people("Expert", REVIEWERS, outside)
        self.submitters = self._people("Submitter", SUBMITTERS, outside)
        for number in self.editors:
            db.session.add(StandingRole(person_id=number, role=Role.EDITOR))
        self.policy_id = adopt_policy(catalogue().policy).id
        db.session.commit()

    def _people(self, kind: str, number: int, organisation_id: int) -> list[int]:
        made = [
            Person(
                name=f"{kind} {one}",
                email=f"{kind.lower()}{one}@bench.example",
                confirmed_at=self.now,
                password_hash="*",  # nobody signs in with a password here
                organisation_id=organisation_id,
            )
            for one in range(1, number + 1)
        ]
        db.session.add_all(made)
        db.session.flush()
        return [person.id for person in made]

    def items(self, numbers: range) -> None:
        """The submissions of these numbers with all that belongs to them."""
        for number in numbers:
            state = next(self.states)
            if state in OPEN and self.total - number > MOST_OPEN / OPEN_SHARE:
                state = next(self.closed)
            self._item(number, state)

    def _item(self, number: int, state: State) -> None:
        sent = self.now - timedelta(minutes=5 * (self.total - number) + 1)
        described = self._described(number)
        was_reviewed = state in REVIEWED
        self._keep(Submission, {
            **described, "id": number, "version": 1, "ref": f"RH-2026-{number:06d}",
            "state": state, "why_useful": f"It has {self._title(6).lower()}.",
            "licence": Licence.LINK_ONLY, "relation": Relation.NONE, "consented_at": sent,
            "submitter_id": self.chance.choice(self.submitters), "round": 1,
            "submitted_at": None if state is State.DRAFT else sent,
            "reviewed_at": sent if was_reviewed else None, "created_at": sent, "updated_at": sent,
        })  # fmt: skip
        filing = self._filing()
        for position, term in enumerate(filing):
            self._keep(SubmissionTerm, {
                "submission_id": number, "term_id": term.id, "position": position,
                "is_primary": position == 0,
            })  # fmt: skip
        self._progress(number, state, sent)
        if was_reviewed or state is State.IN_REVIEW:
            self._panel(number, state, sent)
        self._decision(number, state, sent)
        self._history(number, state, sent)
        if state is State.PUBLISHED:
            self.published[number] = {"described": described, "filing": filing, "at": sent}

    def _progress(self, number: int, state: State, sent: datetime) -> None:
        editor = None if state in {State.DRAFT, State.SUBMITTED} else number % EDITORS
        days = self.chance.randint(-20, 30)
        if state is State.CHANGES_REQUESTED:
            days = abs(days) + 5
        expected = len(PANEL) if state in REVIEWED or state is State.IN_REVIEW else 0
        self._keep(Progress, {
            "submission_id": number, "state": state,
            "editor_id": None if editor is None else self.editors[editor],
            "owner_id": None if editor is None else self.editors[editor],
            "due_at": self.now + timedelta(days=days, seconds=number) if state in OPEN else None,
            "since": sent, "reminders": QUIET, "reviews_expected": expected,
            "reviews_received": 1 if state is State.IN_REVIEW else expected,
        })  # fmt: skip

    def _panel(self, number: int, state: State, sent: datetime) -> None:
        closed = None if state is State.IN_REVIEW else sent
        self._keep(ReviewRound, {
            "id": number, "submission_id": number, "number": 1, "policy_id": self.policy_id,
            "opened_at": sent, "closed_at": closed,
        })  # fmt: skip
        people = [*self.chance.sample(self.inside, 2), self.chance.choice(self.outside)]
        for place, (slot, person_id) in enumerate(zip(PANEL, people, strict=True)):
            seat, done = next(self.seats), closed is not None or place == 0
            self._keep(Assignment, {
                "id": seat, "version": 1, "round_id": number, "submission_id": number,
                "person_id": person_id, "slot": slot, "internal": slot is Slot.INTERNAL,
                "state": AssignmentState.SUBMITTED if done else AssignmentState.ACCEPTED,
                "reasons": {"rank": place + 1, "eligible": REVIEWERS, "score": 0.5, "parts": []},
                "proposed_at": sent, "invited_at": sent, "answered_at": sent,
                "conflict_denied_at": sent,
                "due_at": self.now + timedelta(days=14), "submitted_at": sent if done else None,
            })  # fmt: skip
            if done:
                self._keep(Review, {
                    "assignment_id": seat, "recommendation": Recommendation.INCLUDE,
                    "comment_to_submitter": f"{self._title(12)}.", "confidence": 3,
                    "saved_at": sent, "submitted_at": sent,
                })  # fmt: skip

    def _decision(self, number: int, state: State, sent: datetime) -> None:
        if state not in REVIEWED or state is State.REVIEWED:
            return
        rejected = state is State.REJECTED
        self._keep(Decision, {
            "submission_id": number, "decided_at": sent, "by_panel": False,
            "decided_by_id": self.editors[number % EDITORS],
            "kind": DecisionKind.REJECTED if rejected else DecisionKind.APPROVED,
            "reason": "out_of_scope" if rejected else "", "text": f"{self._title(8)}.",
        })  # fmt: skip

    def _history(self, number: int, state: State, sent: datetime) -> None:
        way = [(Role.SUBMITTER, "submit", State.DRAFT, State.SUBMITTED)]
        if state in REVIEWED or state is State.IN_REVIEW:
            way.append((Role.EDITOR, "start_review", State.SUBMITTED, State.IN_REVIEW))
        if state in REVIEWED:
            way.append((Role.SYSTEM, "finish_review", State.IN_REVIEW, State.REVIEWED))
        if state in {State.APPROVED, State.PUBLISHED}:
            way.append((Role.EDITOR, "approve", State.REVIEWED, State.APPROVED))
        for role, verb, old, new in way if state is not State.DRAFT else ():
            self._keep(AuditEvent, {
                "at": sent, "object_type": Submission.__tablename__, "object_id": number,
                "verb": verb, "role": role, "old_state": old, "new_state": new,
                "actor_id": self.editors[number % EDITORS] if role is Role.EDITOR else None,
            })  # fmt: skip

    def resources(self, numbers: range) -> None:
        """As many resources: what was published, and imported ones in the place of the rest."""
        for number in numbers:
            known = self.published.get(number)
            values = {
                **(known["described"] if known else self._described(number)),
                "id": number, "version": 1, "slug": f"{WORDS[number % len(WORDS)]}-{number}",
                "state": ResourceState.PUBLISHED,
                "origin": Origin.REVIEWED if known else Origin.IMPORTED,
                "submission_id": number if known else None,
                "published_at": known["at"] if known else self.now - timedelta(minutes=number),
            }  # fmt: skip
            filing = known["filing"] if known else self._filing()
            filed = [
                {"term_id": term.id, "position": position, "is_primary": position == 0}
                for position, term in enumerate(filing)
            ]
            self._keep(Resource, {**values, **_found_under(values, filed)})
            for row in filed:
                self._keep(ResourceTerm, {"resource_id": number, **row})

    def _described(self, number: int) -> Row:
        chance = self.chance
        return {
            "title": self._title(chance.randint(4, 11)),
            "title_en": "", "description": f"{self._title(30)}.", "authors": [], "details": {},
            "url": f"https://library.example/{number}", "url_key": f"library.example/{number}",
            "language": "en", "publisher": f"{chance.choice(WORDS).title()} Press",
            "published_on": f"{chance.randint(2000, 2026)}-{chance.randint(1, 12):02d}",
            "scope": chance.choice(tuple(Scope)), "breadth": chance.choice(tuple(Breadth)),
            "section_id": chance.choice(self.sections).id,
            "document_type_id": chance.choice(self.types).id,
        }  # fmt: skip

    def _filing(self) -> list[TermView]:
        topics = self.chance.sample(self.topics, self.chance.randint(1, 3))
        return [*topics, *(self.chance.choice(terms) for terms in self.further.values() if terms)]

    def _title(self, words: int) -> str:
        return " ".join(self.chance.choices(WORDS, cum_weights=WEIGHTS, k=words)).capitalize()

    def _keep(self, model: type[Model], row: Row) -> None:
        self.kept.setdefault(model, []).append(row)


def _found_under(values: Row, filed: list[Row]) -> Row:
    """What publishing writes of a resource for search and order."""
    resource: Any = SimpleNamespace(**values, filing=[SimpleNamespace(**row) for row in filed])
    describe(resource, catalogue())
    names = ("rank_scope", "rank_breadth", "rank_date", "rank_title", "search_text")
    return {name: getattr(resource, name) for name in names}
