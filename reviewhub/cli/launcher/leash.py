"""Runs a program that the Linux kernel ends when the process that started it is gone.

    python -I -S leash.py PARENT PROGRAM ARGUMENT…

The wish survives the change to the program, which keeps this process's id. Elsewhere than on
Linux programs are started directly, and `guard.py` alone ends them. Like the guard, this file is
run by path and imports the standard library only.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _run(parent: int, argv: list[str]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before we asked
        sys.exit(1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, other programs don't
        signal.signal(number, signal.SIG_DFL)
    os.execv(argv[0], argv)  # noqa: S606  # a shell would be in the way


if __name__ == "__main__":
    _run(int(sys.argv[1]), sys.argv[2:])
