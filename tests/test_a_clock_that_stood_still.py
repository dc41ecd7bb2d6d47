"""The worker was away for days: what it missed is caught up once, and at nobody's cost.

The periodic tasks run as the worker runs them, with a set clock; only the mail server is a list.
"""

from collections import Counter
from datetime import timedelta

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import deliver_due
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene
from tests.test_two_hundred_days import TASKS, begin

pytestmark = pytest.mark.slow

# When the first minutes after the absence have the tasks run.
MINUTES = (0, 1, 2, 10, 40)
USUAL = {(0, 1), (14, 3), (29, 30)}  # days after which it stood still, and for how many
REMINDERS = {
    "reviews/remind_invitation", "reviews/remind_review", "reviews/remind_owner",
    "submissions/remind_screening", "submissions/remind_changes", "submissions/remind_confirm",
    "submissions/escalate",
}  # fmt: skip


@pytest.fixture
def hub(make, db, clock):
    """As many people as a hub has, and one item in each state that waits for somebody."""
    make.staff(Role.ROSTER_MANAGER)
    make.staff(Role.ADMIN)
    scene = Scene(make, db, internal=4, external=8, on_approval="wait_for_editor")
    make.editor("Otto Other")
    scene.items = begin(scene)
    db.commit()
    return scene


def run(order=TASKS):
    """What the beat asks for in one moment; the mails that went out, as event and recipient."""
    sent = []

    def send(message: Message) -> None:
        sent.append((message.id, message.event, message.recipient_id, message.object_id))

    for task in order:
        task()
    deliver_due(send, limit=1000)
    return sent


def live(clock, days):
    """Days on which the worker runs."""
    sent = run()
    for _day in range(days):
        clock.advance(days=1)
        sent += run()
    return sent


def come_back(clock, days, order=TASKS):
    """Days without a worker, and its first minutes afterwards."""
    clock.advance(days=days)
    sent, past = [], 0
    for minute in MINUTES:
        clock.advance(minutes=minute - past)
        past = minute
        sent += run(order)
    return sent


@pytest.mark.parametrize(
    ("after", "away"),
    [
        pytest.param(after, away, marks=() if (after, away) in USUAL else pytest.mark.soak)
        for after in (0, 4, 14, 29)
        for away in (1, 3, 30)
    ],
)
def test_nobody_hears_twice_of_one_thing(hub, db, clock, after, away):
    before = live(clock, after)
    sent = come_back(clock, away)
    reminded = Counter((who, what) for _id, event, who, what in sent if event in REMINDERS)
    assert max(reminded.values(), default=1) == 1, "only the latest rung, and each once"
    ids = [number for number, *_rest in before + sent]
    assert len(set(ids)) == len(ids), "no mail went out twice"
    assert [(one.says, broken(one)) for one in INVARIANTS if broken(one)] == []
    clock.advance(minutes=1)
    assert run() == [], "it was all done at once"


@pytest.mark.parametrize("order", [TASKS, TASKS[::-1]])
def test_no_invitation_closes_that_was_never_recalled(hub, db, clock, order):
    live(clock, 0)
    come_back(clock, 30, order)
    states = Counter(one.state for one in db.query(Assignment) if one.invited_at)
    assert states[A.EXPIRED] == 0
    recalled = [one for one in db.query(Assignment) if one.state is A.INVITED]
    assert recalled
    assert {one.reminders for one in recalled} == {1}
    assert all(one.answer_by >= clock() + timedelta(days=2) for one in recalled), "time to answer"


def test_an_invitation_that_went_out_late_has_all_its_days(hub, db, clock):
    """The worker was away before the mail had left: silence counts from when it did."""
    sent = come_back(clock, 30)
    assert {event for _id, event, _who, _what in sent} >= {"reviews/invite"}
    assert "reviews/remind_invitation" not in {event for _id, event, _who, _what in sent}
    live(clock, 3)
    invited = [one for one in db.query(Assignment) if one.state is A.INVITED]
    assert invited
    assert {one.reminders for one in invited} <= {0, 1}, "recalled on the third working day at most"
    live(clock, 14)
    db.expire_all()
    assert {one.state for one in invited} == {A.EXPIRED}


def test_nothing_lapses_of_which_nobody_was_reminded(hub, db, clock):
    live(clock, 0)
    sent = come_back(clock, 60)
    db.expire_all()
    guest, changes = (hub.items[name] for name in ("a guest never confirms", "changes never come"))
    assert (guest.state, changes.state) == (State.DRAFT, State.CHANGES_REQUESTED)
    events = [event for _id, event, _who, _what in sent]
    assert events.count("submissions/remind_confirm") == 1
    assert events.count("submissions/remind_changes") == 1
    live(clock, 8)
    db.expire_all()
    assert (guest.state, changes.state) == (State.WITHDRAWN, State.WITHDRAWN)


def test_a_late_reviewer_hears_of_it_a_day_before_somebody_is_asked_beside_them(hub, db, clock):
    live(clock, 0)
    late = [one for one in db.query(Assignment) if one.state is A.ACCEPTED]
    assert late
    sent = come_back(clock, 60)
    db.expire_all()
    assert {one.relieved_at for one in late} == {None}
    told = [what for _id, event, _who, what in sent if event == "reviews/remind_review"]
    assert sorted(told) == sorted(one.id for one in late), "one reminder each, not five"
    live(clock, 1)
    db.expire_all()
    assert all(one.relieved_at is not None for one in late)


def test_calls_on_an_owner_keep_their_distance_after_the_absence(hub, db, clock):
    live(clock, 0)
    item = hub.items["nobody decides"]
    owner_id = item.progress.owner_id
    come_back(clock, 60)
    db.expire_all()
    assert item.progress.reminders == 1
    assert item.progress.owner_id == owner_id, "nobody is replaced who was not called on"
    sent = live(clock, 6)
    assert "reviews/remind_owner" not in {
        event for _id, event, _who, what in sent if what == item.id
    }
    live(clock, 1)
    db.expire_all()
    assert item.progress.reminders == 2
