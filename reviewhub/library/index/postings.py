"""The rows of the index: which resources stand under a term, as bitmaps of 65,536 resources each.

A resource's place in a bitmap is its own number. The names of terms:

    a:<stem>   words of all its text      t:<stem>   words of its title
    f:<id>     filed under this term      p:<id>     and first of all under this one
    r:<tier>   first parts of its rank    g:         answers for the whole world
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap

from reviewhub.core.db import Model, db
from reviewhub.library.models import Posting

TEXT, TITLE, FILED, PRIMARY, TIER, WORLD = "a:", "t:", "f:", "p:", "r:", "g:"
KEPT = (FILED, PRIMARY, TIER, WORLD)  # what a process keeps in memory
MOST_BEGINNINGS = 50
_CHUNK_BITS = 16
_AT_ONCE = 400  # terms asked for in one statement
_LAST = "\U0010ffff"

_ROWS = Model.metadata.tables[Posting.__tablename__]
# Past the mapper, and put together once: these run for every reader.
_UNDER = sa.select(_ROWS.c.term, _ROWS.c.bits).where(
    _ROWS.c.term.in_(sa.bindparam("terms", expanding=True))
)
_UPSERT = sa.text(
    "INSERT INTO search_postings (term, chunk, bits) VALUES (:term, :chunk, :bits) "
    "ON CONFLICT (term, chunk) DO UPDATE SET bits = excluded.bits"
)
_DELETE = sa.text("DELETE FROM search_postings WHERE term = :term AND chunk = :chunk")


def chunk_of(number: int) -> int:
    """The chunk in which a resource has its place."""
    return number >> _CHUNK_BITS


def under(terms: Collection[str]) -> dict[str, BitMap]:
    """What stands under each of these terms; terms with nothing are left out."""
    found: dict[str, BitMap] = {}
    asked = list(terms)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        _gather(found, db.session.connection().execute(_UNDER, {"terms": some}))
    return found


def beginning(prefixes: Collection[str]) -> dict[str, BitMap]:
    """What stands under terms that begin like these, a few terms of each at most."""
    found: dict[str, BitMap] = {}
    for prefix in prefixes:
        terms = db.session.scalars(
            sa.select(Posting.term)
            .where(Posting.term >= prefix, Posting.term < prefix + _LAST)
            .distinct()
            .order_by(Posting.term)
            .limit(MOST_BEGINNINGS)
        ).all()
        bitmaps = under(terms).values()
        if bitmaps:
            found[prefix] = BitMap.union(*bitmaps)
    return found


def kept() -> Iterator[tuple[str, BitMap]]:
    """Everything that a process keeps in memory, by term."""
    found: dict[str, BitMap] = {}
    for kind in KEPT:
        _gather(found, db.session.execute(_of_kind(kind)))
    return iter(found.items())


def file(number: int, terms: Collection[str], *, instead_of: Collection[str] | None = None) -> None:
    """Let a resource stand under these terms and no others.

    `instead_of` are terms of words that it may stand under so far; None says that it is new.
    """
    chunk, changed = chunk_of(number), {term: BitMap([number]) for term in terms}
    looked_at = set(terms) if instead_of is None else {*terms, *instead_of}
    kinds = () if instead_of is None else KEPT
    for term, bits in _rows_in(chunk, looked_at, kinds):
        bitmap = BitMap.deserialize(bits)
        if (number in bitmap) == (term in terms):
            changed.pop(term, None)  # as it should be
        else:
            changed[term] = bitmap ^ BitMap([number])
    _store(changed, chunk)


def write(added: Mapping[str, BitMap], chunk: int) -> None:
    """Add resources of one chunk to what stands under each term."""
    merged = dict(added)
    for term, bits in _stored(chunk, list(added)):
        merged[term] = BitMap.deserialize(bits) | added[term]
    _store(merged, chunk)


def clear() -> None:
    """Empty the index."""
    db.session.execute(sa.delete(Posting))


def sample(size: int, kinds: Collection[str]) -> dict[str, BitMap]:
    """What stands under some terms of these kinds, spread over all of them."""
    names = [
        term
        for kind in kinds
        for term in db.session.scalars(
            _of_kind(kind).with_only_columns(Posting.term).distinct().order_by(Posting.term)
        )
    ]
    return under(names[:: max(1, len(names) // size)][:size])


def _gather(found: dict[str, BitMap], rows: Iterable[Any]) -> None:
    for term, bits in rows:
        bitmap = BitMap.deserialize(bits)
        if term in found:
            found[term] |= bitmap
        else:
            found[term] = bitmap


def _of_kind(kind: str) -> sa.Select[Any, Any]:
    return sa.select(Posting.term, Posting.bits).where(
        Posting.term >= kind, Posting.term < kind + _LAST
    )


def _rows_in(chunk: int, terms: Collection[str], kinds: Collection[str]) -> Iterator[Any]:
    yield from _stored(chunk, [term for term in terms if term[:2] not in kinds])
    for kind in kinds:
        yield from db.session.execute(_of_kind(kind).where(Posting.chunk == chunk))


def _stored(chunk: int, terms: list[str]) -> Iterator[Any]:
    for start in range(0, len(terms), _AT_ONCE):
        rows = db.session.execute(
            sa.select(Posting.term, Posting.bits).where(
                Posting.chunk == chunk, Posting.term.in_(terms[start : start + _AT_ONCE])
            )
        )
        yield from rows


def _store(bitmaps: Mapping[str, BitMap], chunk: int) -> None:
    """In the order of the terms, so that two at once never wait for each other in a circle."""
    by_emptiness: dict[bool, list[dict[str, object]]] = defaultdict(list)
    for term in sorted(bitmaps):
        bitmap = bitmaps[term]
        bitmap.run_optimize()
        row: dict[str, object] = {"term": term, "chunk": chunk}
        by_emptiness[not bitmap].append({**row, "bits": bitmap.serialize()} if bitmap else row)
    for is_empty, rows in by_emptiness.items():
        db.session.execute(_DELETE if is_empty else _UPSERT, rows)
