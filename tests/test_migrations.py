"""One history for SQLite and PostgreSQL: up from nothing, down again, and equal to the models."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate, downgrade, upgrade
from flask_sqlalchemy import SQLAlchemy

from reviewhub.accounts import keys
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


def test_the_secrets_of_code_generators_are_locked_and_unlocked_again(migrated: sa.Engine) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    downgrade(revision="base")
    upgrade(revision="0004")
    tables = sa.MetaData()
    tables.reflect(migrated, only=["people", "second_factors"])
    people, factors = tables.tables["people"], tables.tables["second_factors"]
    moment = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 -- a bare column, without our type
    person = {"id": 7, "email": "ada@host.example", "name": "", "locale": "en", "timezone": "UTC",
              "country": "", "created_at": moment, "is_demo": False}  # fmt: skip
    factor = {"person_id": 7, "secret": secret, "created_at": moment, "last_step": 0}
    with migrated.begin() as connection:
        connection.execute(sa.insert(people).values(person))
        connection.execute(sa.insert(factors).values(factor))
    upgrade()
    with migrated.connect() as connection:
        locked = connection.scalar(sa.select(factors.c.secret))
    assert keys.unlock(locked, about="second factor of 7") == secret
    downgrade(revision="0004")
    with migrated.connect() as connection:
        assert connection.scalar(sa.select(factors.c.secret)) == secret
    downgrade(revision="base")
    upgrade()


def test_a_pause_becomes_an_absence_and_an_absence_a_pause_again(migrated: sa.Engine) -> None:
    """Whoever was paused, or had planned it, stays so; the others get no absence."""
    moment, day = datetime(2026, 3, 2, 9, tzinfo=UTC), date(2999, 3, 2)
    pauses = {7: (day, date(2999, 4, 1)), 8: (None, None), 9: (day, None), 10: (None, day)}
    downgrade(revision="0018")
    tables = sa.MetaData()
    with migrated.begin() as connection:
        tables.reflect(connection, only=["people", "roster_memberships"])
        for id, (first, last) in pauses.items():
            _insert(connection, tables.tables["people"], id=id, email=f"p{id}@example.org",
                    created_at=moment)  # fmt: skip
            _insert(
                connection, tables.tables["roster_memberships"], id=id, person_id=id, version=1,
                state="active", joined_at=moment, term_ends_on=day, paused_from=first,
                paused_to=last, capacity=2,
            )  # fmt: skip
    upgrade()
    absences = sa.Table("roster_absences", sa.MetaData(), autoload_with=migrated)
    asked = sa.select(absences.c.membership_id, absences.c.first_day, absences.c.last_day)
    with migrated.connect() as connection:
        found = {row[0]: (row[1], row[2]) for row in connection.execute(asked)}
    assert found.keys() == {7, 9, 10}
    assert (found[7], found[9], found[10][1]) == (pauses[7], pauses[9], day)
    downgrade(revision="0018")
    table = tables.tables["roster_memberships"]
    with migrated.connect() as connection:
        back = connection.execute(sa.select(table.c.id, table.c.paused_from, table.c.paused_to))
        assert {row[0]: (row[1], row[2]) for row in back}[7] == pauses[7]
    downgrade(revision="base")
    upgrade()


def _insert(connection: sa.Connection, table: sa.Table, **values: Any) -> None:
    """A row in which whatever has to be there and is not given is empty."""
    empty = {sa.String: "", sa.Text: "", sa.Integer: 0, sa.Boolean: False, sa.JSON: []}
    for column in table.columns:
        if not column.nullable and column.server_default is None and column.name not in values:
            kind = next(one for one in empty if isinstance(column.type, one))
            values[column.name] = empty[kind]
    connection.execute(sa.insert(table).values(values))
