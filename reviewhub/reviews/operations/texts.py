"""Keeping the texts compared: the words of reviewers who changed, and the items that wait.

On a hub with a model the texts have vectors too, which vectors.py makes and packs. Only a worker
comes here: numpy and the index are loaded inside the functions that need them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import vectors
from reviewhub.reviews.texts import (
    ANALYSER,
    ITEM,
    PUBLICATION,
    STATEMENT,
    ItemText,
    ReviewerText,
    packed,
)
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.models import Membership
from reviewhub.roster.publications import Publication
from reviewhub.roster.workflow import MembershipState
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State

READ_TEXTS = "reviews.read_texts"
MOST_PEOPLE = 200  # read anew at a time
MOST_DOCUMENTS = 500  # read anew at a time where a model has to: half a minute
MOST_ITEMS = 100  # compared at a time
NAMED = 20  # people per item whose document and words are named
_Document = tuple[str, int, str]  # kind, id and text
_BYTES = 8 + 2 + 2  # of one counted term: its key, its document's place, how often

_index: tuple[str, Any] = ("", None)  # the worker's own: built once for as long as nothing changes


def encode_texts() -> int:
    """Have the model read what `read_texts` and `compare_items` will want, without any lock: it may
    take a minute, and writes nothing. Returns how many texts it read; none without a model."""
    if not vectors.model():
        return 0
    _gone, changed = _differing(_stamps())
    texts = [text for documents in changed.values() for _kind, _id, text in documents]
    rows = sa.select(ReviewerText.vectors).where(ReviewerText.person_id.in_(changed))
    held = list(db.session.scalars(rows))
    # Whoever has changed makes every item be compared anew.
    waiting = db.session.execute(_waiting("" if changed else _mark())).all()
    texts += [_text_of(submission) for submission, _row in waiting]
    held += [row.vector for _submission, row in waiting if row is not None]
    return vectors.prepare(texts, held)


def read_texts() -> int:
    """Read whoever changed, forget whoever left; returns how many people were looked at."""
    stamps = _stamps()
    gone, changed = _differing(stamps)
    if gone:
        db.session.execute(sa.delete(ReviewerText).where(ReviewerText.person_id.in_(gone)))
    for person_id, documents in changed.items():
        _keep(person_id, stamps[person_id], documents)
    db.session.flush()
    return len(changed) + len(gone)


def compare_items() -> int:
    """Compare the waiting items that were not, or not with what the roster has written since."""
    mark = _mark()
    if not mark:
        return 0
    waiting = db.session.execute(_waiting(mark)).all()
    if not waiting:
        return 0
    index = _index_of(mark)
    for submission, row in waiting:
        _compare(submission, row, index, mark)
    db.session.flush()
    return len(waiting)


def _differing(stamps: Mapping[int, str]) -> tuple[list[int], dict[int, list[_Document]]]:
    """Who is gone; and of the first of those who changed, all documents."""
    known: dict[int, str] = dict(
        db.session.execute(sa.select(ReviewerText.person_id, ReviewerText.stamp)).all()
    )
    gone = [person_id for person_id in known if person_id not in stamps]
    changed = sorted(who for who, stamp in stamps.items() if known.get(who) != stamp)[:MOST_PEOPLE]
    documents = _documents(changed)
    found: dict[int, list[_Document]] = {}
    total = 0
    for person_id in changed:
        total += len(documents[person_id])
        if found and total > MOST_DOCUMENTS and vectors.model():
            break
        found[person_id] = documents[person_id]
    return gone, found


def _stamps() -> dict[int, str]:
    """What tells whether somebody's documents have changed, without a look at any text."""
    published = (
        sa.select(
            Publication.membership_id,
            sa.func.count().label("number"),
            sa.func.max(Publication.id).label("last"),
        )
        .group_by(Publication.membership_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Membership.person_id, Membership.version, published.c.number, published.c.last)
        .outerjoin(published, published.c.membership_id == Membership.id)
        .where(Membership.state != MembershipState.ENDED)
    )
    reviewed = {
        person_id: (number, last, versions)
        for person_id, number, last, versions in db.session.execute(_reviewed())
    }
    read_by = f" {model}" if (model := vectors.model()) else ""
    return {
        person_id: f"{ANALYSER} {version} {number} {last} {reviewed.get(person_id)}{read_by}"
        for person_id, version, number, last in rows
    }


