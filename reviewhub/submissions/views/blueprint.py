"""The blueprint that the pages of this package hang on, and what its templates ask of the words."""

from typing import Any

from flask import Blueprint

from reviewhub.submissions.models import Submission
from reviewhub.submissions.words import FIELDS, PLAIN
from reviewhub.web.templating import format_partial_date

bp = Blueprint("submissions", __name__)
_WRITTEN = {"published_on": format_partial_date}


def plain_facts(submission: Submission) -> list[tuple[str, str]]:
    """What every page of an item says of its resource, beside title, link and filing."""
    return [
        (str(FIELDS[name]), _WRITTEN.get(name, str)(value))
        for name in PLAIN
        if (value := getattr(submission, name))
    ]


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {"plain_facts": plain_facts}
