"""A service is what to start and how to tell that it is ready; a child is one that was started."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviewhub.cli.launcher.guard import OrphanGuard, signal_group

LOG_KEPT_BYTES = 5 * 1024 * 1024
_TAIL_BYTES = 8192
_LEASH = Path(__file__).with_name("leash.py").resolve()


@dataclass(frozen=True)
class Service:
    """One program the supervisor starts.

    `ready` is asked until it says yes; without it a running process is ready. A service with
    `once` is ready when it has ended well. When one that `opens` is ready, people can come in.
    `fds` are open descriptors it inherits.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], bool] | None = None
    once: bool = False
    opens: bool = False
    fds: tuple[int, ...] = ()
    ready_within_s: float = 60.0
    grace_s: float = 10.0


@dataclass
class Child:
    """A service's present process, its log, and how often it crashed of late."""

    service: Service
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    finished: bool = False
    started_at: float = 0.0
    restart_at: float = 0.0
    crashes: deque[float] = field(default_factory=deque)
    _log_offset: int = 0

    def start(
        self, guard: OrphanGuard, env: Mapping[str, str], folder: Path, fds: tuple[int, ...]
    ) -> None:
        """Start the process in a session of its own, its output in the log. Raises OSError."""
        _keep_short(self.log)
        with self.log.open("ab") as output:
            self._log_offset = output.tell()
            self.process = subprocess.Popen(
                _on_a_leash(self.service.argv),
                env=dict(env),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(*fds, *self.service.fds),
                start_new_session=True,
            )
        guard.watch(self.process.pid)
        self.ready = False
        self.started_at = time.monotonic()

    def exit_code(self) -> int | None:
        """None while the process runs (or waits to be started again)."""
        return None if self.process is None else self.process.poll()

    def is_waiting(self) -> bool:
        """Whether it crashed and has not been started again."""
        return self.process is None and not self.finished

    def terminate(self) -> None:
        """Ask the process, not its children, to end: it knows in which order to end those."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def is_ending(self, asked_at: float) -> bool:
        """Whether, asked to end at `asked_at`, it still runs and may take its time."""
        if self.process is None or self.process.poll() is not None:
            return False
        return time.monotonic() < asked_at + self.service.grace_s

    def clear(self, guard: OrphanGuard) -> None:
        """End at once whatever is left of the process and its children, and forget it."""
        if self.process is None:
            return
        signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()
        guard.forget(self.process.pid)
        self.process = None

    def last_lines(self, count: int = 15) -> str:
        """The end of what the latest process wrote, indented for a terminal."""
        try:
            with self.log.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(self._log_offset, end - _TAIL_BYTES))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-count:])


def _keep_short(log: Path) -> None:
    """Set a log aside as `<name>.1` when it has grown past LOG_KEPT_BYTES."""
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def _on_a_leash(argv: tuple[str, ...]) -> list[str]:
    """The command line that ends with this process. Raises FileNotFoundError."""
    program = shutil.which(argv[0])
    if program is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])
    direct = [program, *argv[1:]]
    if sys.platform != "linux":
        return direct
    return [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *direct]
