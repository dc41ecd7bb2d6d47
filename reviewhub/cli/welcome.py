"""What a person reads when the hub is up: where it answers, who may sign in, where things are."""

import json
from pathlib import Path
from typing import Any

_COLUMNS = {"role": "Role", "name": "Name", "email": "E-mail", "password": "Password"}


def welcome(
    url: str, var: Path, seconds: float, *, logins: list[dict[str, str]], sends_mail: bool
) -> str:
    """The text after a start that took `seconds`."""
    parts = [f"\nReviewHub is ready at {url}  ({seconds:.1f} s)"]
    if logins:
        parts.append(table(logins))
    if not sends_mail:
        parts.append("SMTP_URL is not set: mail waits in the outbox until it is.")
    parts.append(f"Logs are in {var / 'log'}. Ctrl-C stops everything.\n")
    return "\n\n".join(parts)


def demo_logins(path: Path) -> list[dict[str, str]]:
    """One login per role, as the preparation wrote them; empty without demo content."""
    try:
        rows: Any = json.loads(path.read_text(encoding="utf-8"))
        return [{key: str(row[key]) for key in _COLUMNS} for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def table(rows: list[dict[str, str]]) -> str:
    """Rows under their headings, each column as wide as its widest cell."""
    lines = [_COLUMNS, *rows]
    widths = {key: max(len(line[key]) for line in lines) for key in _COLUMNS}
    return "\n".join(
        "  " + "  ".join(line[key].ljust(width) for key, width in widths.items()).rstrip()
        for line in lines
    )
