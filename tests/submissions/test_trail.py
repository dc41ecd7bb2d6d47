"""The way of a submission, as a page and a mail show it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reviewhub.accounts.actor import PANEL, SYSTEM, Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.models import AuditEvent
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.submissions import moves, operations
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.trail import MAIN, TURNS, Trail, trail, trail_text
from reviewhub.submissions.workflow import State
from tests.factories import Factory


def way_of(submission: Submission, *, is_submitter: bool = False) -> Trail:
    """The trail as the pages make it."""
    events = history("submissions", submission.id)
    return trail(submission, events, live_decision(submission.id), is_submitter=is_submitter)


def steps_of(way: Trail) -> list[tuple[str, str]]:
    """Each step's name and state."""
    return [(step.name, step.state) for step in way.steps]


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_way_with_exactly_one_present_step(
    db: Any, clock: Any, make: Factory, state: State
) -> None:
    way = way_of(make.submission(state=state))
    present = [step for step in way.steps if step.state in {"now", "turned"}]
    assert [step.name for step in present] == ([] if state is State.DRAFT else [state])
    if state in MAIN:
        done = MAIN[: MAIN.index(state)]
        assert [name for name, how in steps_of(way) if how == "done"] == list(done)
        assert [name for name, how in steps_of(way) if how == "next"] == list(
            MAIN[MAIN.index(state) + 1 :]
        )
    if state in TURNS:
        assert steps_of(way)[-1] == (state, "turned")


@pytest.mark.parametrize(
    ("state", "who", "yours"),
    [
        (State.DRAFT, "you", True),
        (State.SUBMITTED, "an editor", False),
        (State.IN_REVIEW, "the reviewers", False),
        (State.REVIEWED, "an editor", False),
        (State.CHANGES_REQUESTED, "you", True),
        (State.APPROVED, "an editor", False),
    ],
)
def test_the_next_step_says_whose_it_is(
    db: Any, clock: Any, make: Factory, state: State, who: str, yours: bool
) -> None:
    due_at = core_clock.now() + timedelta(days=7)
    submission = make.submission(state=state, progress=Progress(due_at=due_at))
    following = way_of(submission, is_submitter=True).next
    assert following is not None
    assert (following.who, following.yours) == (who, yours)
    if state is not State.DRAFT:
        assert following.by == due_at
    for_others = way_of(submission).next
    assert for_others is not None
    assert for_others.who != "you"
    assert not for_others.yours


def test_what_is_published_has_no_next_step(db: Any, clock: Any, make: Factory) -> None:
    assert way_of(make.submission(state=State.PUBLISHED)).next is None


def test_the_day_it_goes_public_by_itself_is_named(db: Any, clock: Any, make: Factory) -> None:
    at = core_clock.now() + timedelta(minutes=15)
    following = way_of(make.submission(state=State.APPROVED, publish_at=at)).next
    assert following is not None
    assert (following.who, following.by) == ("by itself", at)


def test_the_whole_way_with_its_dates(
    db: Any, clock: Any, make: Factory, editor: Person, by: Callable[[Person], Actor]
) -> None:
    submission = make.submission(progress=Progress(reviews_expected=3, reviews_received=1))
    clock.advance(days=1)
    moves.start_review(submission, by=by(editor))
    db.flush()
    assert way_of(submission).steps[1].note == "1 of 3 reviews"
    clock.advance(days=1)
    moves.finish_review(submission, by=SYSTEM)
    db.flush()
    clock.advance(days=1)
    moves.approve(submission, by=PANEL, note="", panel={}, publish_at=None)
    db.flush()
    assert trail_text(way_of(submission)).splitlines() == [
        "- submitted: 2 Mar 2026",
        "- in review: 3 Mar 2026",
        "- reviewed: 4 Mar 2026",
        "- approved: 5 Mar 2026",
        "- Next: put it into the library (an editor)",
    ]


def test_a_second_round_forgets_the_steps_of_the_first(
    db: Any, clock: Any, make: Factory, editor: Person, by: Callable[[Person], Actor]
) -> None:
    submission = make.submission()
    moves.start_review(submission, by=by(editor))
    moves.finish_review(submission, by=SYSTEM)
    moves.request_changes(submission, by=by(editor), wanted="Say who made it.")
    db.flush()
    assert steps_of(way_of(submission)) == [
        ("submitted", "done"), ("in_review", "done"), ("reviewed", "done"),
        ("changes_requested", "turned"),
    ]  # fmt: skip
    clock.advance(days=2)
    owner = by(db.get_one(Person, submission.submitter_id))
    operations.submit(submission, by=owner)
    db.flush()
    way = way_of(submission)
    assert steps_of(way)[:2] == [("submitted", "now"), ("in_review", "next")]
    assert way.steps[0].at == core_clock.now()


def test_a_refusal_says_its_reason_and_until_when_a_second_look_can_be_asked_for(
    db: Any, clock: Any, make: Factory, editor: Person, by: Callable[[Person], Actor]
) -> None:
    submission = make.submission()
    operations.decline(submission, by=by(editor), reason="outdated", note="It is from 1950.")
    way = way_of(submission, is_submitter=True)
    assert way.steps[-1].note
    assert way.next is not None
    assert (way.next.who, way.next.by) == ("you", core_clock.now() + timedelta(days=30))
    submission.appeals = 1
    assert way_of(submission, is_submitter=True).next is None


def test_what_was_withdrawn_can_be_taken_up_until_a_day(
    db: Any, clock: Any, make: Factory, by_link: Callable[[Submission], Actor]
) -> None:
    submission = make.submission()
    moves.withdraw(submission, by=by_link(submission))
    db.flush()
    clock.advance(days=5)
    following = way_of(submission, is_submitter=True).next
    assert following is not None
    assert following.by == core_clock.now() + timedelta(days=85)


def test_a_draft_that_was_never_sent_ends_without_a_next_step(
    db: Any, clock: Any, make: Factory
) -> None:
    submission = make.submission(state=State.DRAFT)
    moves.lapse(submission, by=SYSTEM)
    db.flush()
    way = way_of(submission)
    assert (steps_of(way), way.next) == ([("withdrawn", "turned")], None)


def test_no_reviewer_is_named_on_the_way(db: Any, clock: Any, make: Factory) -> None:
    reviewer = make.person("Rita Reviewer")
    submission = make.submission(state=State.IN_REVIEW)
    submission.progress.reviews_expected = 3
    db.add(
        AuditEvent(object_type="submissions", object_id=submission.id, verb="start_review",
                   role="editor", actor_id=reviewer.id, old_state="submitted",
                   new_state="in_review", note="Rita Reviewer is asked", data={})
    )  # fmt: skip
    db.flush()
    for is_submitter in (True, False):
        way = way_of(submission, is_submitter=is_submitter)
        assert "Rita" not in repr(way) + trail_text(way)
