"""The demo logins: written beside the demo content, shown on the sign-in page in demo mode."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from reviewhub.core import config


@dataclass(frozen=True)
class DemoLogin:
    """One account that demo mode shows to everybody."""

    role: str
    name: str
    email: str
    password: str


def logins_file() -> Path:
    """Where the demo logins stand."""
    return config.current().var / "demo_logins.json"


def write_logins(logins: list[DemoLogin]) -> None:
    """Keep the logins for the first page of `run` and the sign-in page."""
    logins_file().write_text(
        json.dumps([asdict(login) for login in logins], indent=1), encoding="utf-8"
    )


def logins() -> list[DemoLogin]:
    """The demo logins, or none where there is no demo content."""
    try:
        rows = json.loads(logins_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [DemoLogin(**row) for row in rows]
