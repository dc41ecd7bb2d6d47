"""The blueprint that the pages of this package hang on, and what they share."""

from urllib.parse import urlsplit

from flask import Blueprint

from reviewhub.accounts.access import viewer
from reviewhub.accounts.models import Person

bp = Blueprint("accounts", __name__)


def present() -> Person:
    """The signed-in person of a page that the guard lets nobody else into."""
    person = viewer()
    assert person is not None
    return person


def own_path(target: str) -> str:
    """A path on this site, or nothing: never another host."""
    try:
        parts = urlsplit(target)
    except ValueError:  # something like "//["
        return ""
    own = target.startswith("/") and not target.startswith("//") and "\\" not in target
    fits = target.isprintable()  # a line break would end the header
    return target.removesuffix("?") if own and fits and not parts.netloc else ""
