"""The desk's list: what waits for whom, the most urgent first, fifty rows at a time."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.admin import sight
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.text import clean_line
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions.models import Progress, Submission, SubmissionTerm
from reviewhub.submissions.workflow import OPEN, State

PAGE = 50
MOST_COUNTED = 1_000  # a longer list is shown as "1000+", so that no figure needs a full count
# In these states the next step is an editor's.
STAFF_ACTS = frozenset({State.SUBMITTED, State.REVIEWED, State.APPROVED})
# A draft is its author's alone until it is sent.
SHOWN = tuple(state for state in State if state is not State.DRAFT)


class Whose(StrEnum):
    """Whose items the list shows."""

    ACTION = "action"
    MINE = "mine"
    UNOWNED = "unowned"
    ALL = "all"


@dataclass(frozen=True)
class Filter:
    """What the address asks for; every combination is a link that can be shared."""

    whose: Whose = Whose.ALL
    state: State | None = None
    overdue: bool = False
    topic_id: int | None = None
    text: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether the list is of items that are done with: the newest first, without dates."""
        return self.state is not None and self.state not in OPEN and not self.overdue

    @classmethod
    def read(cls, given: Any, actor: Actor, topic_id: int | None) -> Self:
        """The filter in an address; whatever it does not understand is left out.

        Without any, an editor sees what needs them.
        """
        state = next((state for state in SHOWN if state == given.get("state")), None)
        text = clean_line(given.get("q", ""))[:200]
        overdue = given.get("due") == "overdue"
        whose = next((whose for whose in Whose if whose == given.get("whose")), None)
        if whose is None:
            chosen = state is not None or topic_id is not None or overdue or bool(text)
            whose = Whose.ALL if chosen or not actor.has(Role.EDITOR) else Whose.ACTION
        return cls(whose, state, overdue, topic_id, text)


@dataclass(frozen=True)
class QueueRow:
    """One line of the list. `panel` is None where the viewer may not see it."""

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

    @property
    def key(self) -> str:
        """Where the next page goes on: dated rows first, then those without a date."""
        return f"{self.due_at.isoformat() if self.due_at else ''}|{self.id}"


@dataclass(frozen=True)
class Counts:
    """The figures beside the filters, none of them above MOST_COUNTED + 1."""

    by_state: dict[State, int]
    overdue: int
    action: int

    @staticmethod
    def shown(number: int) -> int | str:
        """One of the figures as it is written: 12, or "1000+"."""
        return number if number <= MOST_COUNTED else f"{MOST_COUNTED}+"


def _up_to(query: sa.Select[Any]) -> Any:
    """How many rows a query has, counted no further than one beyond MOST_COUNTED."""
    some = query.limit(MOST_COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


_STATES = sa.select(
    *(_up_to(sa.select(Submission.id).where(Submission.state == state)) for state in SHOWN)
)
_owner, _editor = aliased(Person), aliased(Person)
_COLUMNS = (
    Submission.id, Submission.ref, Submission.title, Submission.language, Submission.state,
    Progress.since, Progress.due_at, Progress.owner_id, Progress.reviews_received,
    Progress.reviews_expected, Progress.shortage, Submission.publish_at, _owner.name, _owner.email,
    _editor.name, _editor.email,
)  # fmt: skip


def rows(wanted: Filter, actor: Actor, *, after: str = "") -> list[QueueRow]:
    """At most PAGE + 1 rows from `after` on: by due date, then those that have none.

    Two short queries, so that each follows an index however long the list is.
    """
    due, _, last = after.partition("|")
    number = int(last) if last.isdigit() and last.isascii() and len(last) < 19 else None
    found: list[Any] = []
    if wanted.is_closed:  # nothing more is due there
        found = _undated(wanted, actor, number, PAGE + 1)
    elif due or number is None:
        found += _dated(wanted, actor, _moment(due), number)
    if len(found) <= PAGE and not wanted.is_closed:
        found += _undated(wanted, actor, number if not due else None, PAGE + 1 - len(found))
    part_of = sight.items_of(actor, [row[0] for row in found])
    return [_row(row, actor, hidden=row[0] in part_of) for row in found]


def counts(actor: Actor) -> Counts:
    """How many items are in each state (drafts aside), overdue, and waiting for this viewer."""
    late = sa.select(Progress.submission_id).where(
        Progress.due_at < clock.now(), Progress.submission_id == Submission.id, _is_open()
    )
    waiting = sa.select(Submission.id).where(
        Progress.submission_id == Submission.id, *_conditions(Filter(Whose.ACTION), actor)
    )
    overdue, action = db.session.execute(sa.select(_up_to(late), _up_to(waiting))).one()
    found = zip(SHOWN, db.session.execute(_STATES).one(), strict=True)
    return Counts({state: number for state, number in found if number}, overdue, action)


@dataclass(frozen=True)
class ApplicationCounts:
    """Roster applications that wait for a manager, and how many of them are late."""

    waiting: int
    overdue: int


def applications() -> ApplicationCounts:
    """The strip for roster managers."""
    late = sa.case((Application.due_at < clock.now(), 1), else_=0)
    waiting, overdue = db.session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(late), 0)).where(
            Application.state == ApplicationState.SUBMITTED
        )
    ).one()
    return ApplicationCounts(waiting, overdue)


