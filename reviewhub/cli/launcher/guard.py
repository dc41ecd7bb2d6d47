"""No orphans: a process of its own ends the supervisor's children when the supervisor is gone.

The guard reads from a pipe whose only writer is the supervisor. However the supervisor ends,
`kill -9` included, the pipe closes and the guard ends every process group it was told of. On
Linux the kernel also signals each child directly (see `service.py`); the guard additionally
reaches the children's own children, and works on every Unix.

This file is run by path in an isolated interpreter, so it imports the standard library only.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_S = 4.0


class OrphanGuard:
    """The supervisor's end of the pipe."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._start()

    def watch(self, group: int) -> None:
        """End the process group `group` if this process disappears."""
        self._groups.add(group)
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """The group has ended: its number may soon belong to somebody else."""
        self._groups.discard(group)
        self._tell(f"-{group}\n")

    def renew(self) -> None:
        """Start another guard if somebody ended this one."""
        if self._process.poll() is None:
            return
        os.close(self._writer)
        self._start()
        for group in self._groups:
            self._tell(f"+{group}\n")

    def close(self) -> None:
        """Let the guard go; groups that are still watched are ended by it."""
        os.close(self._writer)
        self._process.wait()

    def _start(self) -> None:
        reader, self._writer = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(reader)],
            pass_fds=(reader,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal must not reach it
        )
        os.close(reader)

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # `renew` repeats what was not heard
            os.write(self._writer, line.encode())


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; False when nothing of it is left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group that holds only zombies
        return False
    return True


def _listen(reader: int) -> set[int]:
    """The groups still alive when the pipe closes."""
    groups: set[int] = set()
    with os.fdopen(reader, "r", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("+"):
                groups.add(int(line[1:]))
            elif line.startswith("-"):
                groups.discard(int(line[1:]))
    return groups


def _end(groups: set[int]) -> None:
    deadline = time.monotonic() + GRACE_S
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end(_listen(int(sys.argv[1])))
