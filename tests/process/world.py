"""The hub of one run: its people, its clock, its mail server, and the one way to change anything.

Nothing of a run stays: it is one transaction, undone at the end. Its commits are savepoints, so
what is rolled back goes back to the last of them, as in a server.
"""

import smtplib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from reviewhub.accounts.actor import NOBODY, Actor, Capability, Grant
from reviewhub.accounts.models import Link, Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.core.errors import DomainError
from reviewhub.jobs.models import Heartbeat
from reviewhub.library import tasks as library
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import deliver_due
from reviewhub.notifications.rendering import render
from reviewhub.reviews import tasks as reviews
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster import tasks as roster
from reviewhub.submissions import tasks as submissions
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.conftest import START, SetClock, in_one_transaction
from tests.factories import Factory

INTERNAL, EXTERNAL, SUBMITTERS = 6, 10, 3
CAPACITY = 6
NAMES = (
    "Ana", "Ben", "Cleo", "Dag", "Eve", "Finn", "Gia", "Hugo", "Ida", "Jon", "Kim", "Leo", "Mia",
    "Nils", "Olga", "Per",
)  # fmt: skip
Task = Callable[[], int]


class Crash(Exception):
    """The process ends in the middle of a change."""


class Killed(BaseException):
    """The worker ends where no handler of its own runs any more."""


@dataclass(frozen=True)
class Item:
    """A submission as the rules of the machine choose among them."""

    id: int
    ref: str
    state: State
    submitter_id: int | None
    editor_id: int | None
    owner_id: int | None
    due_at: datetime | None
    reviewed: bool
    appeals: int


@dataclass(frozen=True)
class Seat:
    """An assignment likewise."""

    id: int
    submission_id: int
    person_id: int
    state: AssignmentState
    is_open: bool


