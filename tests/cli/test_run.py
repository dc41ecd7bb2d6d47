"""`reviewhub run` up to the point where services start: folders, secret, lock, port, demo."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reviewhub.cli import run, services
from reviewhub.cli.launcher.lock import RunState, VarLock, read_state
from reviewhub.cli.welcome import demo_logins, welcome
from tests.cli.programs import STAYS, python, started, until


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def healthy_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub's folder, named in the environment and otherwise without settings."""
    for name in [*os.environ]:
        if name.startswith("REVIEWHUB_") or name in ("REDIS_URL", "SMTP_URL", "DATABASE_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("REVIEWHUB_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(run.command, list(arguments))


@pytest.mark.lasting
def test_a_second_run_says_where_the_first_one_answers(var: Path, healthy_url: str) -> None:
    run.make_folders(var)
    lock = VarLock.take(var)
    assert lock is not None
    lock.write(RunState(os.getpid(), healthy_url))
    result = _run()
    assert result.exit_code == 0
    assert f"already running at {healthy_url} (process {os.getpid()})" in result.output
    lock.release()
    assert read_state(var) is None


@pytest.mark.lasting
def test_a_second_run_says_so_when_the_first_one_does_not_answer(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ANSWERS_WITHIN_S", 0.1)
    run.make_folders(var)
    lock = VarLock.take(var)
    assert lock is not None
    lock.write(RunState(os.getpid(), "http://127.0.0.1:1"))
    result = _run()
    assert result.exit_code == 1
    assert "was already started" in result.output
    assert "does not answer" in result.output
    lock.release()


def test_what_a_killed_run_left_behind_is_waited_for(var: Path) -> None:
    run.make_folders(var)
    lock = VarLock.take(var)
    assert lock is not None
    with started(python(STAYS), fds=(lock.fileno(),)) as leftover:
        lock.write(RunState(leftover.pid, "http://127.0.0.1:1"))
        os.close(lock.fileno())  # as the kernel does for a killed supervisor
        assert VarLock.take(var) is None
        leftover.kill()
        leftover.wait()
        taken = VarLock.wait(var, 5)
    assert taken is not None
    taken.release()


def test_a_taken_port_is_named_with_the_way_out(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = _run("--port", str(port))
    assert result.exit_code == 1
    assert f"can't listen on 127.0.0.1:{port}" in result.output
    assert f"--port {port + 1}" in result.output
    lock = VarLock.take(var)
    assert lock is not None, "the lock was not let go"
    lock.release()


def test_a_folder_that_cannot_be_made_is_named(var: Path) -> None:
    var.write_text("a file is in the way")
    result = _run()
    assert result.exit_code == 1
    assert f"The folder {var} can't be written" in result.output
    assert "REVIEWHUB_VAR" in result.output


@pytest.mark.skipif(os.getuid() == 0, reason="everything is writable for root")
def test_a_folder_without_write_permission_is_named(var: Path) -> None:
    var.mkdir(mode=0o500)
    assert f"The folder {var} can't be written" in _run().output


def test_the_secret_key_is_made_once_and_for_this_account_alone(var: Path) -> None:
    run.make_folders(var)
    first = run.keep_secret(var).read_text()
    assert len(first) >= 32
    assert run.keep_secret(var).read_text() == first
    assert (var / "secret_key").stat().st_mode & 0o777 == 0o600
    assert var.stat().st_mode & 0o777 == 0o700


def test_a_demo_is_not_shown_to_other_machines(var: Path) -> None:
    result = _run("--host", "0.0.0.0", "--demo")
    assert result.exit_code == 1
    assert "public passwords" in result.output


def test_a_folder_with_demo_accounts_is_not_shown_to_other_machines(var: Path) -> None:
    run.make_folders(var)
    (var / "demo_logins.json").write_text("[]")
    result = _run("--host", "0.0.0.0")
    assert result.exit_code == 1
    assert "holds demo accounts" in result.output


def test_a_hub_that_began_without_demo_content_never_gets_it_unasked(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.make_folders(var)
    assert run._wants_demo("127.0.0.1", None, var)
    assert not run._wants_demo("0.0.0.0", None, var)
    (var / "reviewhub.db").touch()
    assert not run._wants_demo("127.0.0.1", None, var)
    (var / run.DEMO_MARK).touch()
    assert run._wants_demo("127.0.0.1", None, var)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/hub")
    assert not run._wants_demo("127.0.0.1", None, var)
    assert run._wants_demo("127.0.0.1", True, var)


def test_settings_that_cannot_be_used_are_explained(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    result = _run()
    assert result.exit_code == 1
    assert "The settings can't be used" in result.output
    assert "32 characters" in result.output


def test_everything_is_planned_in_the_order_it_is_needed(tmp_path: Path) -> None:
    what = services.Embedded("127.0.0.1", 8000, tmp_path, tmp_path / "b.sock", 5)
    names = [[service.name for service in stage] for stage in services.plan(what)]
    assert names == [["prepare", "broker", "mail"], ["web"], ["worker"]]


def test_demo_content_is_made_when_people_can_come_in_already(tmp_path: Path) -> None:
    stages = services.plan(services.Embedded("127.0.0.1", 8000, tmp_path, demo=True))
    names = [[service.name for service in stage] for stage in stages]
    assert names == [["prepare"], ["web"], ["demo"], ["worker"]]
    assert [service.name for stage in stages for service in stage if service.opens] == ["web"]


def test_a_broker_and_mail_server_of_ones_own_are_not_doubled(tmp_path: Path) -> None:
    names = [
        [s.name for s in stage] for stage in services.plan(services.Embedded("::1", 80, tmp_path))
    ]
    assert names == [["prepare"], ["web"], ["worker"]]
    assert services.Embedded("::1", 80, tmp_path).url == "http://[::1]:80"
    assert services.Embedded("0.0.0.0", 80, tmp_path).url == "http://127.0.0.1:80"


def test_the_welcome_lists_one_login_a_role_under_each_other(tmp_path: Path) -> None:
    logins = [
        {"role": "Editor", "name": "Edda Nova", "email": "edda@demo.example", "password": "one"},
        {"role": "Reviewer", "name": "Bo", "email": "bo@demo.example", "password": "two"},
    ]
    (tmp_path / "demo_logins.json").write_text(json.dumps(logins))
    shown = demo_logins(tmp_path / "demo_logins.json")
    text = welcome("http://127.0.0.1:8000", tmp_path, 3.21, logins=shown, sends_mail=True)
    assert "ready at http://127.0.0.1:8000  (3.2 s)" in text
    rows = [line for line in text.splitlines() if "@" in line]
    assert [row.index("@") - row.index(who) for row, who in zip(rows, ("edda", "bo"), strict=True)]
    assert rows[0].index("edda@") == rows[1].index("bo@")
    assert "Ctrl-C stops everything" in text
    assert "SMTP_URL" not in text


def test_the_welcome_without_mail_and_logins_says_what_that_means(tmp_path: Path) -> None:
    (tmp_path / "demo_logins.json").write_text("{not json")
    shown = demo_logins(tmp_path / "demo_logins.json")
    text = welcome("http://127.0.0.1:8000", tmp_path, 1, logins=shown, sends_mail=False)
    assert "SMTP_URL is not set" in text
    assert "Role" not in text


@pytest.mark.lasting
def test_health_is_asked_without_trust(healthy_url: str) -> None:
    assert until(lambda: services.is_healthy(healthy_url))
    assert not services.is_healthy("http://127.0.0.1:1")
