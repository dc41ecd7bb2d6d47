"""How alike an item's text is to what reviewers have written: kept, so that a page only reads it.

A task counts the words of each reviewer's documents, and compares every waiting item with all of
them. A document is a statement, a publication, or the public record of an item that they reviewed:
no review, no remark, nothing that is not open to whoever sees the roster.
"""

from array import array
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.core.i18n import _
from reviewhub.roster.publications import Publication
from reviewhub.submissions.models import Submission

ANALYSER = 1  # raised whenever words are counted otherwise: everything is then read anew
LEAST_BEST = 0.1  # the best match of an item counts in full, unless it is poorer than this
STATEMENT, PUBLICATION, ITEM = "statement", "publication", "item"


class ReviewerText(Model):
    """The counted words of one person's documents; `stamp` tells whether these have changed."""

    __tablename__ = "reviewer_texts"
    __table_args__ = (sa.CheckConstraint("analyser >= 1", name="analyser_is_numbered"),)

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    analyser: Mapped[int] = mapped_column(default=ANALYSER)
    stamp: Mapped[str] = mapped_column(sa.String(120))
    documents: Mapped[list[Any]] = mapped_column(default=list)  # kind and id of each, no text
    terms: Mapped[bytes] = mapped_column(sa.LargeBinary)  # as operations/texts.py packs them
    # One for each document, as operations/vectors.py packs them; None on a hub without a model.
    vectors: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    read_at: Mapped[datetime] = mapped_column(default=clock.now)


class ItemText(Model):
    """How alike each reviewer's documents are to one item, and what the nearest share with it."""

    __tablename__ = "item_texts"
    __table_args__ = (sa.CheckConstraint("length(people) = length(alike)", name="one_figure_each"),)

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
    )
    stamp: Mapped[str] = mapped_column(sa.String(120))
    people: Mapped[bytes] = mapped_column(sa.LargeBinary)  # ids, four bytes each
    alike: Mapped[bytes] = mapped_column(sa.LargeBinary)  # a float of four bytes for each
    shared: Mapped[dict[str, Any]] = mapped_column(default=dict)  # id to document and words
    vector: Mapped[bytes | None] = mapped_column(sa.LargeBinary)  # the item's own
    compared_at: Mapped[datetime] = mapped_column(default=clock.now)


def packed(people: Collection[int], alike: Collection[float]) -> tuple[bytes, bytes]:
    """As the columns of ItemText hold them."""
    return array("i", people).tobytes(), array("f", alike).tobytes()


def likeness_of(
    submission_id: int,
) -> tuple[Mapping[int, float], Mapping[int, tuple[str, ...]]]:
    """Per person from 0 to 1, and for the nearest what they share; empty before it was compared.

    The best counts in full, so that the facet tells people apart whatever the length of the texts.
    """
    row = db.session.execute(
        sa.select(ItemText.people, ItemText.alike, ItemText.shared).where(
            ItemText.submission_id == submission_id
        )
    ).first()
    if row is None:
        return {}, {}
    people, alike = array("i"), array("f")
    people.frombytes(row.people)
    alike.frombytes(row.alike)
    best = max(max(alike, default=0.0), LEAST_BEST)
    likeness = {
        who: round(value / best, 6) for who, value in zip(people, alike, strict=True) if value > 0
    }
    return likeness, {int(who): tuple(words) for who, words in row.shared.items()}


def shared_words(matched: Collection[str]) -> str:
    """What a text part matched, without a look at the database: the kind of document, the words."""
    return _told(matched, {})


def document_titles(matched: Collection[str]) -> dict[str, str]:
    """What the documents that text parts matched are called, by how they are named there."""
    kinds: dict[str, set[int]] = {PUBLICATION: set(), ITEM: set()}
    for name in matched:
        kind, _colon, number = name.partition(":")
        if kind in kinds and number.isdigit():
            kinds[kind].add(int(number))
    found: dict[str, str] = {}
    titles = (
        (PUBLICATION, sa.select(Publication.id, Publication.title), Publication.id),
        (ITEM, sa.select(Submission.id, Submission.title), Submission.id),
    )
    for kind, query, column in titles:
        if kinds[kind]:
            rows = db.session.execute(query.where(column.in_(kinds[kind])))
            found |= {f"{kind}:{number}": title for number, title in rows}
    return found


def text_words(matched: Collection[str], titles: Mapping[str, str]) -> str:
    """What a text part matched, with the document's title."""
    return _told(matched, titles)


def _told(matched: Collection[str], titles: Mapping[str, str]) -> str:
    if not matched:
        return ""
    document, *words = matched
    kind = document.partition(":")[0]
    title = titles.get(document, "")
    if kind == STATEMENT:
        named = _("their statement")
    elif kind == PUBLICATION:
        named = _("their publication “%(title)s”", title=title) if title else _("a publication")
    else:
        named = _("something they reviewed")
        named = _("“%(title)s”, which they reviewed", title=title) if title else named
    return f"{named}: {', '.join(words)}" if words else str(named)
