"""The desk's list: what waits for whom, the most urgent first, fifty rows at a time.

A row is found in the index of what is open, which holds as little as a team has in hand; columns
are read, no objects. A statement is put together once for each kind of question.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.admin import sight
from reviewhub.admin.filters import Filter, Sort, Whose
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.submissions.models import Progress, Submission, SubmissionTerm
from reviewhub.submissions.workflow import ON_THE_DESK, OPEN, State

PAGE = 50
# In these states the next step is an editor's: in the other open ones somebody else has to act.
STAFF_ACTS = ON_THE_DESK - {State.IN_REVIEW}

s, p = Submission.__table__.c, Progress.__table__.c
_filed = SubmissionTerm.__table__.c
_people = Person.__table__
_owner, _editor = _people.alias("owner"), _people.alias("editor")
_MOST = sa.bindparam("most", type_=sa.Integer)
_me, _now = sa.bindparam("me", type_=sa.Integer), sa.bindparam("now", type_=p.due_at.type)
# Written out, not as parameters: so both databases know that the index of what is open answers.
IS_OPEN = p.state.in_([sa.literal_column(f"'{state}'") for state in State if state in OPEN])


class QueueRow(NamedTuple):
    """One line of the list. `reviews` is None where there are none, or the viewer may not know."""

    id: int
    ref: str
    title: str
    language: str
    state: State
    since: datetime
    due_at: datetime | None
    editor: str
    owner: str
    owner_is_viewer: bool
    reviews: tuple[int, int] | None
    short: bool
    by_itself: bool

    def days(self, now: datetime) -> int:
        """Days in the present state."""
        return max((now - self.since).days, 0)

    def key(self, sort: Sort) -> str:
        """Where the next page goes on: after this moment, if the order has one, and number."""
        moment = {Sort.DUE: self.due_at, Sort.SINCE: self.since, Sort.NEWEST: None}[sort]
        return f"{moment.isoformat() if moment else ''}|{self.id}"


def rows(wanted: Filter, actor: Actor, *, after: str = "", most: int = 0) -> list[QueueRow]:
    """At most `most` rows (PAGE + 1 unless said otherwise) from the key `after` on.

    By due date, those without one come last: two short queries, so that each follows an index.
    """
    most = most or PAGE + 1
    moment, _, last = after.partition("|")
    number = int(last) if last.isdigit() and last.isascii() and len(last) < 19 else None
    given = {**_parameters(wanted, actor), "last": number, "from": _moment(moment)}
    goes_on = number is not None
    if wanted.order is not Sort.DUE:
        goes_on = goes_on and (wanted.order is Sort.NEWEST or given["from"] is not None)
        found = _read(_Shape.of(wanted, wanted.order, goes_on), given, most)
    else:
        found = []
        if moment or not goes_on:
            goes_on = goes_on and given["from"] is not None
            found = _read(_Shape.of(wanted, Sort.DUE, goes_on), given, most)
            goes_on = False
        if len(found) < most:
            found += _read(_Shape.of(wanted, None, goes_on), given, most - len(found))
    part_of = sight.items_of(actor, [row[0] for row in found])
    return [_row(row, actor, part_of) for row in found]


def needs(actor_id: sa.ColumnElement[Any], now: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """What this person can move on: theirs or nobody's, and never their own suggestion."""
    short = Progress.__table__.alias("short")
    item = Submission.__table__.alias("item")
    own = sa.select(item.c.id).where(item.c.submitter_id == actor_id)
    timed = sa.select(item.c.id).where(item.c.id == p.submission_id, item.c.publish_at.is_not(None))
    return sa.and_(
        IS_OPEN,
        sa.or_(
            p.state.in_([sa.literal_column(f"'{state}'") for state in sorted(STAFF_ACTS)]),
            sa.and_(p.state == sa.literal_column(f"'{State.IN_REVIEW}'"), p.due_at < now),
            p.submission_id.in_(
                sa.select(short.c.submission_id).where(short.c.shortage.is_not(None))
            ),
        ),
        # Nobody's counts as theirs.
        sa.or_(
            sa.func.coalesce(p.owner_id, p.editor_id, actor_id) == actor_id,
            p.editor_id == actor_id,
        ),
        # What goes public by itself needs nobody.
        sa.not_(
            sa.and_(
                p.state == sa.literal_column(f"'{State.APPROVED}'"),
                timed.correlate(Progress.__table__).exists(),
            )
        ),
        p.submission_id.not_in(own),
    )


@dataclass(frozen=True)
class _Shape:
    """What kind of question it is, without its values: there is one statement for each.

    `order` is None for the undated rest of the list by date.
    """

    whose: Whose
    order: Sort | None
    goes_on: bool
    is_closed: bool
    has_state: bool
    overdue: bool
    has_topic: bool
    search: str

    @classmethod
    def of(cls, wanted: Filter, order: Sort | None, goes_on: bool) -> "_Shape":
        kind = "" if not wanted.text else "ref" if wanted.ref else "words"
        return cls(
            wanted.whose, order, goes_on, wanted.is_closed, wanted.state is not None,
            wanted.overdue, wanted.topic_id is not None, kind,
        )  # fmt: skip

    @property
    def only_open(self) -> bool:
        """Whether the index of what is open answers."""
        return not self.is_closed and not self.search


def _parameters(wanted: Filter, actor: Actor) -> dict[str, Any]:
    ref = wanted.ref
    return {
        "me": actor.person_id, "now": clock.now(), "state": wanted.state,
        "topic": wanted.topic_id, "text": f"%{_escaped(wanted.text)}%",
        "tail": f"%{_escaped(wanted.text)}",
        "ref": ref, "beyond": f"{ref}\U0010ffff",
    }  # fmt: skip


