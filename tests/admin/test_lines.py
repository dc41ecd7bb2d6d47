"""The rows of the desk's list in words: drawn once, and anew when something of them changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from reviewhub.admin.lines import Lines
from reviewhub.admin.queue import QueueRow
from reviewhub.submissions.workflow import State

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROW = QueueRow(
    1, "RH-2026-000001", "Ports of call", "en", State.SUBMITTED, NOON - timedelta(days=2),
    NOON + timedelta(days=4), "Ada", "Ada", False, (1, 3), False, False,
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_request(app: Flask) -> Any:
    """Somebody is looking."""
    with app.test_request_context():
        yield


def key(row: QueueRow = ROW, now: datetime = NOON) -> object:
    """What the line of one row depends on."""
    ((found, _row),) = Lines([row], now).keyed()
    return found


def test_a_row_in_words() -> None:
    line = Lines([ROW], NOON).line(ROW)
    assert (line.label, line.due, line.due_day) == ("submitted", "in 4 days", "6 Mar 2026")
    assert (line.acts, line.acts_kind) == ("Ada", "name")
    assert (line.reviews, line.days, line.due_kind) == ("1 of 3", 2, "")
    assert (line.may_screen, line.may_decide) == (True, False)


@pytest.mark.parametrize(
    ("state", "changes", "acts"),
    [
        (State.IN_REVIEW, {}, ("Reviewers", "")),
        (State.IN_REVIEW, {"short": True}, ("Ada", "name")),
        (State.CHANGES_REQUESTED, {}, ("Submitter", "")),
        (State.APPROVED, {"by_itself": True}, ("goes public by itself", "")),
        (State.SUBMITTED, {"owner_is_viewer": True}, ("You", "you")),
        (State.SUBMITTED, {"owner": ""}, ("nobody yet", "nobody")),
        (State.SUBMITTED, {"owner": "", "due_at": None}, ("", "")),
    ],
)
def test_who_acts(state: State, changes: dict[str, Any], acts: tuple[str, str]) -> None:
    row = ROW._replace(state=state, **changes)
    line = Lines([row], NOON).line(row)
    assert (line.acts, line.acts_kind) == acts


def test_within_an_hour_nothing_is_said_anew() -> None:
    assert key(now=NOON + timedelta(hours=1)) == key()


@pytest.mark.parametrize(
    "later",
    [
        timedelta(days=1),  # a day more here, a day nearer
        timedelta(days=2, seconds=1),  # soon
        timedelta(days=4, seconds=1),  # late
    ],
)
def test_time_alone_changes_what_is_said(later: timedelta) -> None:
    before, after = Lines([ROW], NOON).line(ROW), Lines([ROW], NOON + later).line(ROW)
    assert before != after
    assert key(now=NOON + later) != key()


def test_every_moment_at_which_a_line_differs_has_another_key() -> None:
    seen: dict[object, object] = {}
    for hours in range(24 * 6):
        now = NOON + timedelta(hours=hours)
        line = Lines([ROW], now).line(ROW)
        assert seen.setdefault(key(now=now), line) == line


def test_a_change_of_the_row_changes_its_key() -> None:
    assert key(ROW._replace(title="Another")) != key()
    assert key(ROW._replace(reviews=None)) != key()


def test_the_list_says_what_may_be_done_with_some_of_it() -> None:
    reviewed = ROW._replace(state=State.REVIEWED)
    some = Lines([ROW, reviewed], NOON)
    assert (len(some), some.may_screen, some.may_decide) == (2, True, True)
    none = Lines([], NOON)
    assert (len(none), none.may_screen, none.may_decide) == (0, False, False)
