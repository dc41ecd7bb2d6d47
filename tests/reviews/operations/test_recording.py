"""What an editor enters for a reviewer, from a mail; who learns of it; and how it is put right."""

from datetime import date, timedelta
from html import unescape

import pytest

from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.entered import EnteredFor, last_entry
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.reviews.scene import accept, answers, as_editor, as_reviewer, send

DAY = date(2026, 2, 27)
NOTE = "I am on leave until June."


@pytest.fixture
def seat(scene):
    """Somebody who was asked, and answers by mail."""
    return scene.start()[0]


def yes(scene, seat, **changed):
    """The editor enters that they can."""
    given = {"by": scene.by_editor, "no_conflict": True, "received_on": DAY}
    operations.record_yes(seat, **{**given, **changed})


def no(scene, seat, **changed):
    """The editor enters that they can't."""
    given = {"by": scene.by_editor, "reason": "no_time", "note": NOTE, "received_on": DAY}
    operations.record_no(seat, **{**given, **changed})


def reviewed(scene, seat, recommendation="include", **changed):
    """The editor enters a whole review."""
    given = {"by": scene.by_editor, "answers": answers(recommendation), "received_on": DAY}
    operations.record_review(seat, **{**given, **changed})


def test_a_yes_says_who_entered_it_for_whom_and_when_it_came(scene, seat):
    yes(scene, seat)
    assert seat.state is A.ACCEPTED
    assert seat.conflict_denied_at is not None
    entry = last_entry(seat)
    assert (entry.verb, entry.entered_by_id, entry.person_id, entry.received_on) == (
        "accept", scene.editor.id, seat.person_id, DAY,
    )  # fmt: skip
    event = history("assignments", seat.id)[-1]
    assert (event.verb, event.actor_id) == ("record_for", scene.editor.id)
    assert event.data == {
        "entered": "accept", "person": seat.person_id, "received_on": "2026-02-27",
    }  # fmt: skip


def test_nobody_starts_without_having_been_asked_about_conflicts(scene, seat):
    with pytest.raises(InvalidInput) as caught:
        yes(scene, seat, no_conflict=False)
    assert caught.value.field == "no_conflict"
    assert seat.state is A.INVITED


@pytest.mark.lasting
def test_a_no_lets_the_next_candidate_be_asked(scene, seat):
    no(scene, seat)
    assert (seat.state, seat.decline_note) == (A.DECLINED, NOTE)
    assert len(scene.fill()) == 1


def test_a_conflict_that_came_by_mail_ends_it_for_good(scene, seat):
    no(scene, seat, reason="conflict")
    assert seat.state is A.RECUSED
    with pytest.raises(WrongState):
        operations.correct(seat, by=as_reviewer(seat))


@pytest.mark.lasting
def test_a_whole_review_counts_like_any_other(scene, seat):
    with pytest.raises(WrongState, match="no conflict"):
        reviewed(scene, seat)
    yes(scene, seat)
    for one in scene.round.assignments[1:]:
        accept(one)
        send(one)
    reviewed(scene, seat)
    assert seat.review.recommendation == "include"
    assert scene.submission.state is State.APPROVED


def test_what_a_reviewer_has_begun_to_write_is_not_written_over(scene, seat):
    accept(seat)
    seen = operations.drafts.Seen(0, "their own tab")
    operations.save(seat, answers={"comment_to_submitter": "Half a senten"}, seen=seen)
    with pytest.raises(WrongState, match="begun to write"):
        reviewed(scene, seat)


@pytest.mark.lasting
def test_the_reviewer_is_told_each_time(scene, seat):
    yes(scene, seat)
    reviewed(scene, seat)
    assert scene.sent_to("record_for") == [scene.of(seat)] * 2
    mails = scene.db.query(Message).filter_by(event="reviews/record_for").order_by(Message.id)
    first, second = (str(render(one).get_body(("plain",)).get_content()) for one in mails)
    assert "you can review it, and have no conflict of interest" in first
    assert "which you sent by mail on 27 Feb 2026, has been entered" in second


