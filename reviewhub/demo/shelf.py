"""What stood in the library before the first panel: checked by the team, and shown as such."""

from reviewhub.accounts.actor import SYSTEM
from reviewhub.demo import content
from reviewhub.demo.content import Listed
from reviewhub.demo.timeline import Story, Timeline
from reviewhub.library import operations as library
from reviewhub.library.entries import Entry
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.submissions.urls import url_key
from reviewhub.taxonomy.queries import catalogue


def stock(timeline: Timeline) -> Story:
    """Enter one resource a day."""
    for offset, listed in enumerate(content.shelf()):
        yield timeline.day(-330 + offset)
        library.check_in(_entry(listed), by=SYSTEM, is_demo=True)


def _entry(listed: Listed) -> Entry:
    filing = [
        *(_id("topics", code) for code in listed.topics),
        *(_id("regions", code) for code in listed.regions),
        *(_id("languages", code) for code in listed.languages),
    ]
    return Entry(
        title=listed.title,
        section_id=_id("sections", listed.section),
        language=listed.languages[0],
        description=listed.description,
        url=listed.url,
        url_key=url_key(listed.url),
        publisher=listed.publisher,
        published_on=listed.published_on,
        scope=Scope(listed.scope),
        breadth=Breadth(listed.breadth),
        document_type_id=(
            _id("document_types", listed.document_type) if listed.document_type else None
        ),
        filing=tuple(filing),
        primary_id=filing[0] if listed.topics else None,
    )


def _id(vocabulary: str, code: str) -> int:
    term = catalogue().find(vocabulary, code)
    if term is None:
        raise LookupError(f"the hub has no {code!r} among its {vocabulary}")
    return term.id
