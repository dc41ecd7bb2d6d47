"""`reviewhub import resources` and `reviewhub import roster`, as somebody runs them."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import typed

Run = Callable[..., subprocess.CompletedProcess[str]]

RECORDS = [
    {"title": f"Study {number}", "external_id": f"demo:{number}", "countries": ["Kenya"]}
    for number in range(1, 121)
]


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hub's folder."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def run(var: Path) -> Run:
    """Runs the command on a prepared database."""
    environment = {
        **os.environ, "REVIEWHUB_VAR": str(var), "REVIEWHUB_DEMO": "0", "SECRET_KEY": "k" * 40,
        "DATABASE_URL": f"sqlite:///{var}/hub.db",
    }  # fmt: skip

    def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return typed(*arguments, env=environment)

    prepared = _run("prepare")
    assert prepared.returncode == 0, prepared.stderr
    return _run


def write(folder: Path, records: object) -> str:
    path = folder / "list.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return str(path)


def count(rows: str, var: Path) -> int:
    with closing(sqlite3.connect(var / "hub.db")) as connection:
        number: int = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
    return number


def test_a_dry_run_says_what_would_come_in_and_stores_nothing(
    run: Run, var: Path, tmp_path: Path
) -> None:
    done = run("import", "resources", write(tmp_path, RECORDS), "--dry-run", "--limit", "3")
    assert (done.returncode, done.stdout) == (
        0, "3 new, 0 updated, 0 unchanged, 0 refused (nothing was stored)\n"
    )  # fmt: skip
    assert count("resources", var) == 0


def test_good_rows_go_in_bad_ones_are_named_and_the_second_run_changes_nothing(
    run: Run, var: Path, tmp_path: Path
) -> None:
    path = write(tmp_path, [*RECORDS, {"title": "Lost", "countries": ["Atlantis"]}])
    first, second = (run("import", "resources", path) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout == "120 new, 0 updated, 0 unchanged, 1 refused\n"
    assert second.stdout == "0 new, 0 updated, 120 unchanged, 1 refused\n"
    assert first.stderr == "row 121: countries: “Atlantis” is none of this hub’s.\n"
    assert count("jobs WHERE state = 'done' AND done = total", var) == 2


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    done = run("import", "resources", str(tmp_path / "missing.csv"))
    assert done.returncode == 2
    assert done.stderr.startswith("The file can't be read:")
    assert "Traceback" not in done.stderr


def test_a_list_of_people_is_checked_and_invited_once(run: Run, var: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    header = "email,name,organisation,kind,country,languages,topics"
    good = [f"p{n}@lists.example,Person {n},Institute,external,KEN,en,14" for n in range(3)]
    path.write_text("\n".join([header, *good, "x,Nobody,,internal,KEN,en,14"]), encoding="utf-8")
    dry = run("import", "roster", str(path), "--dry-run")
    assert (dry.returncode, dry.stderr) == (
        0, "row 5: email: This does not look like an e-mail address.\n"
    )  # fmt: skip
    assert "3 invited" in dry.stdout
    assert "nobody was invited" in dry.stdout
    assert count("roster_invitations", var) == 0
    unknown = run("import", "roster", str(path))
    assert unknown.returncode == 1
    assert "--by" in unknown.stderr

    with closing(sqlite3.connect(var / "hub.db")) as connection, connection:
        connection.execute(
            "INSERT INTO people (id, email, name, locale, timezone, country, created_at, is_demo)"
            " VALUES (7, 'rosa@hub.example', 'Rosa', 'en', 'UTC', '', '2026-01-01', 0)"
        )
        connection.execute("INSERT INTO standing_roles VALUES (7, 'roster_manager')")
    first, second = (run("import", "roster", str(path), "--by", "rosa@hub.example") for _ in "12")
    assert first.stdout.startswith("3 invited, 0 changed, 0 unchanged, 0 on the roster already, 1")
    assert second.stdout.startswith("0 invited, 0 changed, 3 unchanged, 0 on the roster already, 1")
    assert count("roster_invitations", var) == 3
    missing = run("import", "roster", str(tmp_path / "none.csv"), "--dry-run")
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr
