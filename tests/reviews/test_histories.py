"""What is counted of finished items, and that the submitter's page tells it and no more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core.workflow import Move
from reviewhub.reviews import tasks
from reviewhub.reviews.histories import Finished, count_waiting_times, waiting_times
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.workflow import State as S
from reviewhub.taxonomy.queries import catalogue
from tests.admin.queries import counted
from tests.conftest import START, SetClock
from tests.factories import Factory

KEPT = (S.SUBMITTED, "editor-3")


def test_days_are_counted_from_each_stage_that_was_reached() -> None:
    def at(day: int) -> datetime:
        return START + timedelta(days=day)

    reviewed = {S.SUBMITTED: at(0), S.IN_REVIEW: at(4), S.REVIEWED: at(20)}
    found = waiting_times(
        [Finished("a", reviewed, at(25)), Finished("a", {S.SUBMITTED: at(1)}, at(3))]
    )
    assert found == {(S.SUBMITTED, "a"): [25, 2], (S.IN_REVIEW, "a"): [21], (S.REVIEWED, "a"): [5]}


def test_a_stage_after_the_decision_counts_nothing() -> None:
    found = waiting_times([Finished("a", {S.SUBMITTED: START + timedelta(days=1)}, START)])
    assert found == {}


class Past:
    """Decided items of the hub, each with its history."""

    def __init__(self, make: Factory, clock: SetClock) -> None:
        self.make, self.clock = make, clock
        self.editor = make.editor()
        adopt_policy({**catalogue().policy})

    def decided(self, days: float, **values: Any) -> Submission:
        """Sent `days` before it was declined."""
        sent = self.clock() - timedelta(days=2 + days)
        submission = self.make.submission(state=S.REJECTED, submitted_at=sent, **values)
        self.move(submission, "submit", S.DRAFT, S.SUBMITTED, sent)
        self.make._add(
            Decision(
                submission_id=submission.id, kind=DecisionKind.REJECTED, reason="out_of_scope",
                decided_by_id=self.editor.id, decided_at=sent + timedelta(days=days),
                at_screening=True,
            )
        )  # fmt: skip
        return submission

    def move(self, submission: Submission, verb: str, old: S, new: S, at: datetime) -> None:
        """One step of the history."""
        record(submission, Move(verb, old, new, Role.EDITOR)).at = at
        self.make.session.flush()


@pytest.fixture
def past(db: scoped_session[Session], clock: SetClock, make: Factory) -> Past:
    """Nothing has been decided yet."""
    clock.advance(days=100)
    return Past(make, clock)


def test_the_hubs_own_items_are_counted(past: Past) -> None:
    past.decided(3)
    past.decided(12)
    assert sorted(count_waiting_times()[KEPT]) == [3, 12]


def test_an_item_that_came_back_counts_from_the_last_time(past: Past) -> None:
    submission = past.decided(12)
    again = past.clock() - timedelta(days=2 + 5)
    past.move(submission, "submit", S.CHANGES_REQUESTED, S.SUBMITTED, again)
    assert count_waiting_times()[KEPT] == [5]


def test_appeals_undone_decisions_and_fresh_ones_are_left_out(past: Past) -> None:
    past.decided(3, appeals=1)
    undone, fresh = past.decided(4), past.decided(5)
    for submission, values in ((undone, {"superseded_at": past.clock()}),
                               (fresh, {"decided_at": past.clock()})):  # fmt: skip
        past.make.session.execute(
            sa.update(Decision).where(Decision.submission_id == submission.id).values(**values)
        )
    assert count_waiting_times() == {}


def test_reviewed_items_go_by_the_rules_of_their_round(past: Past) -> None:
    submission = past.decided(9)
    rules = {**catalogue().policy, "slots": {"internal": 1, "external": 4}, "screening": "none"}
    policy = adopt_policy(rules)
    past.make._add(
        ReviewRound(submission_id=submission.id, number=1, policy_id=policy.id,
                    closed_at=past.clock())
    )  # fmt: skip
    assert count_waiting_times() == {(S.SUBMITTED, "none-5"): [9]}


def test_counting_costs_the_same_for_one_item_and_for_many(past: Past) -> None:
    past.decided(3)
    with counted() as one:
        count_waiting_times()
    for days in range(20):
        past.decided(days)
    with counted() as many:
        count_waiting_times()
    assert len(many) == len(one)


def test_the_submitters_page_tells_it_once_enough_are_alike(
    past: Past, sign_in: Callable[[Person], FlaskClient], app: Flask
) -> None:
    waiting = past.make.submission()
    past.move(waiting, "submit", S.DRAFT, S.SUBMITTED, past.clock())
    submitter = past.make.session.get_one(Person, waiting.submitter_id)
    browser = sign_in(submitter)
    for days in range(1, 20):
        past.decided(days)
    tasks.count()
    assert "similar items" not in browser.get(f"/submissions/{waiting.ref}").text
    past.decided(20)
    tasks.count()
    page = browser.get(f"/submissions/{waiting.ref}").text
    assert "The decision is likely in 4 to 17 days." in page
    assert "Estimated from 20 similar items." in page


@pytest.mark.lasting
def test_the_estimate_says_nothing_of_others_but_their_number_and_their_days(
    past: Past, sign_in: Callable[[Person], FlaskClient], app: Flask
) -> None:
    waiting = past.make.submission()
    past.move(waiting, "submit", S.DRAFT, S.SUBMITTED, past.clock())
    browser = sign_in(past.make.session.get_one(Person, waiting.submitter_id))
    others = [past.decided(days) for days in range(1, 31)]
    tasks.count()
    before = browser.get(f"/submissions/{waiting.ref}").text
    assert "Estimated from 30 similar items." in before
    for other in others:
        other.title, other.publisher, other.description = "Unlike", "Elsewhere", "Altogether other"
    tasks.count()
    after = browser.get(f"/submissions/{waiting.ref}").text
    assert _without_tokens(after) == _without_tokens(before)


def _without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf" not in line)
