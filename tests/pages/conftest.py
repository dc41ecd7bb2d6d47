"""The demo's content, built once, and an application on a copy of it for each module."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from reviewhub.accounts import access, locales, sessions
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.cli import translations
from reviewhub.core import catalogues, clock, config
from reviewhub.core.db import db
from reviewhub.demo import build
from reviewhub.jobs.models import Job, JobState
from reviewhub.library import operations as library
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.notifications import mailbox, rendering
from reviewhub.notifications.models import Message
from reviewhub.roster.models import Application
from reviewhub.submissions.models import Submission
from tests.factories import UNUSABLE
from tests.pages.pages import Page, Visit, asked, invited, list_of_people, visit
from tests.second_app import second_app

NOW = datetime(2026, 7, 15, 13, 30, tzinfo=UTC)
PSEUDO = ("ar", "fr")  # languages that tests give a made-up catalogue
MAILS = 5
BROWSER = "A browser with a name"


class Site:
    """A running application with the demo's content, in one language."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._tokens: dict[tuple[int, bool], str] = {}

    def client(self, visit: Visit) -> FlaskClient:
        """A browser, signed in as the page wants it."""
        client = self.app.test_client()
        if token := self.token(visit):
            client.set_cookie(self.app.config["SIGN_IN_COOKIE"], token)
        return client

    def token(self, visit: Visit) -> str | None:
        """What the cookie of whoever looks at the page holds; None for a mere reader."""
        if visit.person_id is None:
            return None
        key = (visit.person_id, visit.page.half_way)
        if key not in self._tokens:
            with self.app.app_context():
                self._tokens[key] = sessions.begin(
                    db.session.get_one(Person, visit.person_id),
                    user_agent=BROWSER,
                    totp_passed=not visit.page.half_way,
                )
                db.session.commit()
        return self._tokens[key]

    def get(self, visit: Visit, *, locale: str = "en") -> str:
        """The page as somebody gets it who reads `locale`."""
        client = self.client(visit)
        client.set_cookie("locale", locale)
        answer = client.get(visit.path)
        assert answer.status_code == visit.page.status, (
            visit.page.name, visit.path, answer.status_code, answer.location,
        )  # fmt: skip
        return answer.get_data(as_text=True)

    def speak(self, code: str) -> None:
        """Let every account read this language."""
        with self.app.app_context():
            db.session.execute(sa.update(Person).values(locale=code))
            db.session.execute(sa.update(Message).values(locale=code))
            db.session.commit()


@pytest.fixture(scope="session")
def built(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `var` and `translations`, made by the first process that asks for it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # where the processes that share the tests find one another
    with (folder / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            made = tmp_path_factory.mktemp("pages")
            _build(made / "var")
            _make_up_catalogues(made / "translations")
            made.rename(folder / "built")
    return folder / "built"


def _build(var: Path) -> None:
    """The demo's content as of NOW, and what the demo has none of."""
    with second_app(var, demo=True) as demo, demo.app_context(), clock.set_to(lambda: NOW):
        assert build(now=NOW)
        db.session.commit()
        _add_what_is_rare()
        db.session.execute(
            sa.update(Person)
            .where(Person.password_hash.is_(None))
            .values(password_hash=UNUSABLE, confirmed_at=NOW)
        )
        db.session.commit()
        for message in db.session.scalars(sa.select(Message).limit(MAILS)):
            content = rendering.render(message).as_bytes()
            mailbox.store(var / "mailbox", "hub@hub.example", [message.address], content)


def _add_what_is_rare() -> None:
    editor = db.session.scalars(sa.select(Person).where(Person.email == "editor@hub.example")).one()
    by = Actor(person_id=editor.id, roles=editor.roles)
    listed = sa.select(Resource).where(
        Resource.state == ResourceState.PUBLISHED, Resource.submission_id.is_(None)
    )
    first, second = db.session.scalars(listed.order_by(Resource.id.desc()).limit(2))
    library.archive(first, by=by, note="A newer edition took its place.")
    library.remove(second, by=by, reason="The publisher took it down.")
    job = Job(kind="import", state=JobState.RUNNING, total=40, done=12, started_by_id=editor.id)
    db.session.add(job)
    for made in (asked, list_of_people, invited):
        made()  # so that it is known as data before the first page is looked at


def _make_up_catalogues(folder: Path) -> None:
    """Catalogues that mark every text."""
    source = translations.template()
    for code in PSEUDO:
        catalogues.write_compiled(translations.pseudo(source, code), folder)


@contextmanager
def on_offer(folder: Path) -> Iterator[None]:
    """A folder of catalogues as the languages on offer."""
    before, catalogues.FOLDER = catalogues.FOLDER, folder
    _forget_catalogues()
    try:
        yield
    finally:
        catalogues.FOLDER = before
        _forget_catalogues()


def _forget_catalogues() -> None:
    locales.offered.cache_clear()
    access.babel.domain_instance.cache.clear()  # shared by every application of the process


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application on a copy of the demo's content; ar and fr have made-up catalogues."""
    var, folder = tmp_path_factory.mktemp("site") / "var", built / "translations"
    shutil.copytree(built / "var", var)
    with (
        on_offer(folder),
        second_app(var, demo=True) as app,
        clock.set_to(lambda: NOW),
    ):
        app.extensions["babel"].translation_directories[:] = [str(folder)]
        assert config.current().var == var
        site = Site(app)
        site.speak("en")
        yield site


@pytest.fixture(scope="module")
def find(site: Site) -> Callable[[Page], Visit]:
    """What a page of the list is about, on this module's site."""

    def _find(page: Page) -> Visit:
        with site.app.app_context():
            return visit(page)

    return _find


@pytest.fixture(scope="module")
def titles(site: Site) -> set[str]:
    """The titles of all that was suggested and published, and everybody's name."""
    with site.app.app_context():
        columns = (Submission.title, Resource.title, Person.name, Application.name)
        return {text for one in columns for text in db.session.scalars(sa.select(one)) if text}
