"""Publishing, checking in, correcting, archiving, removing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import NOBODY, SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.queries import history
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.library import operations, queries, tasks
from reviewhub.library.duplicates import find
from reviewhub.library.models import Origin, Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.duplicates import Sought
from reviewhub.submissions.models import Breadth, Decision, DecisionKind, Scope, Submission
from reviewhub.submissions.urls import identifiers, url_key
from reviewhub.submissions.workflow import State
from tests.factories import Factory
from tests.library.shelf import entry, put, term_id

Mails = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def editor(make: Factory) -> Actor:
    """An editor's actor."""
    return Actor(person_id=make.editor().id, roles=frozenset({Role.EDITOR}))


@pytest.fixture
def approved(db: Any, make: Factory, clock: Any) -> Submission:
    """An approved submission with the panel's decision."""
    submission = make.submission(
        state=State.APPROVED, topics=["14", "20"],
        details={"organisation": "Private to the desk", "place": "Nairobi"},
    )  # fmt: skip
    db.add(Decision(submission_id=submission.id, kind=DecisionKind.APPROVED, by_panel=True,
                    panel={"result": "include", "reviewers": 3, "internal": 1, "external": 2,
                           "policy": 1, "names": ["never public"]}))  # fmt: skip
    db.flush()
    return submission


def test_publishing_copies_the_public_fields_and_says_how_it_was_reviewed(
    approved: Submission, editor: Actor, clock: Any
) -> None:
    resource = operations.publish(approved, by=editor)
    assert approved.state is State.PUBLISHED
    assert resource.origin is Origin.REVIEWED
    assert (resource.title, resource.url_key) == (approved.title, approved.url_key)
    assert resource.details == {"place": "Nairobi"}
    assert resource.slug == "handbook-of-consular-practice-" + approved.title.split()[-1]
    assert [f.term_id for f in resource.filing if f.is_primary] == [term_id("topics", "14")]
    assert resource.review_summary == {
        "result": "include", "reviewers": 3, "internal": 1, "external": 2, "policy": 1,
        "by": "panel", "rounds": 1, "decided_at": clock().isoformat(),
    }  # fmt: skip
    assert [event.verb for event in history("resources", resource.id)] == ["publish"]


def test_the_submitter_is_told_the_public_address(
    approved: Submission, editor: Actor, mails: Mails, db: Any
) -> None:
    operations.publish(approved, by=editor)
    assert [event for event, _to in mails()] == ["library/publish"]


def test_only_what_is_approved_can_be_published(make: Factory, editor: Actor) -> None:
    with pytest.raises(WrongState):
        operations.publish(make.submission(state=State.REVIEWED), by=editor)


def test_the_submitter_publishes_nothing_even_as_an_editor(
    approved: Submission, make: Factory
) -> None:
    own = Actor(person_id=approved.submitter_id, roles=frozenset({Role.EDITOR}))
    with pytest.raises(NotAllowed):
        operations.publish(approved, by=own)


def test_what_is_due_is_published_once_however_often_the_task_runs(
    approved: Submission, clock: Any, db: Any
) -> None:
    approved.publish_at = clock() + timedelta(minutes=15)
    db.commit()
    assert tasks.publish_due() == 0
    clock.advance(minutes=16)
    assert tasks.publish_due() == 1
    assert tasks.publish_due() == 0
    assert db.scalar(sa.select(sa.func.count(Resource.id))) == 1


def test_one_that_cannot_be_published_does_not_hold_up_the_others(
    approved: Submission, make: Factory, clock: Any, db: Any
) -> None:
    broken = make.submission(state=State.APPROVED, section_id=None)
    broken.publish_at = clock() - timedelta(minutes=2)
    approved.publish_at = clock()
    db.commit()
    assert tasks.publish_due() == 1
    assert queries.due_submissions(clock()) == [broken.id]


def test_a_second_resource_of_the_same_title_gets_an_address_of_its_own(db: Any) -> None:
    assert [put("Same title").slug for _ in range(3)] == [
        "same-title", "same-title-2", "same-title-3"
    ]  # fmt: skip


