"""After a commit, tell the workers that there is something to do: best effort, by name only.

A nudge carries no payload and may be lost: every piece of work is a row that the periodic sweep
finds as well. So a web request never waits for a broker that is away.
"""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from reviewhub.core.db import db

Sender = Callable[[str], None]

RETRY_AFTER_S = 5.0


class Nudger:
    """Sends nudges through `send`, and stops trying for a while after a failure."""

    def __init__(self, send: Sender | None = None) -> None:
        self.send = send
        self.lost = 0
        self._closed_until = 0.0

    def __call__(self, task: str) -> None:
        """Send one nudge; a broker that is away costs at most one short timeout, then nothing."""
        if self.send is None or time.monotonic() < self._closed_until:
            self.lost += 1
            return
        try:
            self.send(task)
        except Exception:  # the broker is away in some way: the sweep will find the work
            self.lost += 1
            self._closed_until = time.monotonic() + RETRY_AFTER_S


nudger = Nudger()


def nudge(task: str) -> None:
    """Ask for `task` to run once the present transaction has committed."""
    db.session.info.setdefault("nudges", set()).add(task)


def watch(session: Any) -> None:
    """Send what was asked for after each commit of a session, and forget it on a rollback."""

    @event.listens_for(session, "after_commit")
    def _committed(done: Session) -> None:
        if done.in_nested_transaction():  # a savepoint is no commit yet
            return
        for task in sorted(done.info.pop("nudges", ())):
            nudger(task)

    @event.listens_for(session, "after_soft_rollback")
    def _rolled_back(done: Session, ended: SessionTransaction) -> None:
        if ended.parent is None:  # a savepoint that failed takes nothing back from before it
            done.info.pop("nudges", None)
