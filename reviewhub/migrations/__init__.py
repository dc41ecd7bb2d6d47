"""The database's history, and the two ways along it.

Loaded by the command line only: Alembic is a third of the application's start-up time, and the web
and worker processes never migrate.
"""

from flask import current_app
from flask_migrate import Migrate
from flask_migrate import downgrade as _downgrade
from flask_migrate import upgrade as _upgrade

from reviewhub.core.db import db


def upgrade(revision: str = "head") -> None:
    """Bring the tables of the present application forward to `revision`."""
    _prepare()
    _upgrade(revision=revision)


def downgrade(revision: str = "-1") -> None:
    """Take the tables back to `revision`."""
    _prepare()
    _downgrade(revision=revision)


def _prepare() -> None:
    if "migrate" not in current_app.extensions:
        folder = f"{current_app.root_path}/migrations"
        Migrate(current_app._get_current_object(), db, directory=folder)  # type: ignore[attr-defined]  # noqa: SLF001  # the proxy's application
