"""What every page shows of the hub itself: its name, its topics, its footnotes."""

from typing import Any

from flask import Flask

from reviewhub.core.errors import DomainError
from reviewhub.taxonomy.queries import catalogue


def init_context(app: Flask) -> None:
    """Give `hub` to every template."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    try:
        return {"hub": catalogue()}
    except DomainError:  # nothing is loaded yet: an error page must still be shown
        return {"hub": None}
