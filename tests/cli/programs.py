"""Tiny programs that stand for services, and a supervisor to run them in a process of its own."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewhub.cli.launcher.service import Service
from reviewhub.cli.launcher.supervisor import Patience, Supervisor

STAYS = "import time; print('up', flush=True)\nwhile True: time.sleep(0.05)"
HAS_A_CHILD = (
    "import subprocess, sys, time, pathlib\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
    "time.sleep(300)\n"
)
IGNORES_TERM = (
    "import signal, sys, time, pathlib\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(sys.argv[1]).write_text('deaf')\n"
    "time.sleep(300)\n"
)

# Two difficult services: one with a child of its own, one that does not listen to SIGTERM. Whether
# a closed terminal is heard of is said, since the tests themselves may run under nohup.
SUPERVISE = """
import signal
import sys
from pathlib import Path
from reviewhub.cli.launcher.service import Service
from reviewhub.cli.launcher.supervisor import Supervisor
from tests.cli import programs
folder = Path(sys.argv[1])
signal.signal(signal.SIGHUP, signal.SIG_IGN if "nohup" in sys.argv else signal.SIG_DFL)
services = [
    Service("parent", programs.python(programs.HAS_A_CHILD, str(folder / "grandchild"))),
    Service("deaf", programs.python(programs.IGNORES_TERM, str(folder / "deaf")), grace_s=0.3),
]
supervisor = Supervisor([services], logs=folder, env={}, folder=folder, say=print)
def ready():
    pids = [str(child.process.pid) for child in supervisor._present()]
    (folder / "children").write_text(" ".join(pids))
sys.exit(supervisor.run(ready))
"""


def python(code: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs `code`."""
    return (sys.executable, "-c", code, *arguments)


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return held


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


@contextmanager
def started(
    argv: tuple[str, ...], *, fds: tuple[int, ...] = (), **given: str
) -> Iterator[subprocess.Popen[str]]:
    """A process for the length of the block; its output is read as text."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **given}
    process = subprocess.Popen(
        argv, env=env, pass_fds=fds, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


QUICK = Patience(restarts=2, within_s=60, first_delay_s=0.02, poll_s=0.02)


class Run:
    """A supervisor that stops when `until_true` holds, and what it said."""

    def __init__(self, folder: Path, *stages: list[Service], patience: Patience = QUICK) -> None:
        self.said: list[str] = []
        self.was_ready = False
        self.supervisor = Supervisor(
            stages,
            logs=folder,
            env=dict(os.environ),
            folder=folder,
            say=self.said.append,
            patience=patience,
        )

    def __call__(self, until_true: Callable[[], bool] = lambda: True) -> int:
        def watch() -> None:
            until(until_true)
            self.supervisor.request_stop()

        def ready() -> None:
            self.was_ready = True
            threading.Thread(target=watch, daemon=True).start()

        return self.supervisor.run(ready)

    def pid(self, name: str) -> int:
        """The process id of a running service."""
        children = [child for child in self.supervisor._present() if child.service.name == name]
        process = children[0].process
        assert process is not None
        return process.pid
