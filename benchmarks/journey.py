"""Real records the whole way over HTTP, worker and mail, from suggestion to library.

    python -m benchmarks.journey records.json --count 50 --database sqlite

Guests suggest and confirm, an editor files and starts the review, reviewers answer from their
mails alone, an editor decides what the panel does not. Prints one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from threading import Lock, local
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.records import Record, read
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews.models import Assignment, Review, ReviewRound
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.submissions.models import Decision, Progress, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests import databases
from tests.journeys import people, steps
from tests.journeys.browser import Browser
from tests.journeys.mailserver import Mail
from tests.journeys.people import Somebody
from tests.journeys.stack import Stack

THREADS = 6
EDITORS = 3
DECLINES = 10  # every tenth invitation is declined
SLACK = 1.4  # roster members for each seat, so that declines and tie-breakers find somebody
POLL_S = 0.2
INTERNAL, EXTERNAL = 1, 2  # seats of a panel, as the hub's policy has them

# What the panel of every tenth item says, in the order in which its reviews are written.
# The fourth word is a tie-breaker's.
SAYS = (
    *(("include",) * 4,) * 6,
    ("include", "include", "include_corrected", "include"),
    ("do_not_include",) * 4,
    ("include", "include", "do_not_include", "include"),
    ("include_corrected",) * 4,
)
REJECTED = frozenset({"exclude", "majority_exclude"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit status whether nearly all were decided."""
    asked = _parser().parse_args(arguments)
    records = read(asked.file, asked.count)
    with tempfile.TemporaryDirectory(prefix="rh-journey-") as folder, _database(asked) as url:
        policy = {"mail_hold_minutes": 0}
        with Stack(Path(folder), policy=policy, database_url=url) as stack:
            figures = Journey(stack, records).run(asked.timeout)
    print(json.dumps({"database": asked.database, **figures}, indent=2))
    return 0 if figures["decided"] >= 0.95 * len(records) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journey", description=__doc__)
    parser.add_argument("file", type=Path, help="JSON with records under “items”")
    parser.add_argument("--count", type=int, default=50, help="how many records to take")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds until it gives up")
    parser.add_argument("--json", action="store_true", default=True, help="print JSON; always so")
    return parser


@contextmanager
def _database(asked: argparse.Namespace) -> Iterator[str]:
    if asked.database == "sqlite":
        yield ""
        return
    with databases.postgresql() as url:
        yield url


