"""`reviewhub search`, as whoever runs the hub types it."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import typed

Run = Callable[..., tuple[int, str]]

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command on a prepared database with three resources."""
    environment = {
        **os.environ, "REVIEWHUB_VAR": str(tmp_path), "REVIEWHUB_DEMO": "0",
        "SECRET_KEY": "k" * 40, "DATABASE_URL": f"sqlite:///{tmp_path}/hub.db",
    }  # fmt: skip

    def _run(*arguments: str) -> tuple[int, str]:
        done = typed(*arguments, env=environment)
        return done.returncode, done.stdout + done.stderr

    records = [{"title": f"Study {number}", "countries": ["Kenya"]} for number in range(3)]
    path = tmp_path / "records.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    assert _run("prepare")[0] == 0
    assert _run("import", "resources", str(path))[0] == 0
    return _run


def harm(folder: Path, statement: str) -> None:
    """Change the database behind the hub's back."""
    with closing(sqlite3.connect(folder / "hub.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_damaged_index_is_told_and_mended(run: Run, tmp_path: Path) -> None:
    assert run("search", "verify") == (0, "The index is right.\n")
    harm(tmp_path, "DELETE FROM search_postings WHERE term LIKE 'a:stud%'")
    code, said = run("search", "verify")
    assert code == 1
    assert "is not under a:studi" in said
    assert "Run: reviewhub search rebuild" in said
    code, said = run("check")
    assert code == 1
    assert "BROKEN  The library's index is what its resources say." in said
    assert run("search", "rebuild") == (0, "3 resources looked at\n")
    assert run("search", "verify")[0] == 0
    assert run("check")[0] == 0


def test_preparing_a_new_version_files_anew_what_the_old_one_filed(
    run: Run, tmp_path: Path
) -> None:
    harm(tmp_path, "UPDATE search_version SET analyser = '0', stamp = 'old'")
    code, said = run("search", "verify")
    assert code == 1
    assert "reviewhub search rebuild" in said
    assert run("prepare")[0] == 0
    assert run("search", "verify")[0] == 0
