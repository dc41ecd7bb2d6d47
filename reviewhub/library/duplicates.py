"""Telling whoever suggests a resource that the library has it already."""

import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.core.i18n import _
from reviewhub.library import queries
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.notifications.outbox import page
from reviewhub.submissions.duplicates import Match, Sought
from reviewhub.submissions.urls import identifiers

_MOST_CANDIDATES = 50


def find(sought: Sought) -> Match | None:
    """The resource under this address, or with the same DOI or ISBN in its address."""
    found = queries.at_address(sought.url_key) or _by_identifier(sought.identifiers)
    if found is None:
        return None
    return Match(
        _("This is in the library already."),
        found.title,
        page("library.resource", slug=found.slug),
        found.submission_id,
    )


def _by_identifier(names: frozenset[str]) -> Resource | None:
    """The text narrows, the exact name decides."""
    for name in sorted(names):
        bare = name.partition(":")[2].replace("-", "")
        url = sa.func.replace(sa.func.lower(Resource.url), "-", "")
        rows = db.session.scalars(
            sa.select(Resource)
            .where(url.contains(bare, autoescape=True), Resource.state != ResourceState.REMOVED)
            .order_by(Resource.id)
            .limit(_MOST_CANDIDATES)
        )
        for row in rows:
            if name in identifiers(row.url):
                return row
    return None