def _dated(wanted: Filter, actor: Actor, due: datetime | None, last: int | None) -> list[Any]:
    query = _select(wanted, actor).where(Progress.due_at.is_not(None))
    if due is not None and last is not None:
        key = sa.tuple_(Progress.due_at, Progress.submission_id)
        query = query.where(
            Progress.due_at >= due, key > sa.tuple_(sa.literal(due, Progress.due_at.type), last)
        )
    query = query.order_by(Progress.due_at, Progress.submission_id).limit(PAGE + 1)
    return list(db.session.execute(query))


def _undated(wanted: Filter, actor: Actor, last: int | None, most: int) -> list[Any]:
    query = _select(wanted, actor)
    if not wanted.is_closed:
        query = query.where(Progress.due_at.is_(None))
    if last is not None:
        query = query.where(Submission.id < last)
    return list(db.session.execute(query.order_by(Submission.id.desc()).limit(most)))


def _select(wanted: Filter, actor: Actor) -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS)
        .join(Progress, Progress.submission_id == Submission.id)
        .outerjoin(_owner, _owner.id == Progress.owner_id)
        .outerjoin(_editor, _editor.id == Progress.editor_id)
        .where(*_conditions(wanted, actor))
    )


def _conditions(wanted: Filter, actor: Actor) -> list[sa.ColumnElement[bool]]:
    found = [Submission.state == wanted.state if wanted.state else Submission.state.in_(SHOWN)]
    if wanted.whose is Whose.ACTION:
        found += _needs(actor)
    elif wanted.whose is Whose.MINE:
        found += [
            sa.or_(Progress.editor_id == actor.person_id, Progress.owner_id == actor.person_id)
        ]
    elif wanted.whose is Whose.UNOWNED:
        found += [Progress.editor_id.is_(None), _is_open()]
    elif wanted.state is None and not wanted.text:
        found += [_is_open()]
    if wanted.overdue:
        found += [Progress.due_at < clock.now()]
    if wanted.topic_id is not None:
        filed = sa.select(SubmissionTerm.submission_id).where(
            SubmissionTerm.term_id == wanted.topic_id
        )
        found += [Submission.id.in_(filed)]
    return [*found, *_search(wanted.text)]


def _needs(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """What this person can move on: theirs or nobody's, and never their own suggestion."""
    me = actor.person_id
    # Nobody's counts as theirs. Not an OR of plain columns: SQLite would go through all that this
    # person ever had in hand, where few items are open.
    acts = sa.func.coalesce(Progress.owner_id, Progress.editor_id, me)
    return [
        sa.or_(
            Submission.state.in_(STAFF_ACTS),
            Progress.shortage.is_not(None),
            sa.and_(Submission.state == State.IN_REVIEW, Progress.due_at < clock.now()),
        ),
        Submission.publish_at.is_(None),  # what goes public by itself needs nobody
        _is_open(),
        sa.or_(acts == me, Progress.editor_id == me),
        Submission.submitter_id.is_distinct_from(me),
    ]


def _search(text: str) -> list[sa.ColumnElement[bool]]:
    if not text:
        return []
    if text.upper().startswith("RH-"):
        return [Submission.ref.startswith(text.upper(), autoescape=True)]
    return [
        sa.or_(
            Submission.title.icontains(text, autoescape=True),
            Submission.title_en.icontains(text, autoescape=True),
            Submission.ref.endswith(text, autoescape=True),
        )
    ]


def _is_open() -> sa.ColumnElement[bool]:
    return Submission.state.in_(OPEN)


def _row(row: Any, actor: Actor, *, hidden: bool) -> QueueRow:
    (number, ref, title, language, state, since, due_at, owner_id, received, expected, shortage,
     publish_at, owner, owner_email, editor, editor_email) = row  # fmt: skip
    shown = QueueRow(
        number, ref, title, language, state, since, due_at,
        editor=editor or editor_email or "", owner=owner or owner_email or "",
        owner_is_viewer=owner_id is not None and owner_id == actor.person_id,
        reviews=(received, expected) if expected and state is not State.SUBMITTED else None,
        short=shortage is not None, by_itself=state is State.APPROVED and publish_at is not None,
    )  # fmt: skip
    if not hidden:
        return shown
    # The one who acts may be a reviewer, so that goes as well.
    return replace(shown, reviews=None, short=False, owner=editor or editor_email or "")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
