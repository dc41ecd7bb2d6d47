"""Ninety days of a hub with people as they are: some decline, some stay silent, some panels split.

    python -m benchmarks.process --json
    python -m benchmarks.process --roster 0.5

Real operations and the periodic tasks, on a clock that is set; only the mail server is a list.
Guests suggest over the first `--arrive-over` days. An editor handles at ten on each working day
whatever waits then. Of the invitations the shares given are declined or never answered; a tenth of
the silent accept first. Whoever accepts reviews within the policy's days, or up to a week later.

The roster is sized to the demand: for each kind of seat so many members that their capacities of
two reviews in the half-year hold the panels, the tie-breakers of what splits and the invitations
that silent people keep from others, and a fifth more; `--roster` takes that times a number.
Prints one JSON object; the exit status says whether 95 % were decided.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts.actor import NOBODY, Actor, Capability, Grant
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.admin.panel import shortages
from reviewhub.app import create_app
from reviewhub.audit.models import AuditEvent
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.library import tasks as library
from reviewhub.migrations import upgrade
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import deliver_due
from reviewhub.reviews import operations as reviews
from reviewhub.reviews import queries
from reviewhub.reviews import tasks as review_tasks
from reviewhub.reviews.models import Assignment, PanelResult
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.roster import tasks as roster
from reviewhub.submissions import operations as submissions
from reviewhub.submissions import tasks as submission_tasks
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.models import Decision, Licence, Progress, Relation, Scope, Submission
from reviewhub.submissions.operations.refiling import refiling_of
from reviewhub.submissions.workflow import LABELS, State
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue
from tests.journeys import people

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # a Monday, with the half-year before it
TICKS = (2, 6, 10, 14)  # hours after eight at which the worker runs
EDITORS, AT_DESK = 3, timedelta(hours=2)
CAPACITY, SLACK = 2, 1.2
KNOWS = 8  # topics per member, half of them as an expert
ACCEPT_FIRST = 0.1  # of the silent
LATE = 0.15  # of those who accept send their review up to a week after its date
SAYS = {
    "agree": ("include", "include", "include", "include"),
    "correct": ("include", "include_corrected", "include", "include"),
    "refuse": ("do_not_include",) * 4,
    "split": ("include", "do_not_include", "include", "include"),
}
REJECTING = frozenset({PanelResult.EXCLUDE, PanelResult.MAJORITY_EXCLUDE, PanelResult.GATE})
ASKED = frozenset({"invite", "ask_again"})
REMINDERS = ("reviews/remind_invitation", "reviews/remind_review")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit status whether nearly all were decided."""
    asked = _parser().parse_args(arguments)
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="rh-process-") as folder:
        figures = measure(Path(folder), asked)
    print(json.dumps({**figures, "cpu_s": round(time.process_time() - began)}, indent=2))
    return 0 if figures["decided"] >= 0.95 * asked.items else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.process", description=__doc__)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--arrive-over", type=int, default=21, help="days in which guests suggest")
    parser.add_argument("--declines", type=float, default=0.3, help="share of the invitations")
    parser.add_argument("--silence", type=float, default=0.2, help="share of the invitations")
    parser.add_argument("--splits", type=float, default=0.1, help="share of the items")
    parser.add_argument("--roster", type=float, default=1.0, help="times what the demand asks for")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", default=True, help="print JSON; always so")
    return parser


