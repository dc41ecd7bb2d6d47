"""One history for SQLite and PostgreSQL: up from nothing, down again, and equal to the models."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate, downgrade, upgrade
from flask_sqlalchemy import SQLAlchemy

from reviewhub.core.db import Model, configure_engine
from tests import databases

pytestmark = pytest.mark.slow

MIGRATIONS = Path(__file__).parents[1] / "reviewhub" / "migrations"


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'migrated.db'}"
        return
    with databases.postgresql() as url:
        yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(
    app: Flask, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """An engine on a database of each kind; the migrations of its application are at hand."""
    with empty(request.param, tmp_path_factory.mktemp("migrated")) as url:
        bare = Flask("bare")
        bare.config["SQLALCHEMY_DATABASE_URI"] = url
        db = SQLAlchemy(metadata=Model.metadata)
        db.init_app(bare)
        Migrate(bare, db, directory=str(MIGRATIONS))
        with bare.app_context():
            configure_engine(db.engine)
            yield db.engine
            db.engine.dispose()


def _tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_are_one_line_without_branches() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1


def test_a_migrated_database_is_what_the_models_say_and_can_be_taken_down_and_up_again(
    migrated: sa.Engine,
) -> None:
    for _round in range(2):
        upgrade()
        assert _tables(migrated) == set(Model.metadata.tables)
        downgrade(revision="base")
        assert _tables(migrated) == set()
    upgrade()
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Model.metadata) == []


def test_every_check_of_the_models_is_in_the_database(migrated: sa.Engine) -> None:
    upgrade()
    inspector = sa.inspect(migrated)
    for table in Model.metadata.sorted_tables:
        checks = {c for c in table.constraints if isinstance(c, sa.CheckConstraint)}
        named = {constraint["name"] for constraint in inspector.get_check_constraints(table.name)}
        assert {str(sa.schema.conv(c.name)) for c in checks if c.name} <= named, table.name