@dataclass
class Journey:
    """One run: the people, what was done, and what it came to."""

    stack: Stack
    records: Sequence[Record]
    editors: list[Somebody] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    page_seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._own = local()
        self._lock = Lock()
        self._handled: set[int] = set()
        self._deciding: set[str] = set()
        self._written: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(THREADS)
        self._jobs: list[Future[None]] = []
        self._by_guest = {record.guest: record for record in self.records}

    def run(self, timeout: float) -> dict[str, Any]:
        """Seed the people, let everybody act until all is decided, and count."""
        self.stack.seed(self._people)
        began = time.monotonic()
        for record in self.records:
            self._do(self._suggest, record)
        while not self._is_over() and time.monotonic() < began + timeout:
            for mail in self._new_mails():
                self._answer(mail)
            self._decide_what_waits()
            time.sleep(POLL_S)
        seconds = time.monotonic() - began
        self._pool.shutdown(cancel_futures=True)
        return {**self._counts(), "seconds": round(seconds, 1), "failures": self.failures[:10]}

    # -- who there is --

    def _people(self) -> None:
        self.editors = [
            people.staff(f"editor{n}@hub{n}.example", f"Editor {n}", Role.EDITOR)
            for n in range(EDITORS)
        ]
        topics = [term.code for term in catalogue().vocabulary("topics")]
        tongues = sorted({code for record in self.records for code in record.languages})
        for number in range(ceil(len(self.records) * (INTERNAL + EXTERNAL) * SLACK)):
            known = [topics[(number * 5 + step) % len(topics)] for step in range(8)]
            tongue = tongues[number % len(tongues)] if tongues else "en"
            people.member(
                f"reviewer{number}@knows{number}.example",
                f"Reviewer {number}",
                internal=number % (INTERNAL + EXTERNAL) < INTERNAL,
                topics={code: 3 if step < 4 else 2 for step, code in enumerate(known)},
                languages=tuple(dict.fromkeys(("en", tongue))),
                capacity=6,
            )

    # -- what they do --

    def _suggest(self, record: Record) -> None:
        browser = self._browser()
        steps.suggest(
            browser,
            email=record.guest,
            name=f"Guest {record.number}",
            organisation=f"Organisation of guest {record.number}",
            url=record.url,
            title=record.title,
            language=record.language,
            why_useful=f"It tells what was found about {record.place}, with its method.",
            main_topic=record.topics[0],
            topics=record.topics[1:],
            publisher=record.publisher,
        )
        self._take_times(browser)

    def _answer(self, mail: Mail) -> None:
        event = self.stack.event_of(mail)
        if event == "submissions/confirm":
            self._do(self._confirm, mail)
        elif event == "submissions/new":
            self._do(self._file_and_start, mail)
        elif event == "reviews/invite":
            self._do(self._review, mail)

    def _confirm(self, mail: Mail) -> None:
        steps.confirm(self._browser(), mail.links(self.stack.base_url)[0])

    def _file_and_start(self, mail: Mail) -> None:
        ref = mail.links(self.stack.base_url)[0].rpartition("/")[2]
        record = self._by_guest[self._submitter(ref)]
        editor = self._editor()
        steps.refile(
            editor,
            ref,
            section="documents",
            document_type=record.document_type,
            published_on=record.published_on,
            description=record.description,
            scope=record.scope,
            regions=record.regions,
            countries=record.countries,
            licence="link_only",
            relation="none",
        )
        steps.take_step(editor, ref, "start_review", "Invite these reviewers")

    def _review(self, mail: Mail) -> None:
        link = mail.links(self.stack.base_url)[0]
        assignment_id = int(link.partition("?")[0].rpartition("/")[2])
        if assignment_id % DECLINES == 0:
            steps.decline(self.stack, link)
            return
        browser = steps.accept(self.stack, link)
        steps.review(browser, self._verdict(assignment_id))
        self._take_times(browser)

    def _verdict(self, assignment_id: int) -> str:
        with self.stack.session() as session:
            slot, guest = session.execute(
                sa.select(Assignment.slot, Person.email)
                .join(Submission, Submission.id == Assignment.submission_id)
                .join(Person, Person.id == Submission.submitter_id)
                .where(Assignment.id == assignment_id)
            ).one()
        said = SAYS[self._by_guest[guest].number % len(SAYS)]
        if slot is Slot.TIE_BREAKER:
            return said[3]
        with self._lock:
            place = self._written[guest]
            self._written[guest] += 1
        return said[min(place, 2)]

    def _decide_what_waits(self) -> None:
        with self.stack.session() as session:
            waiting = session.execute(
                sa.select(Submission.ref, Progress.panel_result)
                .join(Progress)
                .where(Submission.state == State.REVIEWED, Progress.panel_result != "")
            ).all()
        for ref, result in waiting:
            if ref not in self._deciding:
                self._deciding.add(ref)
                self._do(self._decide, ref, result)

    def _decide(self, ref: str, result: str) -> None:
        editor = self._editor()
        if result in REJECTED:
            steps.take_step(editor, ref, "reject", "Do not include", reason="not_enough_evidence")
        else:
            steps.take_step(editor, ref, "approve", "Approve", note="The record was corrected.")

    # -- how it is driven --

    def _do(self, what: Any, *about: Any) -> None:
        def job() -> None:
            try:
                what(*about)
            except Exception as error:  # one person's trouble stops nobody else; it is reported
                self.failures.append(f"{what.__name__}: {error}"[:1500])

        self._jobs.append(self._pool.submit(job))

    def _new_mails(self) -> list[Mail]:
        fresh = [mail for mail in self.stack.mails.accepted if mail.number not in self._handled]
        self._handled |= {mail.number for mail in fresh}
        return fresh

    def _browser(self) -> Browser:
        return self.stack.browser()

    def _editor(self) -> Browser:
        """This thread's own signed-in editor."""
        if not hasattr(self._own, "editor"):
            with self._lock:
                who = self.editors[0]
                self.editors.append(self.editors.pop(0))
            self._own.editor = steps.sign_in(self.stack, who)
        browser: Browser = self._own.editor
        return browser

    def _take_times(self, browser: Browser) -> None:
        self.page_seconds += browser.seconds

    def _submitter(self, ref: str) -> str:
        with self.stack.session() as session:
            return session.execute(
                sa.select(Person.email)
                .join(Submission, Submission.submitter_id == Person.id)
                .where(Submission.ref == ref)
            ).scalar_one()

    def _is_over(self) -> bool:
        """Everybody's suggestion is decided, and what was approved is published."""
        with self.stack.session() as session:
            states = Counter(session.scalars(sa.select(Submission.state)))
        return states[State.PUBLISHED] + states[State.REJECTED] == len(self.records)

    # -- what it came to --

    def _counts(self) -> dict[str, Any]:
        with suppress(TimeoutError):  # what stays behind is counted as lost
            self.stack.drain()
        with self.stack.session() as session:
            counted = _count(session)
            promised = set(
                session.scalars(
                    sa.select(Message.id).where(
                        Message.state.in_([MessageState.SENT, MessageState.QUEUED])
                    )
                )
            )
        accepted = Counter(mail.id for mail in self.stack.mails.accepted)
        arrived = {mail.number for mail in self.stack.mails.accepted}
        return {
            **counted,
            "mails": sum(accepted.values()),
            "lost": len(promised - arrived),
            "twice": sum(times > 1 for times in accepted.values()),
            "page_p95_ms": _p95_ms(self.page_seconds),
        }


