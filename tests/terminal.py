"""The `reviewhub` command in a process of its own, as somebody at a terminal uses it.

    done = typed("search", "verify", env={"REVIEWHUB_VAR": str(folder)})

Each command loads the application, which takes a second. So one process loads it and nothing else,
and every command runs in a fork of it, with an environment and outputs of its own.
"""

import atexit
import gc
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]


def typed(
    *command: str, env: dict[str, str], in_one: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `in_one` puts what it says on both outputs into the first."""
    with TemporaryDirectory() as folder:
        said = {name: Path(folder) / name for name in ("stdout", "stderr")}
        outputs = [said["stdout"], said["stdout" if in_one else "stderr"]]
        order = {"command": command, "env": env, "outputs": [str(path) for path in outputs]}
        code = _forking().order(json.dumps(order))
        stdout, stderr = (
            path.read_text(encoding="utf-8") if path.exists() else "" for path in said.values()
        )
    return subprocess.CompletedProcess(command, code, stdout, stderr)


class Forking:
    """The process that has loaded the application, seen from the tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.terminal"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def order(self, line: str) -> int:
        """Have one command run; its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """It ends when nothing more can be ordered."""
        self._process.communicate()


@cache
def _forking() -> Forking:
    """The one of this process, ended with it."""
    made = Forking()
    atexit.register(made.end)
    return made


def serve() -> None:
    """Fork for each line that comes in, and answer with an exit code; returns in the forks."""
    import reviewhub.app  # noqa: F401, PLC0415 -- by every command that is run here

    gc.freeze()  # or each fork, at its end, looks through all that was loaded for what is left
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return become(json.loads(line))
        _child, status = os.waitpid(child, 0)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))
    return None


def become(order: dict[str, Any]) -> None:
    """Be the command, as if started by a shell."""
    from reviewhub.cli import main  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(order["env"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(order["outputs"], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.argv = ["reviewhub", *order["command"]]
    main()


if __name__ == "__main__":
    serve()
