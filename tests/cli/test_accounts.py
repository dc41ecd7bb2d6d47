"""Accounts at the command line: a lost code generator, and an account that is shut."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import typed

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery staple"


def _run(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "REVIEWHUB_VAR": str(var), "REVIEWHUB_DEMO": "0", "SECRET_KEY": "k" * 40,
        "DATABASE_URL": f"sqlite:///{var}/hub.db",
    }  # fmt: skip
    return typed(*arguments, env=environment)


def test_a_lost_code_generator_is_taken_off_the_account_and_every_browser_signed_out(
    tmp_path: Path,
) -> None:
    assert _run(tmp_path, "prepare").returncode == 0
    made = _run(tmp_path, "create-admin", "ada@host.example", "--password", PASSWORD)
    assert made.returncode == 0, made.stderr
    with closing(sqlite3.connect(tmp_path / "hub.db")) as hub:
        (number,) = hub.execute("SELECT id FROM people").fetchone()
        now, later = "2026-03-02 09:00:00.000000", "2099-01-01 00:00:00.000000"
        hub.execute(
            "INSERT INTO second_factors VALUES (?, ?, ?, ?, 0)", (number, "1." + "A" * 80, now, now)
        )
        hub.execute(
            "INSERT INTO sessions VALUES (1, ?, ?, ?, ?, ?, '', 1)",
            ("a" * 64, number, now, now, later),
        )
        hub.commit()
        done = _run(tmp_path, "totp-reset", "Ada@host.example")
        assert done.returncode == 0, done.stderr
        for table in ("second_factors", "sessions"):
            assert hub.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        verbs = [verb for (verb,) in hub.execute("SELECT verb FROM audit_events")]
        assert verbs[-1] == "remove_totp"


def test_an_account_is_shut_and_opened_again(tmp_path: Path) -> None:
    assert _run(tmp_path, "prepare").returncode == 0
    made = _run(tmp_path, "create-admin", "ada@host.example", "--password", PASSWORD)
    assert made.returncode == 0, made.stderr
    done = _run(tmp_path, "user", "suspend", "Ada@host.example", "--note", "Asked for by Ada.")
    assert "signed out everywhere" in done.stdout
    with closing(sqlite3.connect(tmp_path / "hub.db")) as hub:
        assert hub.execute("SELECT suspended_at FROM people").fetchone() != (None,)
        assert _run(tmp_path, "user", "suspend", "ada@host.example").returncode == 1
        assert _run(tmp_path, "user", "reinstate", "ada@host.example").returncode == 0
        assert hub.execute("SELECT suspended_at FROM people").fetchone() == (None,)
        events = hub.execute("SELECT verb, note FROM audit_events ORDER BY id").fetchall()
        assert events[-2:] == [("suspend", "Asked for by Ada."), ("reinstate", "")]
    again = _run(tmp_path, "user", "reinstate", "ada@host.example")
    assert "This account is not suspended." in again.stderr


def test_an_address_that_nobody_has_is_named(tmp_path: Path) -> None:
    assert _run(tmp_path, "prepare").returncode == 0
    done = _run(tmp_path, "totp-reset", "nobody@host.example")
    assert done.returncode == 1
    assert "nobody here has the address nobody@host.example" in done.stderr
