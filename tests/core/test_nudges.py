"""Nudges go out after a commit, and a broker that is away costs next to nothing."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from reviewhub.core import nudges
from reviewhub.core.celery import celery_of, init_celery
from reviewhub.core.config import Settings
from reviewhub.core.db import in_savepoint
from reviewhub.core.nudges import Nudger, nudge, nudger


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the process's nudger sends."""
    tasks: list[str] = []
    monkeypatch.setattr(nudger, "send", tasks.append)
    return tasks


def _begin(db: scoped_session[Session]) -> None:
    db.execute(sa.text("SELECT 1"))


def test_a_nudge_goes_out_once_after_the_commit(
    db: scoped_session[Session], sent: list[str]
) -> None:
    _begin(db)
    for task in ("b", "a", "b"):
        nudge(task)
    assert sent == []
    db.commit()
    assert sent == ["a", "b"]
    db.commit()
    assert sent == ["a", "b"]


def test_a_rollback_forgets_the_nudge(db: scoped_session[Session], sent: list[str]) -> None:
    _begin(db)
    nudge("a")
    db.rollback()
    db.commit()
    assert sent == []


def test_a_savepoint_sends_nothing_before_the_commit(
    db: scoped_session[Session], sent: list[str]
) -> None:
    with in_savepoint():
        nudge("a")
    assert sent == []
    db.commit()
    assert sent == ["a"]


def test_a_savepoint_that_fails_loses_no_nudge_from_before(
    db: scoped_session[Session], sent: list[str]
) -> None:
    _begin(db)
    nudge("a")
    with pytest.raises(ZeroDivisionError), in_savepoint():
        _ = 1 / 0
    db.commit()
    assert sent == ["a"]


def test_after_a_failure_nothing_is_tried_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    moment, tries = [100.0], []

    def away(task: str) -> None:
        tries.append(task)
        raise ConnectionError

    monkeypatch.setattr(nudges.time, "monotonic", lambda: moment[0])
    patient = Nudger(away)
    for _ in range(3):
        patient("a")
    assert (tries, patient.lost) == (["a"], 3)
    moment[0] += nudges.RETRY_AFTER_S + 1
    patient("b")
    assert (tries, patient.lost) == (["a", "b"], 4)


def test_without_a_broker_a_nudge_is_counted_as_lost() -> None:
    alone = Nudger()
    alone("a")
    assert alone.lost == 1


@pytest.fixture
def refusing() -> str:
    """A broker's address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def frozen() -> Iterator[str]:
    """The address of a broker that accepts and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def publish(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[str], Nudger]]:
    """Makes a nudger that publishes to the broker at an address."""
    monkeypatch.setattr(nudger, "send", None)

    def make(url: str) -> Nudger:
        settings = Settings.load(redis_url=url, secret_key="b" * 40, var=tmp_path)
        init_celery(Flask("beside"), settings, {})
        return Nudger(nudger.send)

    yield make
    celery_of(app).set_default()
    celery_of(app).set_current()


@pytest.mark.lasting
@pytest.mark.parametrize("broker", ["refusing", "frozen"])
def test_a_broker_that_is_away_keeps_nobody_waiting_and_raises_nothing(
    publish: Callable[[str], Nudger], request: pytest.FixtureRequest, broker: str
) -> None:
    away = publish(request.getfixturevalue(broker))
    began = time.monotonic()
    away("notifications.deliver")
    # With the client's own patience it takes 6.5 s; the margin is for a busy machine.
    assert time.monotonic() - began < 4
    assert away.lost == 1
