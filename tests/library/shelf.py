"""Puts resources on the shelf for the library's tests, and counts statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from reviewhub.accounts.actor import SYSTEM
from reviewhub.core.db import db
from reviewhub.library import operations
from reviewhub.library.entries import Entry
from reviewhub.library.models import Origin, Resource
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.taxonomy.queries import catalogue


def term_id(vocabulary: str, code: str) -> int:
    """The id of a term of the loaded hub."""
    found = catalogue().find(vocabulary, code)
    assert found is not None, (vocabulary, code)
    return found.id


def entry(title: str = "Handbook of consular practice", **values: Any) -> Entry:
    """An entry; topics, countries, regions, themes and languages are given as codes."""
    topics = values.pop("topics", ["14"])
    filing = [term_id("topics", code) for code in topics]
    primary = filing[0] if filing else None
    for vocabulary in ("themes", "regions", "countries", "languages"):
        filing += [term_id(vocabulary, code) for code in values.pop(vocabulary, [])]
    section = term_id("sections", values.pop("section", "documents"))
    kind = values.pop("document_type", "report")
    return Entry(
        title=title,
        section_id=section,
        document_type_id=term_id("document_types", kind) if kind else None,
        filing=tuple(dict.fromkeys(filing)),
        primary_id=primary,
        **{"scope": Scope.GLOBAL, "breadth": Breadth.BROAD, "language": "en", **values},
    )


def put(title: str = "Handbook of consular practice", **values: Any) -> Resource:
    """A checked resource in the library."""
    origin = values.pop("origin", Origin.CHECKED)
    return operations.check_in(entry(title, **values), by=SYSTEM, origin=origin)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SELECTs that the block sends."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append(statement)

    bind = db.session.get_bind()
    engine = bind.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
