"""A second application beside the one of the test run, on a small database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import current_app
from flask import Blueprint, Flask

from reviewhub.app import create_app
from reviewhub.core import config
from reviewhub.core.celery import celery_of
from reviewhub.core.db import db
from reviewhub.core.nudges import nudger
from reviewhub.migrations import upgrade
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load

SECRET = "s" * 40


@contextmanager
def second_app(var: Path, *blueprints: Blueprint, **settings: Any) -> Iterator[Flask]:
    """The application with further routes; afterwards the process is as it was before."""
    before, send, tasks = config.current(), nudger.send, current_app._get_current_object()
    celery = current_app._get_current_object()
    var.mkdir(exist_ok=True)
    given = {"var": var, "secret_key": SECRET, "testing": True, "base_url": "http://localhost"}
    try:
        app = create_app(**{**given, **settings})
        celery_of(app)  # tasks run in the application whose Celery app was made last
        for blueprint in blueprints:
            app.register_blueprint(blueprint)
        with app.app_context():
            upgrade()
            load(hub_folder("migration"))
            db.session.commit()
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
        config.use(before)
        nudger.send = send
        tasks.set_default()
        tasks.set_current()
        celery.set_default()
        celery.set_current()


@contextmanager
def changed_settings(**changes: Any) -> Iterator[None]:
    """Other settings for the running application."""
    before = config.current()
    config.use(before.model_copy(update=changes))
    try:
        yield
    finally:
        config.use(before)
