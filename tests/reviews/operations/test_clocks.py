"""Owners who are late, reviews that are, the hub's calendar, and what the system may do."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import SYSTEM
from reviewhub.accounts.roles import Role
from reviewhub.core.errors import NotAllowed
from reviewhub.notifications.models import Message
from reviewhub.reviews import operations
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.taxonomy.models import Hub
from reviewhub.taxonomy.queries import forget_catalogue
from tests.reviews.scene import Scene, as_reviewer, people, send


@pytest.mark.lasting
def test_a_late_owner_is_called_on_then_somebody_else_becomes_the_owner(make, db, clock):
    scene = Scene(make, db)
    scene.reviewed("include", "include", "include_corrected")
    other = make.editor("Otto Other")
    clock.advance(days=6)
    operations.remind_owner(scene.submission)
    assert scene.sent_to("remind_owner") == [], "not before the date"
    for _week in range(4):
        clock.advance(days=7)
        operations.remind_owner(scene.submission)
        operations.remind_owner(scene.submission)
    assert scene.sent_to("remind_owner") == [scene.editor.email] * 3 + [other.email]
    assert scene.submission.progress.owner_id == other.id


def test_the_system_only_does_what_is_its_own(scene):
    first = scene.start()[0]
    with pytest.raises(NotAllowed):
        operations.accept(first, by=SYSTEM)


@pytest.mark.lasting
def test_an_item_is_never_handed_to_an_editor_who_reviewed_it(make, db, clock):
    scene = Scene(make, db, internal=0)
    reviewer = make.editor(organisation=make.organisation(internal=True))
    make.member(internal=True, person=reviewer)
    scene.reviewed("include", "include", "include_corrected")
    assert reviewer.id in people(scene.round.assignments)
    administrator = make.staff(Role.ADMIN)
    for _week in range(6):
        clock.advance(days=7)
        operations.remind_owner(scene.submission)
    assert scene.submission.progress.owner_id == administrator.id


# -- the ladder of reminders --


def told_on(scene, clock, first, days=60):
    """The days, counted from the date of the review, on which its reviewer is reminded."""
    found = []
    for _day in range(days):
        before = len(scene.sent_to("remind_review"))
        scene.tick(clock, days=1)
        if len(scene.sent_to("remind_review")) > before:
            found.append((clock() - first.due_at).days)
    return found


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("ladder", "days"),
    [
        ([-7, -2, 1, 7, 14], [-7, -2, 1, 7, 14]),
        ([], [1]),
        ([-7, -2], [-7, -2, 1]),
        ([14, -7, 14], [-7, 14]),
        ([0], [0, 1]),
        ([3], [3]),
    ],
)
def test_a_review_is_recalled_as_the_policy_says_and_once_overdue_in_any_case(
    make, db, clock, ladder, days
):
    scene = Scene(make, db, review_reminders=ladder)
    first, *others = scene.panel()
    for one in others:
        send(one)
    assert told_on(scene, clock, first) == days


@pytest.mark.lasting
def test_an_extension_moves_the_ladder_and_no_rung_is_told_twice_for_one_date(scene, clock):
    first, *others = scene.panel()
    for one in others:
        send(one)
    for _day in range(20):
        scene.tick(clock, days=1)
    assert len(scene.sent_to("remind_review")) == 2, "seven days before, and two"
    operations.extend(first, by=as_reviewer(first), days=10)
    assert told_on(scene, clock, first, days=30) == [-7, -2, 1, 7, 14]
    keys = list(
        scene.db.scalars(
            sa.select(Message.occurrence).where(
                Message.event == "reviews/remind_review", Message.object_id == first.id
            )
        )
    )
    assert len(set(keys)) == len(keys) == 7


@pytest.mark.lasting
def test_without_a_reminder_after_the_date_help_comes_all_the_same(make, db, clock):
    scene = Scene(make, db, review_reminders=[])
    late, *others = scene.panel()
    for one in others:
        send(one)
    for _day in range(27):
        scene.tick(clock, days=1)
    assert late.relieved_at is None
    scene.tick(clock, days=1)
    assert late.relieved_at == clock()


# -- the calendar --


def test_an_invitation_leaves_out_the_hubs_days_off(make, db, clock):
    scene = Scene(make, db)
    monday = clock()
    assert monday.weekday() == 0
    hub = db.get_one(Hub, 1)
    hub.data = {**hub.data, "calendar": {"holidays": [f"{monday.date() + timedelta(days=2)}"]}}
    hub.version, hub.stamp = hub.version + 1, "with a holiday"
    db.flush()
    forget_catalogue()
    first = scene.start()[0]
    assert first.next_tick_at == monday + timedelta(days=4), "Thursday is a day later with it"
    assert first.answer_by == monday + timedelta(days=9)


def test_an_invitation_that_is_never_recalled_by_the_policy_closes_all_the_same(make, db, clock):
    scene = Scene(make, db, invitation_reminder_working_days=9, invitation_expiry_working_days=6)
    first = scene.start()[0]
    scene.tick(clock, days=8)
    assert (first.state, scene.sent_to("remind_invitation")) == (A.EXPIRED, [])


@pytest.mark.lasting
def test_while_its_mail_is_on_the_way_no_invitation_grows_old(scene, clock):
    first = scene.start()[0]
    for _day in range(20):
        clock.advance(days=1)
        operations.tick(first)
    assert (first.state, first.reminders) == (A.INVITED, 0)
    scene.deliver()
    clock.advance(days=1)
    operations.tick(first)
    assert first.answer_by > clock() + timedelta(days=6), "the days begin now"
