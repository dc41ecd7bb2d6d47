"""The whole hub with its real parts, in a folder of its own, for the length of a block.

    with Stack(folder) as stack:
        people = stack.seed(lambda: seed_people(...))
        browser = stack.browser()
        mail = stack.mail("ana@host.example", "submissions/confirm")

`reviewhub run` starts broker, web server and worker; the mail server is the test's own.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import celery
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reviewhub.app import create_app
from reviewhub.cli.services import is_healthy
from reviewhub.core import clock, config
from reviewhub.core.db import Model, db
from reviewhub.jobs.models import Heartbeat
from reviewhub.notifications.models import Message, MessageState
from reviewhub.submissions.models import Progress
from reviewhub.taxonomy.loader import hub_folder
from tests.journeys.browser import Browser
from tests.journeys.mailserver import Mail, MailServer

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
SECRET = "journey-" * 6
STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 30.0
REST_S = 6.0  # longer than the period of every task that goes on with what a request began
OURS = ("REVIEWHUB_", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "SECRET_KEY")


class Stack:
    """A running hub. `policy` changes the hub's policy; `environment` adds to what it is told;
    `program` is the folder of another copy of the program.

    Its mail server takes no connection before `mails.start()` unless it is there from the start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        policy: dict[str, Any] | None = None,
        database_url: str = "",
        environment: dict[str, str] | None = None,
        program: Path = ROOT,
        mail_from_the_start: bool = True,
    ) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.base_url = f"http://127.0.0.1:{free_port()}"
        self.database_url = database_url or f"sqlite:///{self.var / 'reviewhub.db'}"
        self.mails = MailServer()
        self.log = folder / "run.log"
        self._hub = _hub_with(folder / "hub", {"mail_hold_minutes": 0, **(policy or {})})
        self.environment = environment or {}
        self._program = program
        self._mail_from_the_start = mail_from_the_start
        self._process: subprocess.Popen[bytes] | None = None
        self._rows: dict[int, tuple[str, int]] = {}
        self._parts = ExitStack()
        self._engine = sa.create_engine(_with_driver(self.database_url))

    def __enter__(self) -> Self:
        self.var.mkdir(parents=True, exist_ok=True)
        if self._mail_from_the_start:
            self.mails.start()
        self._parts.callback(self.mails.stop)
        self._parts.callback(self._engine.dispose)
        self._parts.callback(self.stop)
        try:
            self.start()
        except BaseException:
            self._parts.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._parts.close()

    def start(self) -> None:
        """Start `reviewhub run` and wait until it answers."""
        port = self.base_url.rpartition(":")[2]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "reviewhub.cli", "run", "--no-demo", "--port", port],
                cwd=self._program,
                env=self._told(),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not is_healthy(self.base_url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the hub did not start:\n{self.said()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it by its process id. Raises RuntimeError when anything it started is left."""
        process, self._process = self._process, None
        if process is None:
            return
        started = _descendants(process.pid)
        process.terminate()
        try:
            process.wait(timeout=STOPS_WITHIN_S)
        finally:
            process.kill()
        left = started & _alive()
        if left:
            raise RuntimeError(f"processes are left: {left}\n{self.said()}")

    @property
    def pid(self) -> int:
        """The process that started all the others. Raises RuntimeError when it does not run."""
        if self._process is None:
            raise RuntimeError("the hub does not run")
        return self._process.pid

    def said(self) -> str:
        """The end of every log, for a person who looks for the cause."""
        logs = [self.log, *sorted((self.var / "log").glob("*.log"))]
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}"
            for log in logs
            if log.exists()
        )

    def browser(self) -> Browser:
        """Somebody's browser, without a cookie."""
        return Browser(self.base_url)

    def mail(self, to: str, event: str, *, about: int | None = None, seconds: float = 20.0) -> Mail:
        """The newest mail of this event to this address; `about` is the id of what it is about."""

        def is_it(mail: Mail) -> bool:
            if mail.to != to or self.event_of(mail) != event:
                return False
            return about is None or self._rows[mail.number][1] == about

        return self.mails.wait_for(is_it, seconds, what=f"{event} to {to}")

    def link(self, to: str, event: str, **options: Any) -> str:
        """The address that the mail's button leads to."""
        return self.mail(to, event, **options).links(self.base_url)[0]

    def event_of(self, mail: Mail) -> str:
        """Which event a mail tells, as its outbox row says."""
        if mail.number not in self._rows:
            with self.session() as session:
                found = session.execute(sa.select(Message.id, Message.event, Message.object_id))
                self._rows.update({row.id: (row.event, row.object_id) for row in found})
        return self._rows.get(mail.number, ("", 0))[0]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A look into the database, of its own."""
        with Session(self._engine) as session:
            yield session

    def wait(self, holds: Callable[[Session], T], *, what: str, seconds: float = 20.0) -> T:
        """Wait until the database says so, and return what it says. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            with self.session() as session:
                if found := holds(session):
                    return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"this never came true: {what}\n{self.said()}")
            time.sleep(0.05)

    def promised(self) -> set[int]:
        """The numbers of the mails that the outbox says were sent."""
        with self.session() as session:
            return set(session.scalars(sa.select(Message.id).where(Message.sent_at.is_not(None))))

    def make_due(self) -> None:
        """Let the wait until the next attempt at refused mails be over."""
        with self.session() as session:
            waiting = sa.update(Message).where(Message.state == MessageState.QUEUED)
            session.execute(waiting.values(due_at=clock.now()))
            session.commit()

    def drain(self) -> None:
        """Wait until no mail waits to be sent; what was refused need not sit out its wait."""
        waiting = sa.select(sa.func.count(Message.id)).where(
            Message.state.in_([MessageState.QUEUED, MessageState.SENDING])
        )

        def is_empty(session: Session) -> bool:
            # A mail that was being refused while the refusals ended goes back to the queue later
            # than any single look.
            self.make_due()
            return session.scalar(waiting) == 0

        self.wait(is_empty, what="the outbox is empty")

    def contents(self) -> dict[str, tuple[int, str]]:
        """Of every table how many rows it has, and a sum over all their values.

        Signs of life are left out: they change by themselves.
        """
        found = {}
        with self.session() as session:
            for table in Model.metadata.sorted_tables:
                if table is Heartbeat.__table__:
                    continue
                rows = sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
                found[table.name] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
        return found

    def settled(self) -> dict[str, tuple[int, str]]:
        """The same, once the worker has done what the last request left to it.

        Raises TimeoutError where it never comes to rest.
        """
        unseen = sa.select(sa.func.count()).where(Progress.screen_at.is_not(None))
        self.wait(lambda session: session.scalar(unseen) == 0, what="every suggestion is looked at")
        deadline, before = time.monotonic() + 90, self.contents()
        while True:
            time.sleep(REST_S)
            after = self.contents()
            if after == before:
                return after
            if time.monotonic() > deadline:
                raise TimeoutError("the database never came to rest")
            before = after

    def seed(self, make: Callable[[], T]) -> T:
        """Run operations in an application of this process, and commit."""
        with self.application():
            made = make()
            db.session.commit()
            return made

    @contextmanager
    def application(self) -> Iterator[None]:
        """An application context on the hub's database; what it set for the process is put back."""
        settings, tasks = config._current, celery.current_app._get_current_object()
        app = create_app(
            var=self.var,
            database_url=self.database_url,
            secret_key=SECRET,
            base_url=self.base_url,
            hub=str(self._hub),
        )
        try:
            with app.app_context():
                try:
                    yield
                finally:
                    db.session.remove()
                    db.engine.dispose()
        finally:
            tasks.set_default()
            if settings is not None:
                config.use(settings)

    def _told(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {
            **own,
            "REVIEWHUB_VAR": str(self.var),
            "REVIEWHUB_HUB": str(self._hub),
            "REVIEWHUB_BASE_URL": self.base_url,
            "REVIEWHUB_DEMO": "0",
            "SECRET_KEY": SECRET,
            "SMTP_URL": self.mails.url,
            "DATABASE_URL": self.database_url,
            "PYTHONPATH": str(self._program),
            **self.environment,
        }


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hub_with(folder: Path, changes: dict[str, Any]) -> Path:
    """The built-in hub under another policy."""
    shutil.copytree(hub_folder("migration"), folder)
    path = folder / "policy.json"
    policy = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**policy, **changes}), encoding="utf-8")
    return folder


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _descendants(pid: int) -> set[int]:
    """The processes that `pid` started, and those that they started."""
    lines = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    parents = {int(own): int(parent) for own, parent in (line.split() for line in lines if line)}
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {own for own, parent in parents.items() if parent in fresh}
        found |= fresh
    return found


def _alive() -> set[int]:
    """Every process that is not merely waiting to be taken off the list."""
    lines = subprocess.run(
        ["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    pairs = [line.split() for line in lines if line]
    return {int(pid) for pid, stat in pairs if not stat.startswith("Z")}
