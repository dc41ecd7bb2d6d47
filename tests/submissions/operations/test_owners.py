"""Who handles a suggestion."""

from datetime import timedelta
from typing import Any

from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.submissions.models import Progress
from reviewhub.submissions.operations import assign_editor
from reviewhub.submissions.workflow import State
from tests.factories import Factory


def test_the_editor_with_the_least_to_do_gets_it(db: Any, make: Factory) -> None:
    busy, free = make.editor(), make.editor()
    make.submission(progress=Progress(editor_id=busy.id))
    assert assign_editor(make.submission()) == free.id


def test_what_is_settled_is_nothing_to_do(db: Any, make: Factory) -> None:
    first, second = make.editor(), make.editor()
    make.submission(progress=Progress(editor_id=first.id), state=State.WITHDRAWN)
    make.submission(progress=Progress(editor_id=second.id))
    assert assign_editor(make.submission()) == first.id


def test_nobody_handles_their_own(db: Any, make: Factory) -> None:
    own, other = make.editor(), make.editor()
    assert assign_editor(make.submission(submitter_id=own.id)) == other.id


def test_nobody_handles_what_their_organisation_sent(db: Any, make: Factory) -> None:
    house = make.organisation()
    make.editor(organisation=house)
    other = make.editor()
    submission = make.submission(submitter_id=make.person(organisation=house).id)
    assert assign_editor(submission) == other.id


def test_two_people_without_an_organisation_share_none(db: Any, make: Factory) -> None:
    editor = make.editor(organisation_id=None)
    submission = make.submission(submitter_id=make.person(organisation_id=None).id)
    assert assign_editor(submission) == editor.id


def test_somebody_away_comes_last(db: Any, make: Factory, clock: Any) -> None:
    away = make.editor(away_until=core_clock.now() + timedelta(days=3))
    busy = make.editor()
    make.submission(progress=Progress(editor_id=busy.id))
    assert assign_editor(make.submission()) == busy.id
    clock.advance(days=4)
    assert assign_editor(make.submission()) == away.id


def test_an_administrator_steps_in_where_no_editor_can(db: Any, make: Factory) -> None:
    editor = make.editor()
    admin = make.staff(Role.ADMIN)
    assert assign_editor(make.submission(submitter_id=editor.id)) == admin.id


def test_a_hub_without_anybody_free_leaves_it_to_whoever_comes(db: Any, make: Factory) -> None:
    editor = make.editor()
    submission = make.submission(submitter_id=editor.id)
    assert assign_editor(submission) is None
    assert submission.progress.editor_id is None


def test_the_editor_it_has_is_kept_where_asked_and_allowed(db: Any, make: Factory) -> None:
    make.editor()
    present = make.editor()
    make.submission(progress=Progress(editor_id=present.id))
    submission = make.submission(progress=Progress(editor_id=present.id))
    assert assign_editor(submission, keep=True) == present.id
    assert assign_editor(submission, keep=True, but=[present.id]) != present.id


def test_a_suspended_editor_gets_nothing(db: Any, make: Factory) -> None:
    make.editor(suspended_at=core_clock.now())
    other = make.editor()
    assert assign_editor(make.submission()) == other.id