def measure(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """The figures of one run on a database in this folder."""
    app = create_app(
        var=folder, database_url=f"sqlite:///{folder / 'hub.db'}", secret_key="b" * 40,
        base_url="http://localhost",
    )  # fmt: skip
    days = Days(asked)
    with app.app_context(), clock.set_to(lambda: days.now):
        upgrade()
        load(hub_folder("migration"))
        days.begin()
        for _day in range(asked.days):
            days.live()
        figures = days.figures()
        db.session.remove()
        db.engine.dispose()
    return figures


@dataclass
class Days:
    """One run: who there is, what they are about to do, and the time."""

    asked: argparse.Namespace
    now: datetime = BEGIN
    coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    handled: set[tuple[int, datetime]] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.asked.seed)
        self._order = count()
        self._written: Counter[int] = Counter()
        self.says: dict[int, tuple[str, ...]] = {}
        self.members: Counter[str] = Counter()

    # -- who there is, and what comes in --

    def begin(self) -> None:
        """The team, the roster, and when each guest will suggest something."""
        self.topics = [term.code for term in catalogue().vocabulary("topics")]
        self.editors = [
            people.staff(f"editor{n}@hub{n}.example", f"Editor {n}", Role.EDITOR).id
            for n in range(EDITORS)
        ]
        for internal, seats in self._demand().items():
            for number in range(ceil(seats / CAPACITY * self.asked.roster)):
                self._member(number, internal)
        reviews.adopt_policy(catalogue().policy)
        db.session.commit()
        for number in range(self.asked.items):
            moment = BEGIN + timedelta(days=self.chance.uniform(0, self.asked.arrive_over))
            self._later(moment, lambda number=number: self._suggest(number))

    def _demand(self) -> dict[bool, float]:
        """Seats to fill in the half-year, by whether they are internal."""
        slots = queries.rules_in_force().slots
        internal = self.asked.items * slots.get(Slot.INTERNAL, 0)
        external = self.asked.items * (slots.get(Slot.EXTERNAL, 0) + self.asked.splits)
        kept = 1 + self.asked.silence * ACCEPT_FIRST / (1 - self.asked.declines)
        return {True: internal * kept * SLACK, False: external * kept * SLACK}

    def _member(self, number: int, internal: bool) -> None:
        kind = "insider" if internal else "expert"
        known = [self.topics[(number * 5 + step) % len(self.topics)] for step in range(KNOWS)]
        people.member(
            f"{kind}{number}@{kind}{number}.example", f"{kind.title()} {number}",
            internal=internal, capacity=CAPACITY,
            topics={code: 3 if step < KNOWS // 2 else 2 for step, code in enumerate(known)},
        )  # fmt: skip
        self.members[kind] += 1

    def _suggest(self, number: int) -> None:
        """A guest fills in the form; an hour later the button in the mail is pressed."""
        draft = submissions.begin(by=NOBODY)
        link = links.ensure(Capability.SUBMISSION, draft.id, person_id=None)
        guest = Actor(grant=Grant(link.id, Capability.SUBMISSION, draft.id, None))
        submissions.drafts.fill(draft, self._answers(number), by=guest)
        email = f"guest{number}@guest{number}.example"
        submissions.ask_to_confirm(draft, by=guest, email=email, name=f"Guest {number}")
        own = Actor(grant=Grant(link.id, Capability.SUBMISSION, draft.id, draft.submitter_id))
        self._later(self.now + timedelta(hours=1), lambda: submissions.confirm(draft, by=own))
        ways = ["split"] if number < self.asked.items * self.asked.splits else [
            "agree", "agree", "agree", "correct", "refuse"
        ]  # fmt: skip
        self.says[draft.id] = SAYS[ways[number % len(ways)]]

    def _answers(self, number: int) -> Answers:
        return Answers(
            url=f"https://library.example/{number}", language="en",
            title=f"Handbook number {number}",
            why_useful="It tells a single officer what to do, step by step.",
            topics=(self.topics[number % len(self.topics)],),
            publisher="Example Press", published_on="2024-05-01",
            section="documents", document_type="report",
            description="What consular posts can do for nationals abroad, step by step.",
            scope=Scope.GLOBAL, relation=Relation.NONE,
            organisation=f"Organisation of guest {number}", country="KEN",
        )  # fmt: skip

    # -- a day --

    def live(self) -> None:
        """One day: people do what they were about to, the worker runs, editors sit down."""
        morning = self.now
        for hours in TICKS:
            self._until(morning + timedelta(hours=hours))
            self._work()
            self._look_at_invitations()
            if hours == TICKS[0] and morning.weekday() < 5:
                self._sit_down()
                self._work()
                self._look_at_invitations()
        self._until(morning + timedelta(days=1))

    def _later(self, moment: datetime, act: Callable[[], None]) -> None:
        heappush(self.coming, (moment, next(self._order), act))

    def _until(self, moment: datetime) -> None:
        while self.coming and self.coming[0][0] <= moment:
            self.now, _order, act = heappop(self.coming)
            self._do(act)
        self.now = moment

    def _do(self, act: Callable[[], object]) -> None:
        """One unit of work; what is refused (the seat is gone, …) is counted."""
        try:
            act()
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            self.refused[str(error)] += 1

    def _work(self) -> None:
        for task in (
            submission_tasks.tick, roster.tick, review_tasks.screen, review_tasks.tick,
            library.publish_due,
        ):  # fmt: skip
            task()
        while review_tasks.fill_panels():
            pass
        deliver_due(lambda _message: None, limit=100_000)

    def _sit_down(self) -> None:
        """The editors handle whatever waits for one."""
        waiting = db.session.execute(
            sa.select(Submission.id, Submission.state, Progress.editor_id, Progress.panel_result)
            .join(Progress)
            .where(Submission.state.in_([State.SUBMITTED, State.REVIEWED]))
            .order_by(Submission.id)
        ).all()
        for id, state, editor_id, result in waiting:
            by = Actor(editor_id or self.editors[0], frozenset({Role.EDITOR}))
            if state is State.SUBMITTED:
                self._do(lambda id=id, by=by: self._screen(id, by))
            else:
                self._do(lambda id=id, by=by, result=result: self._decide(id, by, result))

    def _screen(self, id: int, by: Actor) -> None:
        submission = db.session.get_one(Submission, id)
        filed = replace(refiling_of(submission), licence=Licence.LINK_ONLY)
        submissions.refile(submission, filed, by=by, version=submission.version)
        reviews.start_review(submission, by=by)

    def _decide(self, id: int, by: Actor, result: str) -> None:
        submission = db.session.get_one(Submission, id)
        if PanelResult(result) in REJECTING:
            note = "The reviewers agree that it is out of date."
            reviews.reject(submission, by=by, reason="outdated", note=note)
        else:
            reviews.approve(submission, by=by, note="The record was corrected.")

    # -- reviewers --

    def _look_at_invitations(self) -> None:
        """Whoever was asked since the last look makes up their mind."""
        asked = db.session.execute(
            sa.select(Assignment.id, Assignment.invited_at)
            .where(Assignment.state == AssignmentState.INVITED)
            .order_by(Assignment.id)
        ).all()
        for id, at in asked:
            if (id, at) not in self.handled:
                self.handled.add((id, at))
                self._make_up_their_mind(id, at)

    def _make_up_their_mind(self, id: int, at: datetime) -> None:
        draw = self.chance.random()
        soon = at + timedelta(days=self.chance.uniform(0.1, 4))
        if draw < self.asked.declines:
            reason = self.chance.choice(("no_time", "no_time", "no_expertise", "other"))
            self._later(soon, lambda: self._decline(id, reason))
        elif draw >= self.asked.declines + self.asked.silence:
            self._later(soon, lambda: self._accept(id, sends=True))
        elif self.chance.random() < ACCEPT_FIRST:
            self._later(soon, lambda: self._accept(id, sends=False))

    def _decline(self, id: int, reason: str) -> None:
        assignment = queries.get(id)
        reviews.decline(assignment, by=Actor(assignment.person_id), reason=reason)

    def _accept(self, id: int, *, sends: bool) -> None:
        assignment = queries.get(id)
        reviews.accept(assignment, by=Actor(assignment.person_id))
        days = queries.rules_of(assignment.round).review_days
        late = self.chance.random() < LATE
        took = self.chance.uniform(days, days + 7) if late else self.chance.uniform(2, days)
        if sends:
            self._later(self.now + timedelta(days=took), lambda: self._review(id))

    def _review(self, id: int) -> None:
        assignment = queries.get(id)
        said = self.says[assignment.submission_id]
        place = 3
        if assignment.slot is not Slot.TIE_BREAKER:
            place = min(self._written[assignment.submission_id], 2)
        form = {
            "recommendation": said[place],
            "comment_to_submitter": "Clear, recent, and written for the people who need it.",
            **{f"gate_{gate['code']}": "yes" for gate in catalogue().review_form["gates"]},
            **{f"score_{one['code']}": "2" for one in catalogue().review_form["criteria"]},
        }
        reviews.submit(assignment, by=Actor(assignment.person_id), answers=form)
        if assignment.slot is not Slot.TIE_BREAKER:
            self._written[assignment.submission_id] += 1

    # -- what it came to --

    def figures(self) -> dict[str, Any]:
        """What is printed."""
        days = sorted(_days_to_decision())
        invitations = _number(
            AuditEvent, AuditEvent.object_type == "assignments", AuditEvent.verb.in_(ASKED)
        )
        sent = _number(Assignment, Assignment.submitted_at.is_not(None))
        reminders = _number(Message, Message.event.in_(REMINDERS))
        undecided = self._undecided()
        return {
            "items": self.asked.items,
            "decided": len(days),
            "short": sum("shortages" in one for one in undecided),
            "days_median": _share(days, 0.5),
            "days_p90": _share(days, 0.9),
            "invitations_per_review": round(invitations / max(sent, 1), 2),
            "reminders_per_review": round(reminders / max(sent, 1), 2),
            "roster": dict(self.members),
            "seed": self.asked.seed,
            "refused": dict(self.refused),
            "undecided": undecided,
        }

    def _undecided(self) -> list[dict[str, Any]]:
        """Each item without a decision: where it is, who acts next, and what it lacks."""
        live = sa.select(Decision.id).where(
            Decision.submission_id == Submission.id, Decision.superseded_at.is_(None)
        )
        rows = sa.select(Submission).where(~live.exists()).order_by(Submission.id)
        return [_why(row) for row in db.session.scalars(rows)]


def _why(submission: Submission) -> dict[str, Any]:
    row = submission.progress
    owner = db.session.get(Person, row.owner_id) if row.owner_id else None
    why = {
        "ref": submission.ref,
        "state": str(LABELS[submission.state]),
        "waits_for": owner.name if owner else "",
        "reviews": f"{row.reviews_received} of {row.reviews_expected}",
    }
    return {**why, "shortages": named} if (named := shortages(row.shortage)) else why


def _days_to_decision() -> list[float]:
    rows = db.session.execute(
        sa.select(Submission.submitted_at, Decision.decided_at)
        .join(Decision, Decision.submission_id == Submission.id)
        .where(Decision.superseded_at.is_(None))
    )
    return [(decided - sent).total_seconds() / 86_400 for sent, decided in rows if sent]


def _number(model: Any, *where: Any) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0)


def _share(ordered: Sequence[float], share: float) -> float | None:
    return round(ordered[int(share * (len(ordered) - 1))], 1) if ordered else None


if __name__ == "__main__":
    sys.exit(main())