def _count(session: Session) -> dict[str, int]:
    """The figures that stand in the database."""
    full = (
        sa.select(Assignment.submission_id)
        .where(Assignment.conflict_denied_at.is_not(None))
        .group_by(Assignment.submission_id)
        .having(sa.func.count() >= INTERNAL + EXTERNAL)
        .subquery()
    )
    declined = Assignment.state == AssignmentState.DECLINED
    live = Decision.superseded_at.is_(None)
    questions = {
        "submitted": sa.select(sa.func.count(Submission.id)).where(
            Submission.submitted_at.is_not(None)
        ),
        "assigned": sa.select(sa.func.count()).select_from(full),
        "reviewed": sa.select(sa.func.count(Submission.id)).where(
            Submission.reviewed_at.is_not(None)
        ),
        "decided": sa.select(sa.func.count(Decision.id)).where(live),
        "decided_by_panel": sa.select(sa.func.count(Decision.id)).where(live, Decision.by_panel),
        "published": sa.select(sa.func.count(Submission.id)).where(
            Submission.state == State.PUBLISHED
        ),
        "invitations": sa.select(sa.func.count(Assignment.id)),
        "declined": sa.select(sa.func.count(Assignment.id)).where(declined),
        "reviews": sa.select(sa.func.count(Review.id)).where(Review.submitted_at.is_not(None)),
        "tie_breakers": sa.select(sa.func.coalesce(sa.func.sum(ReviewRound.tie_breakers), 0)),
    }
    return {name: int(session.scalar(query) or 0) for name, query in questions.items()}


def _p95_ms(seconds: Sequence[float]) -> int | None:
    ordered = sorted(seconds)
    return round(1000 * ordered[int(0.95 * (len(ordered) - 1))]) if ordered else None


if __name__ == "__main__":
    sys.exit(main())
