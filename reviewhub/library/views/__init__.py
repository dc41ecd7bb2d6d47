"""Pages of the library: the public ones, and an editor's."""

from flask import Blueprint

from reviewhub.library import duplicates, models  # noqa: F401
from reviewhub.submissions.duplicates import register_finder

bp = Blueprint("library", __name__)
register_finder(duplicates.find)

# Each registers its routes on `bp`.
from reviewhub.library.views import (  # noqa: E402
    desk,  # noqa: F401
    links,  # noqa: F401
    pages,  # noqa: F401
    practice,  # noqa: F401
    second_looks,  # noqa: F401
)
