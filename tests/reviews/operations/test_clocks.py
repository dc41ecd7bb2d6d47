"""Owners who are late, and what the system may do."""

import pytest

from reviewhub.accounts.actor import SYSTEM
from reviewhub.accounts.roles import Role
from reviewhub.core.errors import NotAllowed
from reviewhub.reviews import operations
from tests.reviews.scene import Scene, people


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