def _escaped(text: str) -> str:
    """For LIKE, in which two signs mean more than themselves."""
    for sign in "/%_":
        text = text.replace(sign, f"/{sign}")
    return text


def _read(shape: _Shape, given: Mapping[str, Any], most: int) -> list[Any]:
    return list(db.session.execute(_statement(shape), {**given, "most": most}).all())


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> sa.Select[Any]:
    if not shape.only_open:
        whole = _rows_of(_tables()).where(*_conditions(shape), *_place(shape))
        return whole.order_by(*_order(shape)).limit(_MOST)
    # The index of what is open knows the order and nearly all of the conditions: only what is
    # shown is fetched and joined. PostgreSQL would join first, expecting a single row.
    shown = (
        sa.select(p.submission_id)
        .where(*_conditions(shape), *_place(shape))
        .order_by(*_order(shape))
        .limit(_MOST)
        .subquery("shown")
    )
    tables = _tables().join(shown, shown.c.submission_id == p.submission_id)
    return _rows_of(tables).order_by(*_order(shape))


def _rows_of(tables: sa.FromClause) -> sa.Select[Any]:
    return (
        sa.select(
            s.id, s.ref, s.title, s.language, p.state, p.since, p.due_at, p.owner_id,
            p.reviews_received, p.reviews_expected, p.shortage.is_not(None).label("short"),
            s.publish_at.is_not(None).label("is_timed"), _name(_owner), _name(_editor),
        )
        .select_from(tables)
    )  # fmt: skip


def _tables() -> sa.FromClause:
    return (
        Progress.__table__.join(Submission.__table__, s.id == p.submission_id)
        .outerjoin(_owner, _owner.c.id == p.owner_id)
        .outerjoin(_editor, _editor.c.id == p.editor_id)
    )


def _name(people: Any) -> sa.ColumnElement[str]:
    shown = sa.func.coalesce(sa.func.nullif(people.c.name, ""), people.c.email, "")
    return shown.label(people.name)


def _order(shape: _Shape) -> list[sa.ColumnElement[Any]]:
    if shape.order is Sort.DUE:
        return [p.due_at, p.submission_id]
    if shape.order is Sort.SINCE:
        return [p.since, p.submission_id]
    return [s.id.desc()] if shape.is_closed or shape.search else [p.submission_id.desc()]


def _place(shape: _Shape) -> list[sa.ColumnElement[bool]]:
    """Which stretch of the list: its dated or undated part, and what comes after a row."""
    found: list[sa.ColumnElement[bool]] = []
    last = sa.bindparam("last", type_=sa.Integer)
    if shape.order in {Sort.DUE, Sort.SINCE}:
        column = p.due_at if shape.order is Sort.DUE else p.since
        found.append(column.is_not(None))
        if shape.goes_on:
            start = sa.bindparam("from", type_=column.type)
            key = sa.tuple_(column, p.submission_id)
            found += [column >= start, key > sa.tuple_(start, last)]
        return found
    if shape.order is None:
        found.append(p.due_at.is_(None))
    return [*found, p.submission_id < last] if shape.goes_on else found


def _conditions(shape: _Shape) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [IS_OPEN] if shape.only_open else []
    if shape.has_state:
        column = s.state if shape.is_closed else p.state
        found.append(column == sa.bindparam("state", type_=column.type))
    if shape.search and not shape.has_state:
        found.append(p.state != State.DRAFT)
    if shape.whose is Whose.ACTION:
        found.append(needs(_me, _now))
    elif shape.whose is Whose.MINE:
        # Not as plain columns: SQLite would go through all that this person ever had in hand.
        found.append(
            sa.or_(sa.func.coalesce(p.editor_id, 0) == _me, sa.func.coalesce(p.owner_id, 0) == _me)
        )
    elif shape.whose is Whose.UNOWNED:
        found.append(p.editor_id.is_(None))
    if shape.overdue:
        found.append(p.due_at < _now)
    if shape.has_topic:
        topic = sa.bindparam("topic", type_=sa.Integer)
        found.append(
            sa.exists().where(_filed.submission_id == p.submission_id, _filed.term_id == topic)
        )
    return [*found, *_search(shape)]


def _search(shape: _Shape) -> list[sa.ColumnElement[bool]]:
    """By reference, or by words of the title or of the submitter's name."""
    if shape.search == "ref":
        return [s.ref >= sa.bindparam("ref"), s.ref < sa.bindparam("beyond")]
    if not shape.search:
        return []
    text = sa.bindparam("text", type_=sa.String)
    named = sa.select(_people.c.id).where(_contains(_people.c.name, text))
    return [
        sa.or_(
            _contains(s.title, text), _contains(s.title_en, text),
            s.ref.like(sa.bindparam("tail", type_=sa.String), escape="/"),
            s.submitter_id.in_(named),
        )
    ]  # fmt: skip


def _contains(column: Any, text: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).like(sa.func.lower(text), escape="/")


def _row(row: Any, actor: Actor, part_of: Set[int]) -> QueueRow:
    (
        number, ref, title, language, state, since, due_at, owner_id,
        received, expected, short, is_timed, owner, editor,
    ) = row  # fmt: skip
    # The one who acts may be a reviewer, so that is kept from whoever is part of the item as well.
    hidden = number in part_of
    has_reviews = expected and state is not State.SUBMITTED and not hidden
    return QueueRow(
        number, ref, title, language, state, since, due_at,
        editor, editor if hidden else owner or editor,
        owner_is_viewer=owner_id is not None and owner_id == actor.person_id,
        reviews=(received, expected) if has_reviews else None,
        short=short and not hidden,
        by_itself=is_timed and state is State.APPROVED,
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