class World:
    """A hub with two editors, an administrator, a roster manager, a roster and submitters."""

    def __init__(self, app: Flask) -> None:
        self.clock = SetClock(START)
        self.diary: list[str] = []
        self.accepted: Counter[int] = Counter()  # by the mail server, per number of the mail
        self.killed: Counter[int] = Counter()
        self.sent: list[tuple[int, str, int]] = []  # number, event and recipient
        self.done: Counter[str] = Counter()  # what was done, and how often
        self.fuse = 0  # after how many statements the next change breaks off
        self._numbers = 0
        self._parts = self._open(app)
        next(self._parts)

    def _open(self, app: Flask) -> Iterator[None]:
        with clock.set_to(self.clock), in_one_transaction(app):
            self._people()
            db.session.commit()
            self.look()
            yield

    def close(self) -> None:
        """Undo all of it."""
        with suppress(StopIteration):
            next(self._parts)

    def _people(self) -> None:
        make = Factory(db.session)
        self.editors = [make.editor(f"Editor {name}").id for name in ("Ada", "Bob")]
        self.admin = make.staff(Role.ADMIN, name="Admin Ann").id
        make.staff(Role.ROSTER_MANAGER, name="Manager Mo")
        home = make.organisation("Home office", internal=True)
        self.members = [
            make.member(
                internal=number < INTERNAL,
                capacity=CAPACITY,
                person=make.person(
                    f"{name} {'inside' if number < INTERNAL else 'outside'}",
                    **({"organisation_id": home.id} if number in {0, 1} else {}),
                ),
            ).person_id
            for number, name in enumerate(NAMES[: INTERNAL + EXTERNAL])
        ]
        self.submitters = [
            make.person(f"Submitter {name}", country="KEN").id for name in ("Una", "Vic", "Wes")
        ]
        known = db.session.execute(sa.select(Person.id, Person.name)).all()
        self.names: dict[int | None, str] = {row.id: row.name for row in known}

    def adopt(self, changes: dict[str, Any]) -> None:
        """Review under these rules from now on."""
        adopt_policy({**catalogue().policy, **changes})
        db.session.commit()

    # -- looking --

    def look(self) -> None:
        """See where everything stands now; the rules of the machine choose among what they see."""
        rows = db.session.execute(
            sa.select(
                Submission.id, Submission.ref, Submission.state, Submission.submitter_id,
                Progress.editor_id, Progress.owner_id, Progress.due_at,
                Submission.reviewed_at.is_not(None), Submission.appeals,
            ).join(Progress).order_by(Submission.id)
        )  # fmt: skip
        self.items = [Item(*row) for row in rows]
        seats = db.session.execute(
            sa.select(
                Assignment.id, Assignment.submission_id, Assignment.person_id, Assignment.state,
                ReviewRound.closed_at.is_(None),
            ).join(ReviewRound, ReviewRound.id == Assignment.round_id).order_by(Assignment.id)
        )  # fmt: skip
        self.seats = [Seat(*row) for row in seats]

    def items_in(self, *states: State) -> list[Item]:
        """The submissions in one of these states."""
        return [one for one in self.items if one.state in states]

    def seats_in(self, *states: AssignmentState, item: Item | None = None) -> list[Seat]:
        """The assignments in one of these states."""
        return [
            one
            for one in self.seats
            if one.state in states and (item is None or one.submission_id == item.id)
        ]

    def name(self, person_id: int | None) -> str:
        """Who this is, for the diary."""
        if person_id is not None and person_id not in self.names:
            self.names[person_id] = db.session.get_one(Person, person_id).shown_name
        return self.names.get(person_id, "nobody")

    def say(self, what: str) -> None:
        """Write it into the diary, which is printed when a rule is broken."""
        day = (self.clock.moment - START).days
        self.diary.append(f"day {day:3} {self.clock.moment:%H:%M}  {what}")

    def digest(self) -> dict[str, tuple[int, str]]:
        """Of every table how many rows it has, and a sum over all their values."""
        found = {}
        for table in Model.metadata.sorted_tables:
            if table is not Heartbeat.__table__:
                rows = sorted(repr(tuple(row)) for row in db.session.execute(sa.select(table)))
                found[table.name] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
        return found

    def changed_since(self, before: dict[str, tuple[int, str]]) -> list[str]:
        """The tables that are not as they were when `before` was taken."""
        now = self.digest()
        return [name for name in now if now[name] != before[name]]

    # -- who acts --

    def signed_in(self, person_id: int) -> Actor:
        """The actor that this person is at their desk."""
        return Actor(person_id, db.session.get_one(Person, person_id).roles)

    def by_link(self, capability: Capability, id: int, person_id: int | None) -> Actor:
        """Whoever opens the link in this person's mail; with a shut account that is nobody."""
        if person_id is None or db.session.get_one(Person, person_id).suspended_at is not None:
            return NOBODY
        link = db.session.scalar(
            sa.select(Link.id).where(
                Link.capability == capability, Link.object_id == id, Link.person_id == person_id
            )
        )
        return Actor(grant=Grant(link or 0, capability, id, person_id))

    def submitter_of(self, item: Item) -> Actor:
        """The submitter, by the link in their mails."""
        return self.by_link(Capability.SUBMISSION, item.id, item.submitter_id)

    def number(self) -> int:
        """A number that was not given before."""
        self._numbers += 1
        return self._numbers

    # -- doing --

    def do(self, verb: str, what: str, change: Callable[[], object]) -> bool:
        """One unit of work as the edge does it: all of it, or, where it is refused, nothing.

        It takes a minute, so that no two happen at the same moment.
        """
        self.pass_time(minutes=1)
        fuse, self.fuse = self.fuse, 0
        if fuse:
            self._break_off(what, change, fuse)
        try:
            change()
            db.session.commit()
        except DomainError as refused:
            db.session.rollback()
            self.say(f"{what}: refused, “{refused}”")
            self.done[f"{verb} refused"] += 1
            return False
        self.say(what)
        self.done[verb] += 1
        self.look()
        return True

    def _break_off(self, what: str, change: Callable[[], object], after: int) -> None:
        """Do it, end in the middle, and see that nothing of it is left."""
        before = self.digest()
        with _breaking_off(after), suppress(Crash, DomainError):
            change()
        db.session.rollback()
        self.say(f"{what}: breaks off after {after} statements")
        changed = self.changed_since(before)
        assert not changed, f"what breaks off leaves something behind in {changed}"
        self.done["break off"] += 1

    def pass_time(self, **by: float) -> None:
        """Let the clock go on, and nothing run meanwhile."""
        self.clock.advance(**by)

    def run_worker(self, tasks: Sequence[Task] | None = None, *, times: int = 1) -> None:
        """Run the periodic tasks, each so many times."""
        for task in tasks or self.tasks:
            for _time in range(times):
                task()
        db.session.rollback()
        self.look()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the schedule runs, as far as this hub has something for it to do."""
        return (
            submissions.tick, roster.tick, reviews.screen, reviews.tick, reviews.fill_panels,
            library.publish_due, self.deliver,
        )  # fmt: skip

    def deliver(self, *, kill_at: int | None = None, refuse: bool = False) -> int:
        """Send what is due; the worker can be killed between a mail and its mark."""
        return deliver_due(partial(self._take, kill_at=kill_at, refuse=refuse), limit=1000)

    def _take(self, message: Message, *, kill_at: int | None, refuse: bool) -> None:
        """What the mail server does with a mail."""
        render(message)
        if refuse:
            raise smtplib.SMTPResponseException(451, b"try again later")
        self.accepted[message.id] += 1
        self.sent.append((message.id, message.event, message.recipient_id))
        if kill_at is not None and len(self.sent) % (kill_at + 1) == kill_at:
            self.killed[message.id] += 1
            raise Killed

    def send_and_be_killed(self, after: int) -> None:
        """A worker sends, and is killed between a mail and its mark."""
        with suppress(Killed):
            self.deliver(kill_at=after)
        db.session.rollback()

    def in_days(self, days: int, *, worker: bool = True) -> None:
        """So many days; the worker runs at the end of each, or not at all."""
        for _day in range(days):
            self.pass_time(days=1)
            if worker:
                self.run_worker()


@contextmanager
def _breaking_off(after: int) -> Iterator[None]:
    """The database's answer to the statement of this number never comes."""
    connection = db.session.connection()
    left = after

    def count(*_given: object) -> None:
        nonlocal left
        left -= 1
        if left == -1:  # once: what is undone because of it has its way
            raise Crash

    event.listen(connection, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", count)
