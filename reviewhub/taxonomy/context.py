"""What every page shows of the hub itself: its name, its topics, its footnotes, its state."""

from typing import Any

from flask import Flask

from reviewhub.core import filling
from reviewhub.core.errors import DomainError
from reviewhub.core.workdays import Workdays
from reviewhub.taxonomy.queries import catalogue


def init_context(app: Flask) -> None:
    """Give `hub` to every template, and to a demo's whether its content `is_being_made`."""
    app.context_processor(_context)
    app.jinja_env.globals["is_being_made"] = filling.is_going_on


def desk_address() -> str:
    """Where the hub reads its mail; nothing before a hub is loaded."""
    try:
        return catalogue().contact_email
    except DomainError:
        return ""


def workdays() -> Workdays:
    """Which days the hub works."""
    return catalogue().workdays


def _context() -> dict[str, Any]:
    try:
        return {"hub": catalogue()}
    except DomainError:  # nothing is loaded yet: an error page must still be shown
        return {"hub": None}
