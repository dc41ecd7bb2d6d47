"""The `reviewhub` command in a process of its own, as somebody at a terminal uses it."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Shell:
    """A terminal where REVIEWHUB_VAR, and what else is in `told`, are set."""

    var: Path
    told: dict[str, str] = field(default_factory=dict)

    def __call__(self, *command: str, fails: bool = False, **told: str) -> str:
        """What the command says on both outputs; whether it fails must be as expected."""
        env = {
            "PATH": os.environ["PATH"],
            "REVIEWHUB_VAR": str(self.var),
            **self.told,
            **told,
        }
        process = subprocess.run(
            [sys.executable, "-m", "reviewhub.cli", *command],
            env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert (process.returncode != 0) is fails, process.stdout
        return process.stdout