def _reviewed() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Assignment.person_id,
            sa.func.count(),
            sa.func.max(Submission.id),
            sa.func.sum(Submission.version),
        )
        .join(Submission, Submission.id == Assignment.submission_id)
        .where(Assignment.state == A.SUBMITTED, Submission.state == State.PUBLISHED)
        .group_by(Assignment.person_id)
    )


def _documents(person_ids: Sequence[int]) -> defaultdict[int, list[_Document]]:
    """Everything of theirs that may be compared, in a fixed order."""
    found: defaultdict[int, list[_Document]] = defaultdict(list)
    if not person_ids:
        return found
    statements = sa.select(Membership.person_id, Membership.id, Membership.statement)
    for who, id, text in db.session.execute(
        statements.where(Membership.person_id.in_(person_ids), Membership.statement != "")
    ):
        found[who].append((STATEMENT, id, text))
    works = (
        sa.select(Membership.person_id, Publication)
        .join(Membership, Membership.id == Publication.membership_id)
        .where(Membership.person_id.in_(person_ids))
        .order_by(Publication.id)
    )
    for who, work in db.session.execute(works):
        words = " ".join(str(word) for word in work.keywords)
        found[who].append((PUBLICATION, work.id, f"{work.title}. {work.abstract} {words}"))
    items = (
        sa.select(Assignment.person_id, Submission)
        .join(Submission, Submission.id == Assignment.submission_id)
        .where(
            Assignment.person_id.in_(person_ids),
            Assignment.state == A.SUBMITTED,
            Submission.state == State.PUBLISHED,  # what is public of it, and nothing said of it
        )
        .order_by(Submission.id)
    )
    for who, submission in db.session.execute(items):
        found[who].append((ITEM, submission.id, _text_of(submission)))
    return found


def _text_of(submission: Submission) -> str:
    return f"{submission.title}. {submission.title_en}. {submission.description}"


def _keep(person_id: int, stamp: str, documents: Sequence[_Document]) -> None:
    row = db.session.get(ReviewerText, person_id) or ReviewerText(person_id=person_id)
    row.analyser, row.stamp, row.read_at = ANALYSER, stamp, clock.now()
    row.documents = [[kind, id] for kind, id, _text in documents]
    texts = [text for _kind, _id, text in documents]
    row.terms, row.vectors = _packed_terms(texts), vectors.pack(texts, row.vectors)
    db.session.add(row)


def _packed_terms(texts: Sequence[str]) -> bytes:
    import numpy as np  # noqa: PLC0415 -- the worker's alone

    from reviewhub.matching.terms import key, terms  # noqa: PLC0415

    keys, places, counts = [], [], []
    for place, text in enumerate(texts):
        for term, count in terms(text).items():
            keys.append(key(term))
            places.append(place)
            counts.append(min(count, 0xFFFF))
    return (
        np.array(keys, dtype="<i8").tobytes()
        + np.array(places, dtype="<u2").tobytes()
        + np.array(counts, dtype="<u2").tobytes()
    )


def _mark() -> str:
    """What the roster's texts are now; empty where there are none."""
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.max(ReviewerText.read_at),
            sa.func.sum(sa.func.length(ReviewerText.terms)),
            sa.func.sum(sa.func.length(ReviewerText.vectors)),
        )
    ).one()
    number, last, length, read = row
    if not number or not length:
        return ""
    return f"{number} {last.isoformat()} {length} {read or 0} {vectors.model()}"


