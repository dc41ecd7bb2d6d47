"""`reviewhub run`: the whole hub with one command, on a machine that has only Python.

It starts, in this order and each when the one before answers: the preparation (migrations and
taxonomy), the broker and the demo's mail sink; the web server; the making of demo content; the
worker. What each of them is, is said in services.py; how they are kept running, in launcher/.
"""

import contextlib
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import click
from pydantic import ValidationError

import reviewhub
from reviewhub.cli import broker, mailsink
from reviewhub.cli.launcher.lock import RunState, VarLock, read_state
from reviewhub.cli.launcher.supervisor import Supervisor
from reviewhub.cli.services import Embedded, bracketed, is_healthy, plan
from reviewhub.cli.welcome import demo_logins, table, welcome
from reviewhub.core.config import Settings

ROOT = Path(reviewhub.__file__).resolve().parents[1]
FOLDERS = ("log", "broker", "mailbox", "beat", "metrics", "templates")
DEMO_MARK = "holds_demo"  # a file in var, made at the first start with demo content
LEFTOVERS_WITHIN_S = 15.0
ANSWERS_WITHIN_S = 20.0


@click.command("run")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Demo content and logins; on unless REVIEWHUB_DEMO or another address says otherwise.",
)
def command(host: str, port: int, demo: bool | None) -> None:
    """Start the whole hub: broker, web server, worker; Ctrl-C stops it."""
    began = time.monotonic()
    var = Path(os.environ.get("REVIEWHUB_VAR") or "var").resolve()
    make_folders(var)
    keep_secret(var)
    settings = _settings(var, _wants_demo(host, demo, var))
    _refuse_public_demo(host, settings)
    lock = _lock(var)
    try:
        sys.exit(_run(settings, lock, host, port or _free_port(host), began))
    finally:
        lock.release()


def register(group: click.Group) -> None:
    """Add the command to the `reviewhub` group."""
    group.add_command(command)


def make_folders(var: Path) -> None:
    """Make var/ and its folders, for this account alone. Raises click.ClickException."""
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (var / name).mkdir(exist_ok=True)
        probe = var / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise click.ClickException(
            f"The folder {var} can't be written: {problem.strerror}. Make it writable, or name "
            "another one with REVIEWHUB_VAR."
        ) from problem


