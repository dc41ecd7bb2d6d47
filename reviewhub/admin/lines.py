"""The rows of the desk's list in words. What was drawn is kept, so a row is put into words only
where it changed, or time has changed what is said of it."""

from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import get_timezone

from reviewhub.admin.queue import QueueRow
from reviewhub.core.i18n import _
from reviewhub.submissions.workflow import LABELS, State
from reviewhub.web.templating import due_words, format_day

SOON = timedelta(days=2)


class Line(NamedTuple):
    """One row as the page shows it."""

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


class Lines:
    """The rows of one page, in their order, as they are at one moment."""

    def __init__(self, rows: Sequence[QueueRow], now: datetime) -> None:
        self._rows, self._now = rows, now
        self.may_screen = any(row.state is State.SUBMITTED for row in rows)
        self.may_decide = any(row.state is State.REVIEWED for row in rows)

    def __len__(self) -> int:
        return len(self._rows)

    def keyed(self) -> list[tuple[Hashable, QueueRow]]:
        """Each row with all that its line depends on, the language aside."""
        today, zone = self._now.date(), get_timezone()
        return [
            (
                (row, row.days(self._now), (due.date() - today).days, self._due_kind(due), zone)
                if (due := row.due_at)
                else (row, row.days(self._now)),
                row,
            )
            for row in self._rows
        ]

    def line(self, row: QueueRow) -> Line:
        """One row in words."""
        due = row.due_at
        acts, acts_kind = _acts(row)
        received, expected = row.reviews or (0, 0)
        return Line(
            row.ref, row.title or _("Without a title"), row.language, row.state,
            str(LABELS[row.state]),
            due_at=due.isoformat() if due else "",
            due_day=format_day(due.astimezone(get_timezone()).date()) if due else "",
            due=due_words(due, self._now) if due else "",
            due_kind=self._due_kind(due) if due else "", acts=acts, acts_kind=acts_kind,
            reviews=_("%(received)s of %(expected)s", received=received, expected=expected)
            if row.reviews else "",
            short=row.short, days=row.days(self._now), may_screen=row.state is State.SUBMITTED,
            may_decide=row.state is State.REVIEWED,
        )  # fmt: skip

    def _due_kind(self, due: datetime) -> str:
        if due - self._now >= SOON:
            return ""
        return "late" if due < self._now else "soon"


def _acts(row: QueueRow) -> tuple[str, str]:
    """Who acts now, and whether that is a name, the viewer, or only a word."""
    if row.state is State.IN_REVIEW and not row.short:
        return _("Reviewers"), ""
    if row.state is State.CHANGES_REQUESTED:
        return _("Submitter"), ""
    if row.by_itself:
        return _("goes public by itself"), ""
    if row.owner_is_viewer:
        return _("You"), "you"
    if row.owner:
        return row.owner, "name"
    return (_("nobody yet"), "nobody") if row.due_at else ("", "")
