"""One hub per folder: a lock on var/ that tells a second `run` where the first one answers.

The children inherit the lock, so it is held until the last of them has ended, even after the
supervisor was killed: two brokers never write the same append-only file.
"""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class RunState:
    """What the lock file says of the hub that holds it; the URLs are for other commands."""

    pid: int
    url: str
    redis_url: str = ""
    smtp_url: str = ""

    def is_alive(self) -> bool:
        """Whether the supervisor itself still runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it runs as somebody else
            return True
        return True


class VarLock:
    """The lock on var/run.lock; `fileno` is what children inherit."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def take(cls, var: Path) -> Self | None:
        """The lock, or None when somebody holds it. Raises OSError when var can't be written."""
        file = os.open(var / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return cls(file)

    @classmethod
    def wait(cls, var: Path, seconds: float) -> Self | None:
        """`take`, tried again until `seconds` have passed."""
        deadline = time.monotonic() + seconds
        while (lock := cls.take(var)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        return lock

    def fileno(self) -> int:
        """The descriptor, for the children."""
        return self._file

    def write(self, state: RunState) -> None:
        """Say who holds the lock."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(asdict(state)).encode(), 0)

    def release(self) -> None:
        """Let the next one in."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def read_state(var: Path) -> RunState | None:
    """What the present or latest holder of the lock wrote; None when it left in good order."""
    try:
        return RunState(**json.loads((var / "run.lock").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
