"""What `reviewhub run` starts: each service's command line, and how to tell that it is ready."""

import http.client
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click

from reviewhub.cli import broker
from reviewhub.cli.launcher.service import Service

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # and how to reach it from here
PATIENT = "reviewhub.web.patience.PatientWorker"
_MEMORY = "/dev/shm"  # noqa: S108  # gunicorn's heartbeat file: a disk that stalls must not kill


@dataclass(frozen=True)
class Embedded:
    """What is started where; `broker_socket` and `mail_socket` only where they are ours."""

    host: str
    port: int
    var: Path
    broker_socket: Path | None = None
    mail_socket: int | None = None
    demo: bool = False

    @property
    def url(self) -> str:
        """The address a browser on this machine opens."""
        host = EVERYWHERE.get(self.host, self.host)
        return f"http://{bracketed(host)}:{self.port}"


def plan(what: Embedded) -> list[list[Service]]:
    """The services, stage by stage.

    The demo's content is made when the pages can be seen, and before the worker asks for a lock
    on the database that the making of it holds.
    """
    prepare = Service("prepare", _python("reviewhub.cli", "prepare"), once=True)
    first = [prepare]
    if what.broker_socket is not None:
        first.append(_broker(what.broker_socket, what.var))
    if what.mail_socket is not None:
        first.append(_mail_sink(what.mail_socket, what.var))
    demo = Service("demo", _python("reviewhub.cli", "demo", "build"), once=True)
    return [first, [_web(what)], *([[demo]] if what.demo else []), [_worker(what.var)]]


def is_healthy(url: str) -> bool:
    """Whether a hub at `url` answers its health check."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2.0)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _broker(socket_path: Path, var: Path) -> Service:
    server = broker.find_broker()
    if server is None:
        raise click.ClickException(
            "There is no broker to start. Install Valkey or Redis so that `valkey-server` or "
            "`redis-server` is found, or give the address of a running one in REDIS_URL."
        )
    argv = broker.broker_argv(server, socket_path=socket_path, folder=var / "broker")
    return Service("broker", argv, ready=lambda: broker.answers(socket_path))


def _mail_sink(descriptor: int, var: Path) -> Service:
    argv = _python(
        *("reviewhub.cli", "mailsink"),
        *("--socket", str(descriptor)),
        *("--dir", str(var / "mailbox")),
    )
    return Service("mail", argv, fds=(descriptor,))


def _web(what: Embedded) -> Service:
    heartbeat = ("--worker-tmp-dir", _MEMORY) if os.access(_MEMORY, os.W_OK) else ()
    argv = _python(
        *("gunicorn", "--config", "python:reviewhub.cli.serving"),
        *("--bind", f"{bracketed(what.host)}:{what.port}"),
        *("--workers", "2", "--worker-class", PATIENT, "--threads", "4"),
        *("--timeout", "30", "--graceful-timeout", "8"),
        *("--access-logfile", str(what.var / "log" / "access.log"), "--error-logfile", "-"),
        # The path only: a query may carry the key of somebody's link.
        *("--access-logformat", '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)s'),
        *("--no-control-socket", *heartbeat),
        "reviewhub.app:create_app()",
    )
    return Service("web", argv, ready=lambda: is_healthy(what.url), opens=True)


def _worker(var: Path) -> Service:
    argv = _python(
        *("celery", "-A", "worker", "worker"),
        *("--beat", "--schedule", str(var / "beat" / "schedule")),
        *("--pool", "threads", "--concurrency", "4", "--loglevel", "INFO"),
        # One worker has nobody to talk to: no chatter, faster to start.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    return Service("worker", argv)


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)
