"""What every test may use: the application on a database of its own, a set clock, people."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import operations as accounts
from reviewhub.accounts import sessions
from reviewhub.accounts.models import BrowserSession, Person
from reviewhub.app import create_app
from reviewhub.core import clock as core_clock
from reviewhub.core import config
from reviewhub.core.celery import celery_of
from reviewhub.core.db import begin_reading
from reviewhub.core.db import db as _db
from reviewhub.migrations import upgrade
from reviewhub.notifications.models import Message
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load
from tests import databases
from tests.factories import Factory

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
LATEST = datetime(2099, 1, 1, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgresql` runs the suite on a PostgreSQL server instead of SQLite."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], help="what to run on")


def pytest_configure(config: pytest.Config) -> None:
    """The option wins over REVIEWHUB_TEST_DATABASE."""
    settings.register_profile("quick", max_examples=15, deadline=None)
    settings.register_profile("brief", max_examples=30, deadline=None)
    settings.register_profile("default", deadline=None)
    chosen = config.getoption("--database")
    if chosen:
        os.environ["REVIEWHUB_TEST_DATABASE"] = chosen


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a migrated database with the default hub loaded."""
    var = tmp_path_factory.mktemp("var")
    with databases.fresh(var) as url:
        app = create_app(
            var=var,
            database_url=url,
            secret_key="k" * 40,
            testing=True,
            base_url="http://localhost",
        )
        app.config["WTF_CSRF_ENABLED"] = False
        # The real algorithm at its least cost: what it protects is a test's password.
        accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        app.test_client_class = Browser
        app.extensions["tests.settings"] = config.current()
        celery_of(app).loader.import_default_modules()  # as a worker does
        with app.app_context():
            upgrade()
            load(hub_folder("migration"))
            _db.session.commit()
        yield app
        with app.app_context():
            _db.engine.dispose()


def _make_present(app: Flask) -> None:
    """Let settings and tasks be this application's: other tests make further ones."""
    config.use(app.extensions["tests.settings"])
    celery = celery_of(app)
    celery.set_default()
    celery.set_current()


@contextmanager
def in_one_transaction(app: Flask) -> Iterator[scoped_session[Session]]:
    """One transaction for a block, undone at its end; commits inside become savepoints."""
    _make_present(app)
    with app.app_context():
        engines = _db._app_engines[app]
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection
        _db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        try:
            yield _db.session
        finally:
            _db.session.remove()
            outer.rollback()
            connection.close()
            engines[None] = engine


@pytest.fixture
def db(app: Flask) -> Iterator[scoped_session[Session]]:
    """One transaction per test, undone at the end; commits inside become savepoints."""
    with in_one_transaction(app) as session:
        yield session


class Browser(FlaskClient):
    """A client whose every request has an application context, and so a session, of its own."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Make the request; what the test wrote is there, what the request wrote is seen after."""
        _db.session.commit()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        _db.session.expire_all()
        begin_reading(False)  # in a server, the thread's next request would say so itself
        return response


class SetClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> datetime:
        """Move on by a timedelta's arguments."""
        self.moment += timedelta(**by)
        return self.moment


@pytest.fixture
def clock() -> Iterator[SetClock]:
    """A clock set to a Monday morning."""
    source = SetClock(START)
    with core_clock.set_to(source):
        yield source


@pytest.fixture
def make(db: scoped_session[Session]) -> Factory:
    """Makes people and things with sensible values."""
    return Factory(db)


@pytest.fixture
def client(app: Flask, db: scoped_session[Session]) -> FlaskClient:
    """A browser that is not signed in, in the test's own transaction."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, db: scoped_session[Session]) -> Callable[[Person], FlaskClient]:
    """A browser signed in as somebody."""

    def _sign_in(person: Person) -> FlaskClient:
        client = app.test_client()
        token = sessions.begin(person, user_agent="A browser of the tests")
        # However far a test moves its clock, it is not about being signed out meanwhile.
        db.execute(
            sa.update(BrowserSession)
            .where(BrowserSession.person_id == person.id)
            .values(expires_at=LATEST)
        )
        client.set_cookie(app.config["SIGN_IN_COOKIE"], token)
        return client

    return _sign_in


@pytest.fixture
def mails(db: scoped_session[Session]) -> Callable[[], list[tuple[str, str]]]:
    """What the outbox holds, as (event, address), oldest first."""

    def _mails() -> list[tuple[str, str]]:
        rows = db.execute(_db.select(Message.event, Message.address).order_by(Message.id))
        return [(event, address) for event, address in rows]

    return _mails


def load_json(path: Path) -> object:
    """A JSON file's content."""
    return json.loads(path.read_text(encoding="utf-8"))
