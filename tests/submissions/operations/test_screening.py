"""An editor's first look, taking it back, and taking up again what was withdrawn."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import DomainError, InvalidInput, NotAllowed, WrongState
from reviewhub.submissions import moves, operations
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.screening import revive_until
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.workflow import State
from tests.factories import Factory

Link = Callable[[Submission], Actor]
Signed = Callable[[Person], Actor]
Mails = Callable[[], list[tuple[str, str]]]
WHY = "It is about tourism and nothing else."


@pytest.fixture
def declined(db: Any, clock: Any, make: Factory, editor: Person, by: Signed) -> Submission:
    """Refused at screening."""
    submission = make.submission()
    submission.progress.editor_id = editor.id
    operations.decline(submission, by=by(editor), reason="out_of_scope", note=WHY)
    return submission


def test_declining_tells_the_submitter_why(
    declined: Submission, editor: Person, mails: Mails
) -> None:
    decision = live_decision(declined.id)
    assert decision is not None
    assert (decision.reason, decision.text, decision.at_screening) == ("out_of_scope", WHY, True)
    assert (declined.state, decision.decided_by_id) == (State.REJECTED, editor.id)
    assert (declined.progress.owner_id, declined.progress.due_at) == (None, None)
    assert [event for event, _address in mails()] == ["submissions/decline"]


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [
        ("because", WHY, "reason"),
        ("", WHY, "reason"),
        ("out_of_scope", "No.", "note"),
        ("out_of_scope", "x" * 2001, "note"),
    ],
)
def test_declining_needs_a_reason_and_a_sentence(
    db: Any, make: Factory, editor: Person, by: Signed, reason: str, note: str, field: str
) -> None:
    submission = make.submission()
    with pytest.raises(InvalidInput) as refused:
        operations.decline(submission, by=by(editor), reason=reason, note=note)
    assert refused.value.field == field
    assert submission.state is State.SUBMITTED


def test_no_editor_declines_their_own(db: Any, make: Factory, editor: Person, by: Signed) -> None:
    submission = make.submission(submitter_id=editor.id)
    with pytest.raises(NotAllowed):
        operations.decline(submission, by=by(editor), reason="out_of_scope", note=WHY)


def test_a_refusal_is_taken_back_and_screened_by_the_same_editor(
    declined: Submission, make: Factory, editor: Person, by: Signed, mails: Mails
) -> None:
    make.editor()
    operations.rescreen(declined, by=by(editor), note="It was the wrong item.")
    assert (declined.state, live_decision(declined.id)) == (State.SUBMITTED, None)
    assert declined.progress.owner_id == editor.id
    assert mails()[-1][0] == "submissions/rescreen"
    assert history("submissions", declined.id)[-1].note == "It was the wrong item."


def test_taken_back_it_can_be_declined_again(
    declined: Submission, editor: Person, by: Signed
) -> None:
    operations.rescreen(declined, by=by(editor), note="It was the wrong item.")
    again = operations.decline(declined, by=by(editor), reason="outdated", note=WHY)
    found = live_decision(declined.id)
    assert found is again


def test_taking_back_needs_a_reason(declined: Submission, editor: Person, by: Signed) -> None:
    with pytest.raises(InvalidInput):
        operations.rescreen(declined, by=by(editor), note="")
    assert declined.state is State.REJECTED


# -- revive --


@pytest.fixture
def withdrawn(db: Any, clock: Any, make: Factory, editor: Person, by_link: Link) -> Submission:
    """Sent, and then taken back by its submitter."""
    submission = make.submission()
    submission.progress.editor_id = editor.id
    moves.withdraw(submission, by=by_link(submission))
    db.flush()
    return submission


def test_within_the_policys_days_it_is_taken_up_in_a_new_round(
    withdrawn: Submission, clock: Any, by_link: Link, editor: Person, mails: Mails
) -> None:
    assert revive_until(withdrawn) == core_clock.now() + timedelta(days=90)
    clock.advance(days=90)
    operations.revive(withdrawn, by=by_link(withdrawn), note="We are ready now.")
    assert (withdrawn.state, withdrawn.round) == (State.SUBMITTED, 2)
    assert withdrawn.progress.owner_id == editor.id
    assert [event for event, _address in mails()] == ["submissions/revive", "submissions/new"]


def test_after_them_it_is_suggested_anew(
    withdrawn: Submission, clock: Any, by_link: Link, editor: Person, by: Signed
) -> None:
    clock.advance(days=90, seconds=1)
    for actor in (by_link(withdrawn), by(editor)):
        with pytest.raises(WrongState, match="too long ago"):
            operations.revive(withdrawn, by=actor)
    assert withdrawn.state is State.WITHDRAWN


def test_an_editor_may_take_it_up_too(withdrawn: Submission, editor: Person, by: Signed) -> None:
    operations.revive(withdrawn, by=by(editor))
    assert withdrawn.state is State.SUBMITTED


def test_nobody_else_takes_it_up(withdrawn: Submission, make: Factory, by: Signed) -> None:
    for actor in (by(make.person()), SYSTEM):
        with pytest.raises(NotAllowed):
            operations.revive(withdrawn, by=actor)


def test_what_somebody_else_has_sent_meanwhile_stands_in_the_way(
    withdrawn: Submission, make: Factory, by_link: Link
) -> None:
    make.submission(url=withdrawn.url, url_key=withdrawn.url_key)
    with pytest.raises(DomainError, match="already under review"):
        operations.revive(withdrawn, by=by_link(withdrawn))


def test_what_was_never_sent_cannot_be_taken_up(
    db: Any, clock: Any, make: Factory, by_link: Link
) -> None:
    submission = make.submission(state=State.DRAFT)
    moves.lapse(submission, by=SYSTEM)
    db.flush()
    with pytest.raises(WrongState, match="never sent"):
        operations.revive(submission, by=by_link(submission))