def test_a_title_without_latin_letters_still_gets_an_address(db: Any) -> None:
    assert put("移民数据").slug == "resource"
    assert put("移民数据", title_en="Migration data").slug == "migration-data"


@pytest.mark.parametrize("by", [NOBODY, Actor(person_id=None, roles=frozenset({Role.AUDITOR}))])
def test_only_editors_check_in(db: Any, by: Actor) -> None:
    with pytest.raises(NotAllowed):
        operations.check_in(entry(), by=by)


def test_nothing_is_checked_in_as_peer_reviewed(db: Any) -> None:
    with pytest.raises(InvalidInput):
        operations.check_in(entry(), by=SYSTEM, origin=Origin.REVIEWED)


def test_a_correction_keeps_the_difference_and_changes_the_order(
    approved: Submission, editor: Actor, mails: Mails
) -> None:
    resource = operations.publish(approved, by=editor)
    changes = {
        "title": "Corrected title", "breadth": Breadth.COMPREHENSIVE, "scope": Scope.LOCAL,
        "filing": (term_id("topics", "20"), term_id("topics", "1")),
        "primary_id": term_id("topics", "20"),
    }  # fmt: skip
    edition = operations.correct(resource, by=editor, changes=changes, note="Misfiled")
    assert edition is not None
    assert (edition.edition, resource.edition) == (2, 2)
    assert edition.difference["title"] == [approved.title, "Corrected title"]
    assert edition.difference["primary"] == [["topics:14"], ["topics:20"]]
    assert (resource.rank_scope, resource.rank_breadth) == (4, 0)
    assert resource.rank_title == "corrected title"
    assert "library/correct" in [event for event, _to in mails()]


def test_a_correction_that_changes_nothing_makes_no_edition(db: Any, editor: Actor) -> None:
    resource = put("A title")
    same = {"title": "A title"}
    assert operations.correct(resource, by=editor, changes=same, note="x") is None
    assert resource.edition == 1


def test_an_editor_does_not_change_what_they_suggested(approved: Submission, editor: Actor) -> None:
    resource = operations.publish(approved, by=editor)
    own = Actor(person_id=approved.submitter_id, roles=frozenset({Role.EDITOR}))
    with pytest.raises(NotAllowed):
        operations.correct(resource, by=own, changes={"title": "Mine"}, note="x")
    with pytest.raises(NotAllowed):
        operations.remove(resource, by=own, reason="I changed my mind")


def test_archived_restored_and_removed_tell_the_submitter(
    approved: Submission, editor: Actor, mails: Mails, clock: Any
) -> None:
    resource = operations.publish(approved, by=editor)
    operations.archive(resource, by=editor, note="There is a newer edition")
    clock.advance(hours=1)
    operations.restore(resource, by=editor)
    operations.remove(resource, by=editor, reason="The rights holder asked for it")
    assert resource.state is ResourceState.REMOVED
    assert resource.removed_at == clock()
    assert [event for event, _to in mails()] == [
        "library/publish", "library/archive", "library/restore", "library/remove"
    ]  # fmt: skip
    with pytest.raises(WrongState):
        operations.correct(resource, by=editor, changes={"title": "Back"}, note="x")


def test_a_removal_needs_a_reason(db: Any, editor: Actor) -> None:
    with pytest.raises(InvalidInput):
        operations.remove(put(), by=editor, reason="")


def test_whoever_suggests_it_again_is_told_that_the_library_has_it(db: Any) -> None:
    url = "https://www.example.org/doi/10.1234/abc.5?utm_source=x"
    put("Known", url=url, url_key=url_key(url))
    same = Sought(url_key("http://example.org/doi/10.1234/abc.5/"), frozenset())
    other = Sought("elsewhere.example/x", identifiers("https://doi.org/10.1234/abc.5"))
    assert [getattr(find(sought), "title", None) for sought in (same, other)] == ["Known"] * 2
    assert find(Sought("nowhere.example", frozenset())) is None


def test_what_was_removed_may_be_suggested_again(db: Any, editor: Actor) -> None:
    resource = put("Known", url_key="example.org/known")
    operations.remove(resource, by=editor, reason="The link was dead for a year")
    assert find(Sought("example.org/known", frozenset())) is None
