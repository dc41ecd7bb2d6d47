"""`reviewhub doctor`: looks at everything a hub needs and says what to do about what is missing.

Each check is a function from plain values to a Finding, so that it can be asked without a hub;
`checks_for` puts them together for the settings at hand.
"""

import shutil
import smtplib
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
import redis
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import ValidationError

import reviewhub
from reviewhub.cli.broker import client_url
from reviewhub.cli.launcher.lock import read_state
from reviewhub.core import clock
from reviewhub.core.config import Settings
from reviewhub.jobs import models
from reviewhub.jobs.queries import WORKER

MIGRATIONS = Path(reviewhub.__file__).parent / "migrations"
OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 200 * 1024 * 1024
LATEST_HEARTBEAT = timedelta(minutes=2)
_TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Finding:
    """What a check found: `sentence` says what is well, or what to do."""

    name: str
    ok: bool
    sentence: str


Check = Callable[[], Finding]
Heartbeat = Callable[[], datetime | None]


def python_version(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Whether this Python is new enough."""
    shown = ".".join(str(part) for part in version)
    if version >= OLDEST_PYTHON:
        return Finding("python", True, f"Python {shown}.")
    return Finding("python", False, f"Python {shown} is too old: install 3.11 or newer.")


def disk(folder: Path, least_free: int = LEAST_FREE_BYTES) -> Finding:
    """Whether the hub's folder can be written and has room; `least_free` in bytes."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
            probe.flush()
        free = shutil.disk_usage(folder).free
    except OSError as problem:
        return Finding(
            "disk",
            False,
            f"{folder} can't be written ({problem.strerror}): make it writable, "
            "or name another folder with REVIEWHUB_VAR.",
        )
    if free < least_free:
        return Finding(
            "disk", False, f"Only {free // 2**20} MiB are free where {folder} is: make room."
        )
    return Finding("disk", True, f"{folder} can be written, {free // 2**20} MiB are free.")


def secret(settings: Settings) -> Finding:
    """Whether sessions are signed with a key of this hub's own."""
    kept = settings.var / "secret_key"
    if kept.exists() and kept.stat().st_mode & 0o077:
        return Finding("secret", False, f"Others can read {kept}: run `chmod 600 {kept}`.")
    return Finding("secret", True, "A secret key is set.")


def database(url: str) -> Finding:
    """Whether the database answers. A missing SQLite file is not made by asking for it."""
    if (file := _missing_file(url)) is not None:
        return Finding(
            "database",
            False,
            f"There is no database at {file} yet: `reviewhub db upgrade` "
            "makes one, and so does `reviewhub run`.",
        )
    try:
        with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except (sa.exc.SQLAlchemyError, ImportError) as problem:
        return Finding(
            "database",
            False,
            f"The database does not answer ({_first_line(problem)}): "
            "check that it runs and that DATABASE_URL is right.",
        )
    return Finding("database", True, f"{sa.make_url(url).get_backend_name()} answers.")


def migrations(url: str, scripts: Path = MIGRATIONS) -> Finding:
    """Whether the database has the shape that this version of the program needs."""
    if _missing_file(url) is not None:
        return Finding("migrations", False, "There is no database yet, so it has no tables.")
    wanted = set(ScriptDirectory(str(scripts)).get_heads())
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    if present == wanted:
        return Finding("migrations", True, "The database is up to date.")
    if not present:
        return Finding(
            "migrations", False, "The database is empty: `reviewhub db upgrade` sets it up."
        )
    return Finding(
        "migrations",
        False,
        f"The database is at {', '.join(sorted(present))}, the program needs "
        f"{', '.join(sorted(wanted))}: run `reviewhub db upgrade`.",
    )


def broker(url: str) -> Finding:
    """Whether the broker answers; `url` is a REDIS_URL."""
    if not url:
        return Finding(
            "broker", False, "There is no broker: `reviewhub run` starts one, or set REDIS_URL."
        )
    try:
        with redis.Redis.from_url(
            client_url(url), socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as problem:
        return Finding(
            "broker",
            False,
            f"The broker does not answer ({_first_line(problem)}): "
            "start it (`reviewhub run` starts its own), or correct REDIS_URL.",
        )
    return Finding("broker", True, "The broker answers.")


def smtp(url: str) -> Finding:
    """Whether the mail server greets us; nothing is sent."""
    if not url:
        return Finding("mail", False, "Mail can't leave: set SMTP_URL, as in smtp://host:25.")
    parts = urlsplit(url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(parts.hostname or "", parts.port or 25, timeout=_TIMEOUT_S) as server:
            server.noop()
    except (OSError, ValueError, smtplib.SMTPException) as problem:
        return Finding(
            "mail",
            False,
            f"The mail server does not answer ({_first_line(problem)}): "
            "check that it runs and that SMTP_URL is right. Until then mail waits in the outbox.",
        )
    return Finding("mail", True, f"The mail server at {parts.hostname} answers.")


def worker(heartbeat: Heartbeat, latest: timedelta = LATEST_HEARTBEAT) -> Finding:
    """Whether a worker has been at work of late; `heartbeat` gives its last sign of life."""
    seen = heartbeat()
    if seen is None:
        return Finding("worker", False, "No worker was ever seen: `reviewhub run` starts one.")
    age = clock.now() - seen
    if age > latest:
        return Finding(
            "worker",
            False,
            f"The worker was last seen {age.total_seconds():.0f} s ago: start it "
            "again; its log is in var/log/worker.log.",
        )
    return Finding("worker", True, f"The worker was seen {age.total_seconds():.0f} s ago.")


def checks_for(settings: Settings, heartbeat: Heartbeat | None = None) -> list[tuple[str, Check]]:
    """Every check for a hub with these settings; a running embedded hub lends its addresses."""
    running = read_state(settings.var)
    redis_url = settings.redis_url or (running.redis_url if running else "")
    smtp_url = settings.smtp_url or (running.smtp_url if running else "")
    checks: list[tuple[str, Check]] = [
        ("python", python_version),
        ("disk", lambda: disk(settings.var)),
        ("secret", lambda: secret(settings)),
        ("database", lambda: database(settings.database_url)),
        ("migrations", lambda: migrations(settings.database_url)),
        ("broker", lambda: broker(redis_url)),
        ("mail", lambda: smtp(smtp_url)),
    ]
    if heartbeat is not None:
        checks.append(("worker", lambda: worker(heartbeat)))
    return checks


def examine(checks: Iterable[tuple[str, Check]]) -> list[Finding]:
    """Ask every check; one that fails itself is a finding, and the others are still asked."""
    return [_ask(name, check) for name, check in checks]


def lines(findings: Iterable[Finding]) -> list[str]:
    """One line a finding, for a terminal."""
    return [f"{'ok' if f.ok else 'problem':<8} {f.name:<11} {f.sentence}" for f in findings]


def report(findings: list[Finding]) -> int:
    """Print the findings; returns the exit code: 1 when there is a problem."""
    for line in lines(findings):
        click.echo(line)
    return 0 if all(finding.ok for finding in findings) else 1


def command_with(heartbeat: Callable[[Settings], Heartbeat] | None = None) -> click.Command:
    """The `doctor` command; `heartbeat` makes, from settings, what tells a worker's last sign."""

    @click.command("doctor")
    def doctor() -> None:
        """Look at everything this hub needs; say what to do about what is missing."""
        try:
            settings = Settings.load()
        except (ValidationError, OSError) as problem:
            sentence = f"The settings can't be used: {_first_line(problem)}"
            sys.exit(report([Finding("settings", False, sentence)]))
        beats = heartbeat(settings) if heartbeat is not None else None
        sys.exit(report(examine(checks_for(settings, beats))))

    return doctor


command = command_with()


def worker_heartbeat(settings: Settings) -> Heartbeat:
    """What reads the worker's last sign of life from the hub's database, without the hub."""

    def last_seen() -> datetime | None:
        if _missing_file(settings.database_url) is not None:
            return None
        engine = sa.create_engine(settings.database_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return connection.scalar(
                sa.select(models.Heartbeat.seen_at).where(models.Heartbeat.name == WORKER)
            )

    return last_seen


def register(
    group: click.Group, heartbeat: Callable[[Settings], Heartbeat] | None = worker_heartbeat
) -> None:
    """Add the command to the `reviewhub` group."""
    group.add_command(command_with(heartbeat))


def _missing_file(url: str) -> Path | None:
    """The file of an SQLite database, when it does not exist."""
    parts = sa.make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    file = Path(parts.database)
    return None if file.exists() else file


def _ask(name: str, check: Check) -> Finding:
    try:
        return check()
    except Exception as problem:  # a check must never hide the other checks' findings
        return Finding(name, False, f"Could not be checked: {_first_line(problem)}.")


def _first_line(problem: Exception) -> str:
    """What went wrong, on one line; pydantic's sentence is in the third."""
    if isinstance(problem, ValidationError):
        return "; ".join(str(error["msg"]) for error in problem.errors())
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]
