"""Keeping a process's memory of the index in step with the database: one check per request."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _
from reviewhub.library.analyser import VERSION
from reviewhub.library.index import changes, postings
from reviewhub.library.index.changes import State
from reviewhub.library.index.describing import placed
from reviewhub.library.index.lines import Line
from reviewhub.library.index.memory import Memory
from reviewhub.library.models import Resource, ResourceTerm
from reviewhub.library.ranking import day_number
from reviewhub.library.workflow import ResourceState
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

MOST_MISSED = 300  # changes; with more, reading everything is quicker
_PROBES = 40
_SHOWN = Resource.state == ResourceState.PUBLISHED
_SEEN = (
    Resource.id, Resource.rank_scope, Resource.rank_breadth, Resource.rank_date,
    Resource.rank_title, Resource.published_at, Resource.section_id, Resource.document_type_id,
    Resource.scope,
)  # fmt: skip


class OtherAnalyser(DomainError):
    """The index was made by another version of the hub."""

    status = 503


class _Kept:
    """The memory of this process, the state it shows, and every state it has been through."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.memory = Memory()
        self.seen: State | None = None
        self.past: dict[int, str] = {}


_kept = _Kept()


@contextmanager
def up_to_date() -> Iterator[Memory]:
    """The memory, holding everything that this session can see; nobody changes it meanwhile.

    Raises OtherAnalyser.
    """
    state = changes.current()
    events = catalogue().find(Vocabulary.SECTIONS, "events")
    with _kept.lock:
        _follow(state)
        _kept.memory.look_at(day_number(clock.today()), events.id if events else None)
        yield _kept.memory


def forget() -> None:
    """Let this process read everything anew when it is next asked."""
    with _kept.lock:
        _kept.seen = None


def check_analyser(state: State) -> None:
    """Raises OtherAnalyser where this version of the hub would file and ask differently."""
    if state.analyser == VERSION or (not state.analyser and not _anything_shown()):
        return
    if not state.analyser and changes.current().analyser == VERSION:
        return  # the very first publication came in between
    raise OtherAnalyser(
        _(
            "The library's index was made by another version of this hub. Whoever runs the "
            "hub makes it anew with the command: reviewhub search rebuild"
        )
    )


def is_outdated() -> bool:
    """Whether the index has to be made anew before anybody can search."""
    try:
        check_analyser(changes.current())
    except OtherAnalyser:
        return True
    return False


def claim_or_check(resource_id: int) -> None:
    """Before filing a resource: an index with nothing else in it is this analyser's from now on.

    Raises OtherAnalyser.
    """
    state = changes.current()
    if state.analyser or _anything_shown(besides=resource_id):
        check_analyser(state)
    else:
        changes.claim()


def _anything_shown(besides: int = 0) -> bool:
    rows = sa.select(Resource.id).where(_SHOWN, Resource.id != besides).limit(1)
    return db.session.scalar(rows) is not None


def _follow(state: State) -> None:
    while changes.undone:
        if changes.undone.popleft() in _kept.past.values():
            _kept.seen = None
    known = _kept.seen
    if known == state or (known and _kept.past.get(state.version) == state.stamp):
        return  # a session that began a moment ago may see less than another has brought in
    check_analyser(state)
    missed = changes.since(known) if known and known.version < state.version else None
    if missed is None or len(missed) > MOST_MISSED:
        _read_anew(state)
    else:
        _catch_up(state, missed)


def _read_anew(state: State) -> None:
    memory, rows = Memory(), db.session.connection()
    by_title = sa.select(Resource.id, Resource.rank_date).where(_SHOWN)
    by_arrival = sa.select(Resource.id).where(_SHOWN)
    memory.fill(
        postings.kept(),
        ((id, date) for id, date in
         rows.execute(by_title.order_by(Resource.rank_title, Resource.id))),
        (id for (id,) in
         rows.execute(by_arrival.order_by(
             Resource.published_at.desc(), Resource.rank_date, Resource.id.desc()))),
    )  # fmt: skip
    _kept.memory, _kept.seen, _kept.past = memory, state, {state.version: state.stamp}


def _catch_up(state: State, missed: list[tuple[int, str, int]]) -> None:
    changed = {resource_id for _version, _stamp, resource_id in missed}
    _kept.seen = None  # until all of it is in
    for id in changed:
        _kept.memory.remove(id)
    filing, probed = filing_of(changed), set[int]()
    for row in db.session.execute(
        sa.select(*_SEEN).where(Resource.id.in_(changed), _SHOWN).order_by(Resource.id)
    ).all():
        _kept.memory.add(
            placed(row, filing.get(row.id, ())),
            title_place=_place(_kept.memory.titles, row, _title_key, probed),
            arrival_place=_place(_kept.memory.arrivals, row, _arrival_key, probed),
        )
    _kept.past |= {version: stamp for version, stamp, _id in missed}
    last = max(missed)[:2] if missed else (state.version, state.stamp)
    _kept.seen = State(*last, state.analyser)
    later = changes.since(_kept.seen)
    if later is None or not probed.isdisjoint(id for _version, _stamp, id in later):
        _read_anew(changes.current())  # what others were placed by has changed in between
    while len(_kept.past) > changes.KEPT:
        del _kept.past[min(_kept.past)]


def filing_of(ids: Collection[int]) -> dict[int, list[Any]]:
    """The filing of these resources, as rows in their order."""
    filing: dict[int, list[Any]] = {}
    for row in db.session.execute(
        sa.select(ResourceTerm.resource_id, ResourceTerm.term_id, ResourceTerm.is_primary)
        .where(ResourceTerm.resource_id.in_(ids))
        .order_by(ResourceTerm.resource_id, ResourceTerm.position)
    ):
        filing.setdefault(row.resource_id, []).append(row)
    return filing


def _place(line: Line, row: Any, key: Callable[[Any], tuple[Any, ...]], probed: set[int]) -> int:
    """Where a resource belongs among those whose titles or moments only the database knows.

    Narrowed down by a few dozen at a time.
    """
    wanted, low, high = key(row), 0, len(line)
    while low < high:
        step = max(1, (high - low) // _PROBES)
        probes = range(low, high, step)
        keys = _keys([line.numbers[place] for place in probes], key)
        probed.update(keys)
        before = [place for place in probes if keys[line.numbers[place]] < wanted]
        low, high = (before[-1] + 1, min(high, before[-1] + step)) if before else (low, low)
    return low


def _keys(ids: Sequence[int], key: Callable[[Any], tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    rows = db.session.execute(
        sa.select(
            Resource.id, Resource.rank_title, Resource.rank_date, Resource.published_at
        ).where(Resource.id.in_(ids))
    )
    return {row.id: key(row) for row in rows}


def _title_key(row: Any) -> tuple[Any, ...]:
    return row.rank_title, row.id


def _arrival_key(row: Any) -> tuple[Any, ...]:
    return -row.published_at.timestamp(), row.rank_date, -row.id
