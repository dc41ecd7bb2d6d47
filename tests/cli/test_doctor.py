"""`reviewhub doctor`: each line says what is well or what to do; one problem makes the code 1."""

import socket
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reviewhub.cli import doctor, mailsink
from reviewhub.cli.doctor import Finding
from reviewhub.core import clock
from reviewhub.core.config import Settings
from tests.cli.programs import python, started

NOON = datetime(2030, 5, 6, 12, tzinfo=UTC)
SINK = "import sys; from reviewhub.cli.mailsink import command; command(sys.argv[1:])"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A migration history with one step, `0001`."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "0001_first.py").write_text("revision = '0001'\ndown_revision = None\n")
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "hub.db")
    yield connection
    connection.close()


def _url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


def _at(revision: str, database: sqlite3.Connection) -> None:
    database.execute("CREATE TABLE alembic_version (version_num TEXT)")
    database.execute("INSERT INTO alembic_version VALUES (?)", [revision])
    database.commit()


def test_an_old_python_is_a_problem() -> None:
    assert doctor.python_version((3, 11)).ok
    old = doctor.python_version((3, 9))
    assert not old.ok
    assert "install 3.11 or newer" in old.sentence


def test_a_folder_that_is_missing_or_full_is_a_problem(tmp_path: Path) -> None:
    assert doctor.disk(tmp_path, least_free=0).ok
    assert "can't be written" in doctor.disk(tmp_path / "nowhere").sentence
    full = doctor.disk(tmp_path, least_free=2**60)
    assert not full.ok
    assert "make room" in full.sentence


def test_a_secret_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    settings = Settings.load(var=tmp_path, demo=True)
    assert doctor.secret(settings).ok
    (tmp_path / "secret_key").chmod(0o644)
    assert "chmod 600" in doctor.secret(settings).sentence


def test_asking_for_a_missing_database_does_not_make_it(tmp_path: Path) -> None:
    assert "`reviewhub db upgrade`" in doctor.database(_url(tmp_path)).sentence
    assert not doctor.migrations(_url(tmp_path)).ok
    assert not (tmp_path / "hub.db").exists()


def test_a_database_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"not a database at all, whatever its name" * 100)
    found = doctor.examine([("migrations", lambda: doctor.migrations(_url(tmp_path)))])
    assert not found[0].ok


def test_the_migration_head_is_compared(
    tmp_path: Path, scripts: Path, database: sqlite3.Connection
) -> None:
    database.execute("CREATE TABLE other (id INTEGER)")
    assert doctor.database(_url(tmp_path)).ok
    assert "is empty" in doctor.migrations(_url(tmp_path), scripts).sentence
    _at("0000", database)
    behind = doctor.migrations(_url(tmp_path), scripts)
    assert not behind.ok
    assert "is at 0000, the program needs 0001" in behind.sentence
    database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.commit()
    assert doctor.migrations(_url(tmp_path), scripts).ok


def test_a_broker_that_is_away_is_a_problem(tmp_path: Path) -> None:
    assert "set REDIS_URL" in doctor.broker("").sentence
    away = doctor.broker(f"redis+socket://{tmp_path / 'none.sock'}")
    assert not away.ok
    assert "start it" in away.sentence
    assert not doctor.broker("nonsense").ok


@pytest.mark.lasting
def test_a_mail_server_is_greeted(tmp_path: Path) -> None:
    assert "set SMTP_URL" in doctor.smtp("").sentence
    listener = mailsink.listen()
    url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    argv = python(SINK, "--socket", str(listener.fileno()), "--dir", str(tmp_path))
    with started(argv, fds=(listener.fileno(),)):
        assert doctor.smtp(url) == Finding("mail", True, "The mail server at 127.0.0.1 answers.")
    listener.close()
    assert not doctor.smtp(url).ok


def test_a_worker_not_seen_of_late_is_a_problem() -> None:
    with clock.set_to(lambda: NOON):
        assert doctor.worker(lambda: NOON - timedelta(seconds=30)).ok
        late = doctor.worker(lambda: NOON - timedelta(minutes=10))
        assert not late.ok
        assert "600 s ago" in late.sentence
        assert "No worker was ever seen" in doctor.worker(lambda: None).sentence


def test_a_check_that_fails_itself_hides_no_other() -> None:
    def broken() -> Finding:
        raise ValueError("the check tripped\nover its feet")

    found = doctor.examine(
        [("first", broken), ("second", lambda: Finding("second", True, "Fine."))]
    )
    assert doctor.lines(found) == [
        "problem  first       Could not be checked: the check tripped.",
        "ok       second      Fine.",
    ]


def test_one_problem_makes_the_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWHUB_VAR", str(tmp_path))
    monkeypatch.setenv("REVIEWHUB_DEMO", "true")
    for name in ("REDIS_URL", "SMTP_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    group = click.Group()
    doctor.register(group, lambda _settings: lambda: None)
    result = CliRunner().invoke(group, ["doctor"])
    assert result.exit_code == 1
    names = [line.split()[1] for line in result.output.splitlines()]
    assert names == [
        *("python", "disk", "secret", "database", "migrations", "broker", "mail", "worker")
    ]
    assert doctor.report([Finding("disk", True, "Fine.")]) == 0


def test_settings_that_cannot_be_used_are_the_only_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWHUB_VAR", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "short")
    result = CliRunner().invoke(doctor.command)
    assert result.exit_code == 1
    assert result.output.startswith("problem  settings")
    assert "32 characters" in result.output


@pytest.mark.slow
def test_a_silent_port_is_reported_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = doctor.smtp(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    assert not found.ok
    assert "does not answer" in found.sentence
