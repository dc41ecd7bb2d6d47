"""A database with the vocabulary tables only, and hubs to load into it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel

from reviewhub.core.db import Model, configure_engine, db
from reviewhub.taxonomy.models import Hub, Term

HEALTH = Path(__file__).parent / "hubs" / "health"

Edit = Callable[[str, Callable[[Any], None]], None]


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty SQLite file, configured as the application does it."""
    app = Flask("taxonomy")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    db.init_app(app)
    Babel(app)
    with app.app_context():
        configure_engine(db.engine)
        tables = [Model.metadata.tables[model.__tablename__] for model in (Term, Hub)]
        Model.metadata.create_all(db.engine, tables=tables)
        yield db.engine
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def statements(database: sa.Engine) -> list[str]:
    """Every SELECT from here on."""
    seen: list[str] = []

    @sa.event.listens_for(database, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    return seen


@pytest.fixture
def health(tmp_path: Path) -> Path:
    """A copy of the small hub, to be changed at will."""
    return Path(shutil.copytree(HEALTH, tmp_path / "health"))


@pytest.fixture
def edit(health: Path) -> Edit:
    """Change one file of the small hub: `edit("topics", lambda topics: topics.pop())`."""

    def _edit(name: str, change: Callable[[Any], None]) -> None:
        file = health / f"{name}.json"
        content = json.loads(file.read_text(encoding="utf-8"))
        change(content)
        file.write_text(json.dumps(content), encoding="utf-8")

    return _edit