@pytest.mark.lasting
def test_a_review_can_be_put_right_while_the_panel_is_open(scene, seat):
    yes(scene, seat)
    reviewed(scene, seat, "do_not_include")
    assert scene.submission.progress.reviews_received == 1
    operations.correct(seat, by=as_reviewer(seat))
    assert seat.state is A.RETURNED
    assert seat.review.draft["recommendation"] == "do_not_include"
    assert scene.submission.progress.reviews_received == 0
    assert scene.sent_to("correct") == [scene.editor.email]
    send(seat)
    assert seat.review.recommendation == "include"
    assert last_entry(seat) is None
    with pytest.raises(WrongState):
        operations.correct(seat, by=as_reviewer(seat))


@pytest.mark.lasting
def test_a_no_can_be_put_right_while_the_seat_is_free(scene, seat):
    no(scene, seat)
    operations.correct(seat, by=as_reviewer(seat))
    assert (seat.state, seat.decline_reason) == (A.INVITED, "")
    accept(seat)
    assert seat.state is A.ACCEPTED


@pytest.mark.lasting
def test_once_somebody_else_was_asked_a_no_stands(scene, seat):
    no(scene, seat)
    for one in scene.fill():
        accept(one)
    with pytest.raises(WrongState):
        operations.correct(seat, by=as_reviewer(seat))


def test_what_a_reviewer_said_themselves_is_not_put_right_that_way(scene, seat):
    operations.decline(seat, by=as_reviewer(seat), reason="no_time")
    with pytest.raises(WrongState):
        operations.correct(seat, by=as_reviewer(seat))


def test_nobody_with_a_part_in_it_enters_and_nobody_else_corrects(scene, seat):
    other = scene.round.assignments[1]
    for by in (as_editor(scene.db.get_one(Person, other.person_id)), scene.by_submitter,
               as_reviewer(seat)):  # fmt: skip
        with pytest.raises(NotAllowed):
            yes(scene, seat, by=by)
    no(scene, seat)
    with pytest.raises(NotAllowed):
        operations.correct(seat, by=as_reviewer(other))


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2025, 2, 28)])
def test_a_day_to_come_or_long_gone_is_refused(scene, seat, day):
    with pytest.raises(InvalidInput) as caught, scene.db.begin_nested():
        no(scene, seat, received_on=day)
    assert caught.value.field == "received_on"
    assert seat.state is A.INVITED


def test_nobody_enters_for_themselves(scene, seat, db):
    with refused_by(db, "ck_entered_for_for_somebody_else"):
        db.add(
            EnteredFor(
                object_type="assignments", object_id=seat.id, verb="accept",
                person_id=seat.person_id, entered_by_id=seat.person_id, received_on=DAY,
            )
        )  # fmt: skip


@pytest.mark.lasting
def test_the_editor_enters_on_a_page_and_the_reviewer_corrects_on_theirs(scene, seat, sign_in):
    scene.db.commit()
    desk, own = sign_in(scene.editor), sign_in(scene.db.get_one(Person, seat.person_id))
    address = f"/assignments/{seat.id}/record-for"
    panel = f"/submissions/{scene.submission.ref}/panel"
    assert address in desk.get(panel).text
    sent = {"answer": "accept", "received_on": "2026-02-27"}
    assert "Ask them whether they have a conflict" in desk.post(address, data=sent).text
    desk.post(address, data={**sent, "no_conflict": "y"})
    person = scene.db.get_one(Person, seat.person_id)
    words = f"Entered by Edda Editor for {person.name}, received on 27 Feb 2026"
    assert words in unescape(desk.get(panel).text)
    page = own.get(f"/assignments/{seat.id}").text
    assert "Edda Editor entered this for you" in page
    desk.post(address, data={**answers(), "received_on": "2026-02-27"})
    page = own.get(f"/assignments/{seat.id}").text
    assert "That is not what I meant" in page
    page = own.post(f"/assignments/{seat.id}/correct", follow_redirects=True).text
    assert "It is open again." in page
    assert "Clear, recent, and written for the people who need it." in page
    assert f"put right by them on {scene.round.opened_at + timedelta():%-d %b %Y}" in unescape(
        desk.get(panel).text
    )
