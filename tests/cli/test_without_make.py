"""run.py, the one implementation behind `make`: what it installs when, and what tests may see."""

import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(run.__file__).parent


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with lock files and an empty but usable virtual environment."""
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").touch()
    (programs / "uv").touch()
    (programs / "pip").write_text(f"#!{programs / 'python'}\n")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "BIN", programs)
    return tmp_path


@pytest.fixture
def installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lock files that were installed, in order."""
    locks: list[str] = []

    def note(_program: str, *arguments: str) -> None:
        locks.extend(word for word in arguments if word.endswith(".lock"))

    monkeypatch.setattr(run, "must", note)
    return locks


def test_nothing_is_installed_twice(installed: list[str]) -> None:
    run.install("run")
    run.install("run")
    assert installed == ["requirements.lock"]


def test_a_changed_lock_is_installed(checkout: Path, installed: list[str]) -> None:
    run.install("run")
    (checkout / "requirements.lock").write_text("newer")
    run.install("run")
    assert installed == ["requirements.lock"] * 2


def test_running_does_not_remove_a_developers_tools(checkout: Path, installed: list[str]) -> None:
    run.install("dev")
    run.install("run")
    (checkout / "requirements-dev.lock").write_text("newer")
    run.install("run")
    assert installed == ["requirements-dev.lock"] * 2


def test_a_moved_checkout_is_installed_anew(checkout: Path, installed: list[str]) -> None:
    run.install("run")
    (checkout / ".venv" / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n")
    assert not run.is_current("run")


def test_tests_do_not_see_a_hubs_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REVIEWHUB_VAR", "REVIEWHUB_REQUIRE_PG", "DATABASE_URL", "SECRET_KEY_FILE"):
        monkeypatch.setenv(name, "x")
    seen = run.environment("test")
    assert "REVIEWHUB_REQUIRE_PG" in seen
    assert not {"REVIEWHUB_VAR", "DATABASE_URL", "SECRET_KEY_FILE"} & seen.keys()
    assert "DATABASE_URL" in run.environment("run")


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    with pytest.raises(run.Problem, match="There is no command 'tset'"):
        run.main(["tset"])
    assert all(name in run.usage() for name in run.COMMANDS)


def test_the_makefile_names_every_command() -> None:
    phony = next(
        line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")
    )
    assert set(phony.split()[1:]) == {"help", *run.COMMANDS}


def test_help_needs_nothing_installed() -> None:
    shown = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "run.py"), "help"], capture_output=True, text=True
    )
    assert shown.returncode == 0
    assert "start the whole hub" in shown.stdout


def test_the_lock_files_hold_no_address() -> None:
    for name in run.LOCKS.values():
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
