"""`/readyz` tries each part for real and says which one is missing; `/healthz` stays cheap."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

import reviewhub
from reviewhub.admin import health
from reviewhub.cli import broker, doctor
from reviewhub.core.celery import celery_of
from reviewhub.core.config import Settings
from reviewhub.jobs import operations as jobs
from reviewhub.jobs.models import Heartbeat
from reviewhub.jobs.queries import WORKER
from reviewhub.jobs.tasks import beat
from reviewhub.notifications.models import Message, MessageState
from tests.cli.programs import started, until
from tests.conftest import SetClock
from tests.constraints import refused_by
from tests.factories import Factory
from tests.second_app import changed_settings

Database = scoped_session[Session]


@pytest.fixture(scope="module")
def running_broker() -> Iterator[str]:
    """The address of a real broker."""
    server = broker.find_broker()
    assert server is not None
    with TemporaryDirectory(prefix="rh") as folder:
        path = Path(folder) / "b.sock"
        with started(broker.broker_argv(server, socket_path=path, folder=Path(folder))):
            assert until(lambda: broker.answers(path))
            yield broker.celery_url(path)


@pytest.fixture
def whole_hub(app: Flask, db: Database, clock: SetClock, running_broker: str) -> Iterator[None]:
    """A worker was seen just now, and the broker is there."""
    jobs.beat(WORKER)
    celery = celery_of(app)
    before = celery.conf.broker_url
    with changed_settings(redis_url=running_broker):
        celery.conf.broker_url = running_broker
        yield
        celery.conf.broker_url = before


def checks(client: FlaskClient, status: int) -> dict[str, Any]:
    """What /readyz says of each part."""
    response = client.get("/readyz")
    assert response.status_code == status, response.json
    assert response.json is not None
    assert response.json["status"] == ("ready" if status == 200 else "not ready")
    return dict(response.json["checks"])


def missing(client: FlaskClient) -> list[str]:
    """The parts that are not ready."""
    return [name for name, answer in checks(client, 503).items() if not answer["ok"]]


@pytest.mark.lasting
def test_a_whole_hub_is_ready(whole_hub: None, client: FlaskClient) -> None:
    found = checks(client, 200)
    assert set(found) == {"database", "migrations", "broker", "worker", "outbox"}
    assert found["worker"]["says"] == "A worker was seen 0 s ago."


def test_asking_writes_a_row_for_real(
    whole_hub: None, client: FlaskClient, db: Database, clock: SetClock
) -> None:
    checks(client, 200)
    first = db.scalar(sa.select(Heartbeat.seen_at).where(Heartbeat.name == health.WEB))
    clock.advance(seconds=20)
    checks(client, 200)
    seen = db.scalars(sa.select(Heartbeat.seen_at).where(Heartbeat.name == health.WEB)).all()
    assert first is not None
    assert seen == [first + timedelta(seconds=20)]


def test_tables_of_another_version_are_not_ready(
    whole_hub: None, client: FlaskClient, db: Database
) -> None:
    db.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert missing(client) == ["migrations"]


def test_the_newest_migration_is_the_one_that_alembic_finds() -> None:
    folder = Path(reviewhub.__file__).parent / "migrations"
    assert health.newest_migration() == ScriptDirectory(str(folder)).get_current_head()


def test_a_worker_that_fell_silent_is_missed(
    whole_hub: None, client: FlaskClient, clock: SetClock
) -> None:
    clock.advance(seconds=60)
    assert checks(client, 200)["worker"]["ok"]
    clock.advance(seconds=1)
    assert missing(client) == ["worker"]
    beat()
    assert checks(client, 200)["worker"]["ok"]


def test_a_hub_that_never_had_a_worker_is_not_ready(
    whole_hub: None, client: FlaskClient, db: Database
) -> None:
    db.execute(sa.delete(Heartbeat))
    assert missing(client) == ["worker"]


def test_a_broker_that_is_away_is_missed_without_a_wait(
    whole_hub: None, client: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"redis://:open-sesame@127.0.0.1:{port}/0"
    celery_of(app).conf.broker_url = url
    began = time.monotonic()
    with changed_settings(redis_url=url):
        response = client.get("/readyz")
    assert time.monotonic() - began < 2
    assert response.status_code == 503
    assert b"open-sesame" not in response.data
    assert not response.json["checks"]["broker"]["ok"]  # type: ignore[index]


def test_a_hub_without_a_broker_is_not_ready(whole_hub: None, client: FlaskClient) -> None:
    with changed_settings(redis_url=""):
        assert missing(client) == ["broker"]


def test_mail_that_waits_too_long_is_told(
    whole_hub: None, client: FlaskClient, db: Database, make: Factory, clock: SetClock
) -> None:
    person = make.person()
    db.add(
        Message(
            event="accounts/test", object_type="people", object_id=person.id,
            recipient_id=person.id, address=person.email, locale="en",
        )
    )  # fmt: skip
    db.flush()
    clock.advance(minutes=10)
    jobs.beat(WORKER)
    assert checks(client, 200)["outbox"]["ok"]
    clock.advance(seconds=1)
    assert missing(client) == ["outbox"]
    db.execute(sa.update(Message).values(state=MessageState.HELD))
    assert checks(client, 200)["outbox"]["says"] == "No mail waits."


def test_a_check_that_fails_itself_hides_neither_the_others_nor_shows_its_error(
    whole_hub: None, client: FlaskClient, db: Database
) -> None:
    db.execute(sa.text("ALTER TABLE alembic_version RENAME TO elsewhere"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"alembic_version" not in response.data
    assert response.json is not None
    found = response.json["checks"]
    assert not found["migrations"]["ok"]
    assert found["broker"]["ok"]
    db.execute(sa.text("ALTER TABLE elsewhere RENAME TO alembic_version"))


def test_being_alive_needs_neither_broker_nor_worker(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_a_sign_of_life_has_a_name(db: Database, clock: SetClock) -> None:
    with refused_by(db, "ck_heartbeats_name_given"):
        db.add(Heartbeat(name="", seen_at=clock()))


def test_doctor_reads_the_same_sign_of_life(tmp_path: Path, clock: SetClock) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    settings = Settings.load(var=tmp_path, database_url=url, secret_key="k" * 40)
    heartbeat = doctor.worker_heartbeat(settings)
    assert heartbeat() is None
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    Heartbeat.metadata.create_all(engine, tables=[Heartbeat.__table__])  # type: ignore[list-item]
    assert heartbeat() is None
    with Session(engine) as session:
        session.add(Heartbeat(name=WORKER, seen_at=clock()))
        session.commit()
    assert heartbeat() == clock()
    assert dict(doctor.checks_for(settings, heartbeat))["worker"]().ok
