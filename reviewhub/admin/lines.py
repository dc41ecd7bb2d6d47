"""The rows of the desk's list in words. Fifty rows repeat few words: each is looked up once."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import get_timezone

from reviewhub.admin.queue import QueueRow
from reviewhub.core.i18n import _
from reviewhub.submissions.workflow import LABELS, State
from reviewhub.web.templating import due_words, format_day

SOON = timedelta(days=2)


class Line(NamedTuple):
    """One row as the page shows it. A tuple, for it is the key of what is drawn from it."""

    ref: str
    title: str
    language: str
    state: str
    label: str
    due_at: str
    due_day: str
    due: str
    due_kind: str
    acts: str
    acts_kind: str
    reviews: str
    short: bool
    days: int
    may_screen: bool
    may_decide: bool


def lines(rows: Iterable[QueueRow], now: datetime) -> list[Line]:
    """The rows in words, in their order."""
    words = _Words(now)
    return [words.line(row) for row in rows]


class _Words:
    """The words of one page, each looked up once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.zone = get_timezone()
        self.untitled = _("Without a title")
        self.reviewers, self.submitter = _("Reviewers"), _("Submitter")
        self.itself, self.you, self.nobody = _("goes public by itself"), _("You"), _("nobody yet")
        self._labels = {state: str(label) for state, label in LABELS.items()}
        self._due = _Kept(lambda moment: due_words(moment, now))
        self._day = _Kept(format_day)
        self._reviews = _Kept(
            lambda pair: _("%(received)s of %(expected)s", received=pair[0], expected=pair[1])
        )

    def line(self, row: QueueRow) -> Line:
        """One row."""
        due = row.due_at
        acts, acts_kind = self._acts(row)
        return Line(
            row.ref, row.title or self.untitled, row.language, row.state, self._labels[row.state],
            due_at=due.isoformat() if due else "",
            due_day=self._day(due.astimezone(self.zone).date()) if due else "",
            due=self._due(due, due.date()) if due else "",
            due_kind=self._due_kind(due), acts=acts, acts_kind=acts_kind,
            reviews=self._reviews(row.reviews) if row.reviews else "",
            short=row.short, days=row.days(self.now), may_screen=row.state is State.SUBMITTED,
            may_decide=row.state is State.REVIEWED,
        )  # fmt: skip

    def _due_kind(self, due: datetime | None) -> str:
        if due is None or due - self.now >= SOON:
            return ""
        return "late" if due < self.now else "soon"

    def _acts(self, row: QueueRow) -> tuple[str, str]:
        """Who acts now, and whether that is a name, the viewer, or only a word."""
        if row.state is State.IN_REVIEW and not row.short:
            return self.reviewers, ""
        if row.state is State.CHANGES_REQUESTED:
            return self.submitter, ""
        if row.by_itself:
            return self.itself, ""
        if row.owner_is_viewer:
            return self.you, "you"
        if row.owner:
            return row.owner, "name"
        return (self.nobody, "nobody") if row.due_at else ("", "")


class _Kept:
    """A function whose answers are kept, by a key that may be less than what it is given."""

    def __init__(self, ask: Callable[[Any], str]) -> None:
        self.ask = ask
        self.kept: dict[object, str] = {}

    def __call__(self, given: object, key: date | None = None) -> str:
        found = self.kept.get(key or given)
        if found is None:
            found = self.kept[key or given] = str(self.ask(given))
        return found
