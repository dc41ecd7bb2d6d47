"""How submissions read: the words for their fields, and dates where no page is at hand."""

from datetime import datetime

from babel.dates import format_date

from reviewhub.core.i18n import _l, get_locale
from reviewhub.submissions.models import Breadth, Licence, Relation, Scope

SCOPES = {
    Scope.GLOBAL: _l("The whole world"),
    Scope.MULTI_REGION: _l("Several regions"),
    Scope.REGIONAL: _l("One region"),
    Scope.NATIONAL: _l("One country"),
    Scope.LOCAL: _l("A place within a country"),
}
BREADTHS = {
    Breadth.COMPREHENSIVE: _l("Comprehensive: the whole field"),
    Breadth.BROAD: _l("Broad: several questions"),
    Breadth.SPECIFIC: _l("Specific: one question"),
}
RELATIONS = {
    Relation.NONE: _l("None"),
    Relation.AUTHOR: _l("I wrote it, or helped to"),
    Relation.PUBLISHER: _l("My organisation published it"),
    Relation.FUNDER: _l("My organisation paid for it"),
}
LICENCES = {
    Licence.LINK_ONLY: _l("Only linked to"),
    Licence.OPEN: _l("Open licence"),
    Licence.PERMISSION: _l("Permission is held"),
    Licence.PUBLIC_DOMAIN: _l("Public domain"),
}
FIELDS = {
    "url": _l("Link"),
    "title": _l("Title"),
    "title_en": _l("Title in English"),
    "description": _l("Description"),
    "why_useful": _l("Why it is useful"),
    "language": _l("Language"),
    "languages": _l("Languages"),
    "publisher": _l("Publisher"),
    "authors": _l("Authors"),
    "published_on": _l("Date of publication"),
    "scope": _l("Geographic scope"),
    "breadth": _l("Breadth"),
    "licence": _l("Permission to list it"),
    "relation": _l("Submitter's relation to it"),
    "section": _l("Section"),
    "document_type": _l("Type of document"),
    "topics": _l("Topics"),
    "themes": _l("Themes"),
    "regions": _l("Regions"),
    "countries": _l("Countries"),
}

# The fields that hold a line of text each, and that every page of an item shows.
PLAIN = ("publisher", "published_on")


def day(moment: datetime) -> str:
    """The day in the reader's language, in UTC: "2 Mar 2026"."""
    return format_date(moment.date(), "d MMM y", locale=get_locale() or "en")


def in_capitals(title: str) -> bool:
    """Whether a title is written in capitals only: a hint to the writer, no error."""
    letters = [c for c in title if c.isalpha()]
    return len(letters) > 7 and title.upper() == title and title.lower() != title
