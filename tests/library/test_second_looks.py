"""What has stood in the library for long is looked at again: by somebody, and by a date."""

from datetime import timedelta

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.admin import emails
from reviewhub.admin.waiting import WAITS, lacking
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.library import operations, second_looks
from reviewhub.library.workflow import ResourceState
from reviewhub.notifications.models import Message
from tests.reviews.scene import Scene


@pytest.fixture
def shelf(make, db, clock):
    """A scene whose suggestion stands in the library, three years ago."""
    scene = Scene(make, db)
    scene.reviewed("include", "include", "include")
    clock.advance(hours=1)
    scene.resource = operations.publish(scene.submission, by=scene.by_editor)
    db.commit()
    return scene


def in_three_years(clock):
    clock.advance(days=3 * 366)


def test_a_record_is_due_when_the_policys_months_are_over(shelf, clock):
    assert not second_looks.is_due(shelf.resource)
    assert second_looks.due().rows == []
    in_three_years(clock)
    assert second_looks.is_due(shelf.resource)
    (row,) = second_looks.due().rows
    assert (row.slug, row.name) == (shelf.resource.slug, shelf.editor.name)


def test_it_is_the_handling_editors_and_anybodys_once_they_have_left(shelf, make, db, clock):
    other = make.editor("Otto Other")
    in_three_years(clock)
    assert second_looks.number_due_for(shelf.editor.id) == 1
    assert second_looks.number_due_for(other.id) == 0
    shelf.editor.grants.clear()
    db.flush()
    assert second_looks.number_due_for(other.id) == 1
    assert second_looks.due().rows[0].name == ""


def test_that_it_still_holds_puts_the_next_look_off_and_changes_nothing_else(shelf, db, clock):
    in_three_years(clock)
    edition = shelf.resource.edition
    operations.look_over(shelf.resource, by=shelf.by_editor)
    assert not second_looks.is_due(shelf.resource)
    assert shelf.resource.review_by > core_clock.today() + timedelta(days=3 * 360)
    assert shelf.resource.edition == edition
    assert history("resources", shelf.resource.id)[-1].verb == "look_over"


def test_a_correction_is_a_look_as_well(shelf, clock):
    in_three_years(clock)
    operations.correct(
        shelf.resource, by=shelf.by_editor, changes={"title": "A better title"}, note="Typo."
    )
    assert not second_looks.is_due(shelf.resource)


def test_who_suggested_it_and_who_is_no_editor_cannot_say_so(shelf, make, clock):
    in_three_years(clock)
    suggester = Actor(shelf.submission.submitter_id, frozenset({Role.EDITOR}))
    for stranger in (suggester, Actor(make.person().id)):
        with pytest.raises(NotAllowed):
            operations.look_over(shelf.resource, by=stranger)
    assert second_looks.is_due(shelf.resource)


def test_what_is_archived_is_not_due(shelf, db, clock):
    operations.archive(shelf.resource, by=shelf.by_editor, note="Out of date.")
    in_three_years(clock)
    assert second_looks.due().rows == []
    with pytest.raises(WrongState):
        operations.look_over(shelf.resource, by=shelf.by_editor)
    operations.restore(shelf.resource, by=shelf.by_editor)
    assert shelf.resource.state is ResourceState.PUBLISHED
    assert not second_looks.is_due(shelf.resource), "it was looked at when it was listed again"


def test_every_published_record_has_somebody_and_a_date(shelf, db):
    wait = next(one for one in WAITS if one.machine == "resources")
    assert db.execute(lacking(wait)).all() == []
    (row,) = db.execute(wait.rows()).all()
    assert (row.person, row.date) == (shelf.editor.id, shelf.resource.review_by)
    shelf.resource.review_by = None
    db.flush()
    assert db.execute(wait.rows()).all() == [], "what was given no date waits for none"


def test_the_desk_and_the_mail_on_monday_name_what_is_due(shelf, db, clock, sign_in):
    in_three_years(clock)
    db.commit()
    emails.monday(shelf.editor)
    (mail,) = db.query(Message).filter_by(event="admin/monday").all()
    assert mail.context["second_looks"] == 1
    browser = sign_in(shelf.editor)
    assert "1 record is due for another look" in browser.get("/desk").text
    page = browser.get("/desk/second-looks").text
    assert shelf.resource.title in page
    answer = browser.post(f"/resources/{shelf.resource.slug}/look_over")
    assert answer.status_code == 302
    db.expire_all()
    assert not second_looks.is_due(shelf.resource)
    assert "Nothing is due" in browser.get("/desk/second-looks").text
