"""Changes that were asked for and never came: a month, told by the clock alone."""

import pytest
import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations
from reviewhub.reviews import tasks as reviews
from reviewhub.submissions import tasks
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene


def told(db, address):
    """What this person is mailed, oldest first, with the day."""
    rows = db.execute(
        sa.select(Message.event, Message.created_at)
        .where(Message.address == address)
        .order_by(Message.id)
    )
    return [(event, at.date()) for event, at in rows]


@pytest.mark.lasting
def test_silence_after_requested_changes_is_reminded_twice_and_then_lapses(make, db, clock):
    scene = Scene(make, db)
    item = scene.submission
    scene.reviewed("include", "include", "include_corrected")
    operations.request_changes(item, by=scene.by_editor, wanted="Please name the edition.")
    asked_on = clock().date()
    db.commit()
    for _day in range(40):
        clock.advance(days=1)
        tasks.tick()
        reviews.tick()
    db.expire_all()

    assert item.state is State.WITHDRAWN
    submitter = db.get_one(Person, item.submitter_id)
    lapse = [
        (event, (day - asked_on).days) for event, day in told(db, submitter.email) if day > asked_on
    ]
    assert lapse == [
        ("submissions/remind_changes", 23),
        ("submissions/remind_changes", 29),
        ("reviews/lapse", 30),
    ]
