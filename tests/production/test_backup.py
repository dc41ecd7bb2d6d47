"""From a hub into one file, onto an empty machine: everything is there, and nothing is sent."""

import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reviewhub.accounts.models import Organisation, Person
from reviewhub.cli.launcher.lock import VarLock
from reviewhub.cli.run import keep_secret
from reviewhub.core import clock
from reviewhub.notifications.models import Message, MessageState
from tests import databases
from tests.journeys.mailserver import MailServer
from tests.production.shell import Shell

pytestmark = pytest.mark.slow

CONTEXT = {
    "endpoint": "library.front", "values": {}, "link_id": None,
    "title": "A title", "ref": "RH-2026-000001", "due": "2026-03-09",
}  # fmt: skip
WAITING = {MessageState.QUEUED, MessageState.SENDING}


def fill(engine: sa.Engine) -> None:
    """A mail in every state that matters for a restore."""
    moment = clock.now()
    with Session(engine) as session:
        person = Person(
            name="Ana Reyes", email="ana@host.example", confirmed_at=moment, password_hash=None,
            organisation=Organisation(name="An office", folded="an office", internal=False),
        )  # fmt: skip
        session.add(person)
        session.flush()
        for number, state in enumerate((MessageState.QUEUED, MessageState.SENDING,
                                        MessageState.SENT, MessageState.FAILED)):  # fmt: skip
            sending = {"claim": "c" * 32, "lease_until": moment}
            session.add(
                Message(
                    event="submissions/confirm", object_type="submissions", object_id=number,
                    recipient_id=person.id, address=person.email, locale="en", state=state,
                    context=CONTEXT, sent_at=moment if state == MessageState.SENT else None,
                    **(sending if state == MessageState.SENDING else {}),
                )
            )  # fmt: skip
        session.commit()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A hub on SQLite with an upload and mails."""
    var = tmp_path_factory.mktemp("hub") / "var"
    (var / "uploads" / "cv").mkdir(parents=True)
    (var / "uploads" / "cv" / "a.pdf").write_bytes(b"%PDF-1.7 canary")
    keep_secret(var)
    shell = Shell(var)
    shell("prepare")
    engine = sa.create_engine(f"sqlite:///{var / 'reviewhub.db'}", poolclass=sa.NullPool)
    fill(engine)
    return shell


@pytest.fixture(scope="module")
def saved(hub: Shell, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its backup."""
    file = tmp_path_factory.mktemp("saved") / "hub.tar.gz"
    assert "holds the database and the uploads" in hub("backup", str(file))
    return file


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


def rows(var: Path, *, without: str = "") -> list[str]:
    """Every row of the database, as SQL."""
    with closing(sqlite3.connect(var / "reviewhub.db")) as connection:
        dump = list(connection.iterdump())
    return [line for line in dump if not without or f'"{without}"' not in line]


def states(url: str) -> list[MessageState]:
    """The states of the mails, oldest first."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with Session(engine) as session:
        return list(session.scalars(sa.select(Message.state).order_by(Message.id)))


def test_a_round_trip_brings_everything_back_and_sends_nothing(
    hub: Shell, saved: Path, tmp_path: Path, mail_server: MailServer
) -> None:
    other = Shell(tmp_path / "elsewhere" / "var")
    assert "2 mails that waited are held" in other("restore", str(saved))

    assert rows(other.var, without="outbox") == rows(hub.var, without="outbox")
    assert (other.var / "uploads" / "cv" / "a.pdf").read_bytes() == b"%PDF-1.7 canary"
    assert (other.var / "secret_key").read_text() == (hub.var / "secret_key").read_text()
    assert (other.var / "secret_key").stat().st_mode & 0o777 == 0o600
    assert states(f"sqlite:///{other.var / 'reviewhub.db'}") == [
        MessageState.HELD, MessageState.HELD, MessageState.SENT, MessageState.FAILED,
    ]  # fmt: skip

    there = {"SMTP_URL": mail_server.url}
    assert other("outbox", "deliver", **there).endswith("0 sent.\n")
    assert mail_server.accepted == []
    other("check")
    # The hub that was saved still has what the restored one kept back.
    assert hub("outbox", "deliver", **there).endswith("2 sent.\n")
    assert len(mail_server.accepted) == 2


def test_a_backup_is_for_its_owner_only(saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_backup_replaces_no_file(hub: Shell, saved: Path) -> None:
    before = saved.read_bytes()
    assert "exists already" in hub("backup", str(saved), fails=True)
    assert saved.read_bytes() == before


def test_a_restore_replaces_no_hub(hub: Shell, saved: Path) -> None:
    before = rows(hub.var)
    said = hub("restore", str(saved), fails=True)
    assert "There is a hub here already" in said
    assert "reviewhub.db" in said
    assert rows(hub.var) == before


def test_a_restore_waits_for_no_hub_that_runs(saved: Path, tmp_path: Path) -> None:
    lock = VarLock.take(tmp_path)
    assert lock is not None
    try:
        assert "stop it first" in Shell(tmp_path)("restore", str(saved), fails=True)
    finally:
        lock.release()
    assert not (tmp_path / "reviewhub.db").exists()


def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.tar.gz").write_text("not a backup")
    var = tmp_path / "var"
    said = Shell(var)("restore", str(tmp_path / "notes.tar.gz"), fails=True)
    assert "is no backup of a hub" in said
    assert [path.name for path in var.iterdir()] == ["run.lock"]


def test_a_backup_can_not_write_outside_its_folder(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../../planted"))
    said = Shell(tmp_path / "a" / "var")("restore", str(tmp_path / "evil.tar"), fails=True)
    assert "is no backup of a hub" in said
    assert list(tmp_path.rglob("planted")) == []


def test_on_postgresql_the_dump_is_its_own_tools_and_a_restore_holds_the_mails(
    tmp_path: Path,
) -> None:
    with databases.postgresql() as url:
        var = tmp_path / "var"
        (var / "uploads").mkdir(parents=True)
        (var / "uploads" / "a.pdf").write_bytes(b"%PDF-1.7")
        keep_secret(var)
        hub = Shell(var, {"DATABASE_URL": url})
        hub("prepare")
        driver = url.replace("postgresql://", "postgresql+psycopg://")
        fill(sa.create_engine(driver, poolclass=sa.NullPool))
        said = hub("backup", str(tmp_path / "hub.tar.gz"))
        assert "pg_dump --format=custom --file=hub.dump postgresql://" in said

        other = Shell(tmp_path / "other", {"DATABASE_URL": url})
        assert "2 mails that waited are held" in other("restore", str(tmp_path / "hub.tar.gz"))
        assert (other.var / "uploads" / "a.pdf").exists()
        assert WAITING & set(states(driver)) == set()


def test_on_postgresql_the_database_comes_first(tmp_path: Path) -> None:
    with databases.postgresql() as url:
        var = tmp_path / "var"
        (var / "uploads").mkdir(parents=True)
        keep_secret(var)
        hub = Shell(var, {"DATABASE_URL": url})
        hub("backup", str(tmp_path / "hub.tar.gz"))
        other = Shell(tmp_path / "other", {"DATABASE_URL": url})
        said = other("restore", str(tmp_path / "hub.tar.gz"), fails=True)
    assert "load its dump with pg_restore" in said
