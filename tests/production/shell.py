"""The `reviewhub` command in a process of its own, as somebody at a terminal uses it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from tests.terminal import typed


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
        done = typed(*command, env=env, in_one=True)
        assert (done.returncode != 0) is fails, done.stdout
        return done.stdout