def keep_secret(var: Path) -> Path:
    """Make the key that signs sessions on the first start; nobody else may read it."""
    path = var / "secret_key"
    if not path.exists():
        half_done = var / f".secret_key-{os.getpid()}"
        with os.fdopen(os.open(half_done, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        half_done.replace(path)
    return path


def check_port(host: str, port: int) -> None:
    """Raises click.ClickException with what to do when the web server could not listen there."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        raise click.ClickException(
            f"ReviewHub can't listen on {bracketed(host)}:{port}: {problem.strerror}. If another "
            f"program has the port, choose another one: `reviewhub run --port {port + 1}` or "
            f"`make run PORT={port + 1}`."
        ) from problem


def _run(settings: Settings, lock: VarLock, host: str, port: int, began: float) -> int:
    check_port(host, port)
    var = settings.var
    for figures in (var / "metrics").glob("*.db"):  # of processes that are no more
        figures.unlink()
    if settings.demo:
        (var / DEMO_MARK).touch()
    listener = mailsink.listen() if settings.demo and not settings.smtp_url else None
    broker_socket = None if settings.redis_url else _socket_for(var)
    mail_socket = None if listener is None else listener.fileno()
    what = Embedded(host, port, var, broker_socket, mail_socket, settings.demo)
    state = _state(what, settings, listener)
    lock.write(state)
    supervisor = Supervisor(
        plan(what),
        logs=var / "log",
        env=_environment(state, settings),
        folder=ROOT,
        say=_say,
        fds=(lock.fileno(),),
    )
    _say(f"Starting ReviewHub; its data is in {var}")
    try:
        return _supervise(supervisor, state, settings, began)
    finally:
        if broker_socket is not None:
            with contextlib.suppress(OSError):  # not empty: somebody put something there
                broker_socket.parent.rmdir()


def _supervise(supervisor: Supervisor, state: RunState, settings: Settings, began: float) -> int:
    """Welcome people when the hub is open, and show the logins as soon as they work."""
    known = settings.var / "demo_logins.json"
    waits = settings.demo and not known.exists()

    def on_open() -> None:
        seconds, logins = time.monotonic() - began, demo_logins(known) if settings.demo else []
        sends_mail = bool(state.smtp_url)
        _say(welcome(state.url, settings.var, seconds, logins=logins, sends_mail=sends_mail))
        if waits:
            _say("The demo content is being made; the logins follow when it is there.")

    def on_complete() -> None:
        if waits:
            seconds = time.monotonic() - began
            _say(f"\nThe demo content is there  ({seconds:.1f} s)\n\n{table(demo_logins(known))}\n")

    return supervisor.run(on_complete, on_open=on_open)


def _state(what: Embedded, settings: Settings, listener: socket.socket | None) -> RunState:
    redis_url = settings.redis_url
    if what.broker_socket is not None:
        redis_url = broker.celery_url(what.broker_socket)
    smtp_url = settings.smtp_url
    if listener is not None:
        smtp_url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    return RunState(os.getpid(), what.url, redis_url, smtp_url)


def _environment(state: RunState, settings: Settings) -> dict[str, str]:
    """What the children are told; what the person set stays."""
    env = {
        "REVIEWHUB_BASE_URL": state.url,
        "PROMETHEUS_MULTIPROC_DIR": str(settings.var / "metrics"),
        **os.environ,
        "REVIEWHUB_VAR": str(settings.var),
        "REVIEWHUB_DEMO": "true" if settings.demo else "false",
        "PYTHONUNBUFFERED": "1",
    }
    if not settings.redis_url:
        env["REDIS_URL"] = state.redis_url
    if state.smtp_url and not settings.smtp_url:
        env["SMTP_URL"] = state.smtp_url
    return env


def _settings(var: Path, demo: bool) -> Settings:
    try:
        return Settings.load(var=var, demo=demo)
    except (ValidationError, OSError) as problem:
        raise click.ClickException(f"The settings can't be used. {problem}") from problem


def _wants_demo(host: str, demo: bool | None, var: Path) -> bool:
    """What was asked for; else a demo on loopback, but never in a hub that began without one."""
    if demo is not None:
        return demo
    said = os.environ.get("REVIEWHUB_DEMO", "").strip().lower()
    if said:
        return said in {"1", "true", "yes", "on"}
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return False
    return _is_loopback(host) and (_holds_demo(var) or not (var / "reviewhub.db").exists())


def _holds_demo(var: Path) -> bool:
    return (var / DEMO_MARK).exists() or (var / "demo_logins.json").exists()


def _refuse_public_demo(host: str, settings: Settings) -> None:
    """Demo passwords are printed for everybody: they must not be reachable from elsewhere."""
    if _is_loopback(host):
        return
    if settings.demo:
        raise click.ClickException(
            f"Demo logins have public passwords, so a demo listens on 127.0.0.1 only, not on "
            f"{host}. Add --no-demo, or leave out --host."
        )
    if _holds_demo(settings.var):
        raise click.ClickException(
            f"{settings.var} holds demo accounts, whose passwords are public. To listen on {host}, "
            "name another folder with REVIEWHUB_VAR."
        )


def _lock(var: Path) -> VarLock:
    """The lock on var; leaves the program when a hub already runs there."""
    if (lock := VarLock.take(var)) is not None:
        return lock
    state = read_state(var)
    if state is not None and state.is_alive():
        _leave_it_to(state)
    click.echo("An earlier run was cut off; waiting for what it left behind to end.")
    if (lock := VarLock.wait(var, LEFTOVERS_WITHIN_S)) is not None:
        return lock
    raise click.ClickException(
        f"Something still uses {var}. End it, or name another folder with REVIEWHUB_VAR."
    )


def _leave_it_to(state: RunState) -> None:
    if _until(lambda: is_healthy(state.url), ANSWERS_WITHIN_S):
        click.echo(f"ReviewHub is already running at {state.url} (process {state.pid}).")
        sys.exit(0)
    raise click.ClickException(
        f"ReviewHub was already started (process {state.pid}) but does not answer at {state.url}. "
        f"Its logs say why; `kill {state.pid}` stops it."
    )


def _until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return held


def _socket_for(var: Path) -> Path:
    try:
        return broker.socket_for(var)
    except broker.NoPlaceForSocket as problem:
        raise click.ClickException(
            "There is no private folder with a short path for the broker's socket. Set TMPDIR to "
            "one, or give the address of a running broker in REDIS_URL."
        ) from problem


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say(text: str) -> None:
    """Print, whether or not anybody still listens."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  # for the rest of the process
