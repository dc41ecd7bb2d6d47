"""Whether this process is alive, and whether the parts behind it are ready for work.

`/healthz` is cheap and asked every few seconds; `/readyz` tries each part for real: it writes a
row, meets the broker, and looks at what the workers have done of late.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from reviewhub.accounts.access import PUBLIC, allow
from reviewhub.core import clock, config
from reviewhub.core.celery import IMPATIENT, celery_of
from reviewhub.core.db import begin_reading, db
from reviewhub.jobs.operations import beat
from reviewhub.jobs.queries import WORKER, last_seen
from reviewhub.notifications.queries import oldest_due

bp = Blueprint("health", __name__)

WEB = "web"  # the name that a web process's sign of life goes by
LONGEST_SILENCE = timedelta(minutes=1)  # the worker gives a sign of life every 15 s
LONGEST_WAIT = timedelta(minutes=10)  # of a mail that could have been sent
_VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"


@dataclass(frozen=True)
class Answer:
    """What one check found: `says` is a sentence for whoever has to act."""

    ok: bool
    says: str


@bp.get("/healthz")
@allow(PUBLIC)
def healthz() -> Response:
    """Alive, and the database answers."""
    db.session.execute(sa.text("SELECT 1"))
    return jsonify(status="ok")


@bp.get("/readyz")
@allow(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Every part tried for real; 503 while one of them is not ready."""
    found = {name: _ask(check) for name, check in CHECKS.items()}
    ready = all(answer.ok for answer in found.values())
    checks: dict[str, Any] = {name: asdict(answer) for name, answer in found.items()}
    body = jsonify(status="ready" if ready else "not ready", checks=checks)
    return body, 200 if ready else 503


def database() -> Answer:
    """Whether a row can be written and committed."""
    beat(WEB)
    db.session.commit()
    return Answer(True, "A row was written.")


def migrations() -> Answer:
    """Whether the tables have the shape that this version of the program needs."""
    present = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if present == (wanted := newest_migration()):
        return Answer(True, f"The tables are at {wanted}.")
    return Answer(False, f"The tables are at {present}, the program needs {wanted}.")


def broker() -> Answer:
    """Whether the broker that carries the tasks answers."""
    if not config.current().redis_url:
        return Answer(False, "REDIS_URL is not set.")
    celery = celery_of(current_app)
    with celery.connection_for_write(transport_options=IMPATIENT) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
    return Answer(True, "The broker answers.")


def worker() -> Answer:
    """Whether a worker has done something of late; without the beat it has nothing to do."""
    seen = last_seen(WORKER)
    if seen is None:
        return Answer(False, "No worker was ever seen.")
    age = clock.now() - seen
    return Answer(age <= LONGEST_SILENCE, f"A worker was seen {age.total_seconds():.0f} s ago.")


def outbox() -> Answer:
    """Whether mail leaves: nothing that is due waits for long."""
    due = oldest_due()
    if due is None:
        return Answer(True, "No mail waits.")
    age = clock.now() - due
    sentence = f"The mail that waits longest was due {age.total_seconds():.0f} s ago."
    return Answer(age <= LONGEST_WAIT, sentence)


CHECKS: dict[str, Callable[[], Answer]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "worker": worker,
    "outbox": outbox,
}


def newest_migration() -> str:
    """The number of the newest migration of this program.

    Read from the file's name, because Alembic is a third of the application's start-up time.
    """
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def _ask(check: Callable[[], Answer]) -> Answer:
    """The check's answer in a transaction of its own, begun as one that writes.

    What went wrong is logged and not shown: an error may hold an address or a password.
    """
    db.session.rollback()
    begin_reading(check is not database)
    try:
        return check()
    except Exception as error:  # whatever it was, the other checks are still asked
        current_app.logger.warning("not ready: %s", check.__name__, exc_info=error)
        return Answer(False, f"It could not be checked: {type(error).__name__}.")
    finally:
        db.session.rollback()