def _waiting(mark: str) -> sa.Select[*tuple[Any, ...]]:
    """Items for which reviewers may be looked for, and whose figures are of another time; with the
    row of these."""
    is_open = sa.exists().where(
        ReviewRound.submission_id == Submission.id, ReviewRound.closed_at.is_(None)
    )
    now = sa.literal(mark + " ") + sa.cast(Submission.version, sa.String)
    return (
        sa.select(Submission, ItemText)
        .outerjoin(ItemText, ItemText.submission_id == Submission.id)
        .where(
            sa.or_(Submission.state == State.SUBMITTED, is_open),
            sa.or_(ItemText.stamp.is_(None), ItemText.stamp != now),
        )
        .order_by(Submission.id)
        .limit(MOST_ITEMS)
    )


def _index_of(mark: str) -> Any:
    global _index
    if _index[0] != mark:
        rows = db.session.execute(
            sa.select(
                ReviewerText.person_id,
                ReviewerText.documents,
                ReviewerText.terms,
                ReviewerText.stamp,
                ReviewerText.vectors,
            )
            .order_by(ReviewerText.person_id)
            .execution_options(yield_per=500)
        )
        _index = (mark, _build(rows))
    return _index[1]


def _build(rows: Iterable[Any]) -> tuple[Any, list[str]]:
    """The index, and how each of its documents is named."""
    import numpy as np  # noqa: PLC0415 -- the worker's alone

    from reviewhub.matching.text import TextIndex  # noqa: PLC0415
    from reviewhub.matching.vectors import ByMeaning, VectorIndex  # noqa: PLC0415

    reviewers: list[int] = []
    names: list[str] = []
    keys, places, counts = [], [], []
    model, held = vectors.model(), []
    for person_id, documents, packed_terms, stamp, packed_vectors in rows:
        number = len(packed_terms) // _BYTES
        keys.append(np.frombuffer(packed_terms, "<i8", number))
        own = np.frombuffer(packed_terms, "<u2", number, offset=8 * number)
        places.append(own.astype(np.int64) + len(names))
        counts.append(np.frombuffer(packed_terms, "<u2", number, offset=10 * number))
        reviewers += [person_id] * len(documents)
        names += [f"{kind}:{id}" for kind, id in documents]
        if documents and model:
            read = vectors.unpack(packed_vectors, len(documents))
            # Until the model has read everybody, they are told apart by words, all alike.
            model = model if read is not None and stamp.endswith(model) else ""
            held.append(read)
    words = TextIndex.of_counts(
        reviewers,
        range(len(names)),
        np.concatenate(places).astype(np.int64),
        np.concatenate(keys).astype(np.int64),
        np.concatenate(counts).astype(np.float64),
    )
    if not model:
        return words, names
    meanings = VectorIndex.of_vectors(
        reviewers, range(len(names)), np.concatenate(held), vectors.Source()
    )
    return ByMeaning(words=words, vectors=meanings), names


def _compare(
    submission: Submission, row: ItemText | None, built: tuple[Any, list[str]], mark: str
) -> None:
    index, names = built
    text = _text_of(submission)
    row = row or ItemText(submission_id=submission.id)
    row.vector = vectors.pack([text], row.vector)
    alike = index.scores(text).tolist()
    people = index.reviewer_ids.tolist()
    nearest = sorted(zip(alike, people, strict=True), key=lambda one: (-one[0], one[1]))[:NAMED]
    evidence = index.evidence_of_each(text, [who for value, who in nearest if value > 0])
    shared: Mapping[str, Any] = {
        str(who): [names[found.document_id], *(term for term, _share in found.terms)]
        for who, found in evidence.items()
    }
    row.people, row.alike = packed(people, alike)
    row.shared, row.compared_at = dict(shared), clock.now()
    row.stamp = f"{mark} {submission.version}"
    db.session.add(row)
