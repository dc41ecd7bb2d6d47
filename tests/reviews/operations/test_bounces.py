"""An invitation that came back is a silence at once: the next candidate is asked."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.notifications.bounces import Report, take_in
from reviewhub.notifications.envelopes import token_of
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import deliver_due
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.queries import eligible_members
from tests.reviews.scene import Scene, accept

Bounce = Callable[[Assignment, str], None]


@pytest.fixture
def scene(make: Any, db: Any, clock: Any) -> Scene:
    """A hub with more candidates than seats."""
    return Scene(make, db)


@pytest.fixture
def bounce(db: Any) -> Bounce:
    """Has the mail of an event to a reviewer come back."""

    def came_back(assignment: Assignment, event: str) -> None:
        deliver_due(lambda _message: None)
        message = db.scalars(
            sa.select(Message).where(
                Message.event == event,
                Message.object_type == "assignments",
                Message.object_id == assignment.id,
            )
        ).one()
        assert message.state is MessageState.SENT
        assert take_in(Report(token_of(message), True, "5.1.1 no such user"))
        db.expire_all()

    return came_back


@pytest.mark.lasting
def test_the_next_candidate_is_invited_and_the_editor_told(scene: Scene, bounce: Bounce) -> None:
    first, *_rest = scene.start()
    bounce(first, "reviews/invite")
    assert first.state is A.EXPIRED
    assert len(scene.sent_to("expire")) == 0  # nobody reads mail there
    [next_one] = scene.fill()
    assert (next_one.slot, next_one.state) == (first.slot, A.INVITED)
    assert next_one.person_id != first.person_id
    assert scene.sent_to("bounce") == [scene.editor.email]


@pytest.mark.lasting
def test_a_reminder_that_came_back_counts_as_well(scene: Scene, clock: Any, bounce: Bounce) -> None:
    first, *_rest = scene.start()
    scene.tick(clock, days=4)
    bounce(first, "reviews/remind_invitation")
    assert first.state is A.EXPIRED


@pytest.mark.lasting
def test_who_has_said_yes_keeps_their_seat(scene: Scene, bounce: Bounce) -> None:
    first, *_rest = scene.start()
    accept(first)
    bounce(first, "reviews/invite")
    bounce(first, "reviews/accept")
    assert first.state is A.ACCEPTED
    assert scene.sent_to("bounce") == []


@pytest.mark.lasting
def test_whom_mail_does_not_reach_is_asked_nothing_more(
    scene: Scene, db: Any, bounce: Bounce
) -> None:
    first, *_rest = scene.start()
    bounce(first, "reviews/invite")
    assert first.person_id not in {member.person_id for member in eligible_members()}
    db.get_one(Person, first.person_id).bouncing_since = None
    db.flush()
    assert first.person_id in {member.person_id for member in eligible_members()}


@pytest.mark.lasting
def test_the_item_names_the_bounce_in_words(scene: Scene, sign_in: Any, bounce: Bounce) -> None:
    first, *_rest = scene.start()
    bounce(first, "reviews/invite")
    page = sign_in(scene.editor).get(f"/desk/submissions/{scene.submission.ref}").text
    assert "came back" in page
    assert "5.1.1 no such user" in page
