"""`reviewhub backup` and `restore`: everything a hub holds in one file, and back from it.

The file is as confidential as the hub. A restore sends nothing: every mail that waited when the
backup was made is held, because it may have gone out since.
"""

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import sqlalchemy as sa
from pydantic import ValidationError

from reviewhub.app import create_app
from reviewhub.cli.launcher.lock import VarLock
from reviewhub.core import clock
from reviewhub.core.config import Settings
from reviewhub.core.db import db
from reviewhub.migrations import upgrade
from reviewhub.notifications.outbox import hold_waiting

MANIFEST = "backup.json"
DATABASE = "database.db"
UPLOADS = "uploads"
# Small files of var/ without which a hub is not the same: links in mails, and the demo's mark.
KEPT = ("secret_key", "holds_demo", "demo_logins.json")
SQLITE = "sqlite"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `database` is the kind of database it was made of."""

    made_at: str
    database: str


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(backup)
    group.add_command(restore)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write everything this hub holds to FILE, while it runs or not."""
    settings = _settings()
    url = sa.make_url(settings.database_url)
    if file.exists():
        raise click.ClickException(f"{file} exists already: choose another name.")
    with _work_folder(file.resolve().parent) as folder:
        manifest = Manifest(clock.now().isoformat(), url.get_backend_name())
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest)), encoding="utf-8")
        if url.get_backend_name() == SQLITE:
            _copy_database(Path(url.database or ""), folder / DATABASE)
        _pack(folder, settings.var, file)
    if url.get_backend_name() == SQLITE:
        click.echo(f"{file} holds the database and the uploads.")
        return
    click.echo(
        f"{file} holds the uploads. PostgreSQL is backed up by its own tool, into another file:\n"
        f"  pg_dump --format=custom --file=hub.dump {_for_its_tools(url)}"
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Bring back what FILE holds, on a machine that has no such hub yet."""
    var = Path(os.environ.get("REVIEWHUB_VAR") or "var").resolve()
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = VarLock.take(var)
    if lock is None:
        raise click.ClickException(f"A hub runs in {var}: stop it first.")
    try:
        with _work_folder(var) as folder:
            manifest = _unpack(file, folder)
            _put_back(folder, var, manifest)
        held = _hold_mails()
    finally:
        lock.release()
    click.echo(f"The backup of {manifest.made_at} is back. {held} mails that waited are held.")


def _settings() -> Settings:
    try:
        return Settings.load()
    except (ValidationError, OSError) as problem:
        raise click.ClickException(f"The settings can't be used. {problem}") from problem


def _for_its_tools(url: sa.URL) -> str:
    """A database's address as PostgreSQL's own programs take it, without the password."""
    return url.set(drivername="postgresql")._replace(password=None).render_as_string()


@contextmanager
def _work_folder(parent: Path) -> Iterator[Path]:
    """A folder for our account alone, beside where the result goes; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".reviewhub-", dir=parent) as folder:
        yield Path(folder)


def _copy_database(source: Path, target: Path) -> None:
    """One moment of the database, taken while others write."""
    if not source.exists():
        raise click.ClickException(f"There is no database at {source}.")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _pack(folder: Path, var: Path, file: Path) -> None:
    packed = folder / "packed"
    packed.touch(mode=0o600)
    with tarfile.open(packed, "w:gz") as archive:
        for name in (MANIFEST, DATABASE):
            if (folder / name).exists():
                archive.add(folder / name, name)
        for name in (*KEPT, UPLOADS):  # after the database: a row never lacks its file
            if (var / name).exists():
                archive.add(var / name, name)
    packed.replace(file)


def _unpack(file: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (tarfile.TarError, OSError, ValueError, TypeError) as problem:
        raise click.ClickException(f"{file} is no backup of a hub, or is damaged.") from problem


def _put_back(folder: Path, var: Path, manifest: Manifest) -> None:
    """Move everything to its place; refuses, before anything has moved, to replace something."""
    own_key = (var / "secret_key").exists() or "SECRET_KEY" in os.environ
    if (folder / "secret_key").exists() and not own_key:
        shutil.copy2(folder / "secret_key", var / "secret_key")
    url = sa.make_url(_settings().database_url)
    if url.get_backend_name() != manifest.database:
        raise click.ClickException(
            f"The backup is of a hub on {manifest.database}, DATABASE_URL names another kind."
        )
    moves = [(folder / UPLOADS, var / UPLOADS)]
    if manifest.database == SQLITE:
        moves.append((folder / DATABASE, Path(url.database or "")))
    taken = [str(place) for _source, place in moves if _is_taken(place)]
    if taken:
        raise click.ClickException(f"There is a hub here already; move away: {', '.join(taken)}.")
    moves += [(folder / name, var / name) for name in KEPT if not (var / name).exists()]
    for source, place in moves:
        if source.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, place)


def _is_taken(place: Path) -> bool:
    if place.is_dir():
        if any(place.iterdir()):
            return True
        place.rmdir()  # empty, and in the way of the folder that is moved here
        return False
    return any(place.with_name(place.name + end).exists() for end in ("", "-wal", "-shm"))


def _hold_mails() -> int:
    """Bring the tables to this version and hold what waits; returns how many mails."""
    with create_app().app_context():
        if not sa.inspect(db.engine).has_table("outbox"):
            raise click.ClickException(
                "The database is empty: load its dump with pg_restore, then run this again."
            )
        upgrade()
        held = hold_waiting()
        db.session.commit()
    return held
