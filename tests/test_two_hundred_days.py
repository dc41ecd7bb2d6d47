"""Two hundred days in which nobody answers: what is begun ends, or somebody is named for it.

The periodic tasks run as the worker runs them, with a set clock; only the mail server is a list.
"""

from collections import Counter

import pytest
import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts.actor import NOBODY, Actor, Capability, Grant
from reviewhub.accounts.roles import Role
from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.library import tasks as library
from reviewhub.notifications import tasks as notifications
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import deliver_due
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations as reviews
from reviewhub.reviews import tasks as review_tasks
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.queries import MOST_REMINDERS
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.roster import tasks as roster
from reviewhub.submissions import operations as submissions
from reviewhub.submissions import tasks as submission_tasks
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import OPEN, State
from tests.reviews.scene import Scene, accept, send

pytestmark = pytest.mark.slow

DAYS = 200
TASKS = (
    submission_tasks.tick,
    roster.tick,
    review_tasks.tick,
    review_tasks.fill_panels,
    library.publish_due,
    notifications.collect,
)

# The most mails that each thing can cause when nobody answers, by the rules that send them.
PER_SUGGESTION = 2  # received, and review started; to an editor: new
PER_INVITATION = 3  # asked, reminded, expired or let go
PER_SILENT_REVIEW = 1 + 5  # thanks for accepting, and the policy's five reminders
PER_OWNER = MOST_REMINDERS  # calls on whoever is late with a step
PER_SCREENING = 3  # calls on each member of staff in turn, then one mail to the next
PER_SHORTAGE = 2  # one mail to the editor and one to the roster manager


@pytest.fixture
def hub(make, db, clock):
    """Twelve members, two editors, a roster manager and an administrator; who approves must ask."""
    make.staff(Role.ROSTER_MANAGER)
    make.staff(Role.ADMIN)
    scene = Scene(make, db, internal=4, external=8, on_approval="wait_for_editor")
    make.editor("Otto Other")
    return scene


def test_everything_ends_or_is_overdue_with_a_named_owner(hub, db, clock):
    items = begin(hub)
    db.commit()
    mails = live(clock)
    db.expire_all()

    for name, item in items.items():
        assert is_settled(item, clock()), (name, item.state, item.progress.due_at)
    assert items["a guest never confirms"].state is State.WITHDRAWN
    assert items["changes never come"].state is State.WITHDRAWN
    assert items["nobody answers the invitations"].progress.shortage, "the roster is used up"
    assert db.query(Assignment).filter(Assignment.state == AssignmentState.INVITED).count() == 0
    assert [(one.says, broken(one)) for one in INVARIANTS if broken(one)] == []

    assert max(Counter(number for number, _day in mails).values()) == 1, "no mail went out twice"
    assert db.query(Message).filter(Message.state != MessageState.SENT).count() == 0
    assert len(mails) <= most_mails(db, items)
    assert max(day for _number, day in mails) < 100, "silent people are not written to for ever"


def live(clock):
    """Let the days pass; the mails that went out, each with its day."""
    mails = []
    for day in range(DAYS):
        clock.advance(days=1)
        for task in TASKS:
            task()

        def send(message: Message, day: int = day) -> None:
            render(message)  # one that can't be would count as failed
            mails.append((message.id, day))

        deliver_due(send, limit=1000)
    return mails


def begin(hub):
    """One submission in each state that waits for somebody."""
    return {
        "a guest never confirms": _unconfirmed(),
        "nobody screens": _sent(hub),
        "nobody answers the invitations": _asked(hub),
        "reviewers accept and stay silent": _accepted(hub),
        "nobody decides": _reviewed(hub, "include", "include", "include_corrected"),
        "changes never come": _changes(hub),
        "nobody publishes": _reviewed(hub, "include", "include", "include"),
    }


def is_settled(item: Submission, now) -> bool:
    """Closed, or short of something that is named, or overdue with a named owner."""
    if item.state not in OPEN | {State.DRAFT}:
        return True
    row = item.progress
    overdue = row.due_at is not None and row.due_at < now and row.owner_id is not None
    return bool(row.shortage) or overdue


def most_mails(db, items) -> int:
    """The most mails that the rules allow for what happened."""
    asked = db.scalar(sa.select(sa.func.count()).select_from(Assignment))
    accepted = db.scalar(
        sa.select(sa.func.count()).where(Assignment.conflict_denied_at.is_not(None))
    )
    staff = 3  # two editors and the administrator, called on one after another
    suggestions = len(items) * (PER_SUGGESTION + 1)
    panels = asked * PER_INVITATION + accepted * PER_SILENT_REVIEW
    owners = len(items) * PER_OWNER + staff * (PER_SCREENING + 1)
    shortages = len(items) * 3 * PER_SHORTAGE  # a seat of each slot, and both external ones
    guest = changes = 4  # asked, two reminders, closed
    decisions = 2 * (1 + 3) + 3  # outcome to submitter and panel twice, "decide" to the editor
    return suggestions + panels + owners + shortages + guest + changes + decisions


def _unconfirmed():
    draft = submissions.begin(by=NOBODY)
    link = links.ensure(Capability.SUBMISSION, draft.id, person_id=None)
    guest = Actor(grant=Grant(link.id, Capability.SUBMISSION, draft.id, None))
    answers = Answers(
        url="https://library.example/guide",
        title="A guide to border posts",
        language="en",
        why_useful="It tells officers what to do when papers are missing.",
        topics=("14",),
    )
    submissions.drafts.fill(draft, answers, by=guest)
    submissions.ask_to_confirm(draft, by=guest, email="guest@elsewhere.example")
    return draft


def _sent(hub):
    item = hub.suggest(state=State.DRAFT)
    submissions.submit(item, by=Actor(item.submitter_id))
    return item


def _asked(hub):
    item = hub.submission = _sent(hub)
    reviews.start_review(item, by=hub.by_editor)
    hub.fill()
    return item


def _accepted(hub):
    item = _asked(hub)
    for one in hub.round.assignments:
        accept(one)
    return item


def _reviewed(hub, *said):
    item = _accepted(hub)
    for one, recommendation in zip(hub.round.assignments, said, strict=True):
        send(one, recommendation)
    return item


def _changes(hub):
    item = hub.submission = _sent(hub)
    reviews.request_changes(item, by=hub.by_editor, wanted="Please name the edition.")
    return item
