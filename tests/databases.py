"""The database that the tests run on: SQLite, or a PostgreSQL server of their own.

REVIEWHUB_TEST_DATABASE=postgresql asks for PostgreSQL; its server is REVIEWHUB_TEST_DATABASE_URL,
else one made from the binaries on this machine, on a unix socket, without fsync.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

REQUIRED = os.environ.get("REVIEWHUB_REQUIRE_PG") == "1"


@contextmanager
def fresh(folder: Path) -> Iterator[str]:
    """The address of an empty database of the kind asked for, gone afterwards."""
    with of_kind(os.environ.get("REVIEWHUB_TEST_DATABASE", "sqlite"), folder) as url:
        yield url


@contextmanager
def of_kind(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, "sqlite" or "postgresql", gone afterwards."""
    if kind == "postgresql":
        with postgresql() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'test.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty PostgreSQL database; skips, visibly, where there is no server."""
    given = os.environ.get("REVIEWHUB_TEST_DATABASE_URL")
    if given:
        yield from _database_on(given)
        return
    binaries = find_binaries()
    if binaries is None:
        message = "no PostgreSQL server found: install one or set REVIEWHUB_TEST_DATABASE_URL"
        if REQUIRED:
            pytest.fail(message)
        pytest.skip(message)
    with _server(binaries) as url:
        yield from _database_on(url)


@cache
def find_binaries() -> Path | None:
    """The folder with initdb and postgres, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    beside_path = shutil.which("initdb")
    return Path(beside_path).resolve().parent if beside_path else None


def _database_on(url: str) -> Iterator[str]:
    name = f"reviewhub_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    base, _, query = url.partition("?")
    yield f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _server(binaries: Path) -> Iterator[str]:
    """A server in a folder of its own; PostgreSQL refuses to run as root, so it runs as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="rhpg"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    start = [
        str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=",
        "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
        # A test is one transaction, and each commit inside it a savepoint that keeps its lock.
        "-c", "max_locks_per_transaction=2048",
    ]  # fmt: skip
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "hub", "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder,
        )  # fmt: skip
        log = (folder / "log").open("wb")
        process = subprocess.Popen(start, stdout=log, stderr=log, user=user, cwd=folder)
        try:
            url = f"postgresql://hub@/postgres?host={folder}"
            _wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str) -> None:
    for _attempt in range(100):
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("the PostgreSQL server did not start")
