"""The desk's lists as rows of a file: read a stretch at a time, however long the list is."""

from collections.abc import Iterator
from typing import Any

from reviewhub.accounts.actor import Actor
from reviewhub.admin import history, mails, queue
from reviewhub.admin.filters import Filter
from reviewhub.core import clock
from reviewhub.core.i18n import _
from reviewhub.notifications.mails import words as words_of_mail
from reviewhub.notifications.models import MessageState
from reviewhub.submissions.workflow import LABELS

STRETCH = 500

Row = tuple[Any, ...]


def queue_header() -> list[str]:
    """The columns of the list of suggestions."""
    return [
        _("Reference"), _("Title"), _("Language"), _("State"), _("Since"), _("Days here"),
        _("Due"), _("Who acts"), _("Handled by"), _("Reviews received"), _("Reviews expected"),
        _("Reviewers missing"),
    ]  # fmt: skip


def queue_rows(wanted: Filter, actor: Actor) -> Iterator[Row]:
    """Every suggestion that the filter shows, in its order."""
    now, after = clock.now(), ""
    labels = {state: str(label) for state, label in LABELS.items()}
    while True:
        rows = queue.rows(wanted, actor, after=after, most=STRETCH)
        for row in rows:
            received, expected = row.reviews or (None, None)
            yield (
                row.ref, row.title, row.language, labels[row.state], row.since.date(),
                row.days(now), row.due_at.date() if row.due_at else None, row.owner, row.editor,
                received, expected, row.short,
            )  # fmt: skip
        if len(rows) < STRETCH:
            return
        after = rows[-1].key(wanted.order)


def history_header() -> list[str]:
    """The columns of the history."""
    return [
        _("When"), _("Who"), _("What"), _("Whom"), _("About"), _("Title"), _("State before"),
        _("State after"), _("Note"),
    ]  # fmt: skip


def history_rows(wanted: history.Filter, actor: Actor) -> Iterator[Row]:
    """Every event that the filter shows, the newest first."""
    before = None
    while True:
        found = history.recent(wanted, actor, before=before, most=STRETCH)
        for one in found:
            yield (
                one.at, one.who, one.what, one.whom, one.ref, one.title, one.old_state,
                one.new_state, one.note,
            )  # fmt: skip
        if len(found) < STRETCH:
            return
        before = found[-1].id


def outbox_header() -> list[str]:
    """The columns of the outbox."""
    return [
        _("Mail"), _("To"), _("E-mail"), _("State"), _("Written"), _("Sent"), _("Tries"),
        _("What went wrong"),
    ]  # fmt: skip


def outbox_rows(states: frozenset[MessageState], actor: Actor) -> Iterator[Row]:
    """Every mail in these states, the newest first."""
    before = None
    while True:
        found = mails.listed(states, actor, before=before, most=STRETCH)
        for one, name in found:
            yield (
                words_of_mail(one.event), name, one.address, str(mails.LABELS[one.state]),
                one.created_at, one.sent_at, one.attempts, one.last_error,
            )  # fmt: skip
        if len(found) < STRETCH:
            return
        before = found[-1][0].id
