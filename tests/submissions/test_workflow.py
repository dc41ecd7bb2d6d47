"""The submission's machine, every transition from every state by every role."""

import itertools
from types import SimpleNamespace

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.errors import DomainError, WrongState
from reviewhub.submissions.workflow import LABELS, State, SubmissionWorkflow

# verb -> (from, to, who); written apart from the workflow, which it checks.
EXPECTED = {
    "submit": ("draft changes_requested", "submitted", "submitter"),
    "start_review": ("submitted", "in_review", "editor system"),
    "decline": ("submitted", "rejected", "editor"),
    "finish_review": ("in_review", "reviewed", "editor system"),
    "consult": ("reviewed", "in_review", "editor system"),
    "request_changes": ("submitted reviewed", "changes_requested", "editor"),
    "approve": ("reviewed", "approved", "editor panel"),
    "reject": ("reviewed", "rejected", "editor panel"),
    "publish": ("approved", "published", "editor system"),
    "withdraw": (
        "draft submitted in_review reviewed changes_requested approved",
        "withdrawn",
        "submitter",
    ),
    "lapse": ("draft changes_requested", "withdrawn", "system"),
    "revive": ("withdrawn", "submitted", "submitter editor"),
    "appeal": ("rejected", "submitted", "submitter"),
    "reopen": ("rejected approved", "reviewed", "editor"),
    "rescreen": ("rejected", "submitted", "editor"),
}
NEVER_REVIEWED = frozenset({"rescreen"})


def subject(state: State, verb: str = "") -> SimpleNamespace:
    """Something in this state for which the verb's guard holds."""
    return SimpleNamespace(
        state=state,
        submitted_at=clock.now(),
        reviewed_at=None if verb in NEVER_REVIEWED else clock.now(),
        appeals=0,
    )


def test_the_machine_has_exactly_these_verbs() -> None:
    assert {t.name for t in SubmissionWorkflow.transitions()} == set(EXPECTED)
    assert SubmissionWorkflow.initial is State.DRAFT


@pytest.mark.parametrize("verb", EXPECTED)
def test_a_verb_works_where_it_should_and_nowhere_else(verb: str) -> None:
    sources, target, who = EXPECTED[verb]
    transition = getattr(SubmissionWorkflow, verb)
    for state, role in itertools.product(State, Role):
        item = subject(state, verb)
        allowed = state in sources.split() and role in who.split()
        assert transition.is_open_to(item, {role}) is allowed, (state, role)
        if allowed:
            move = transition(item, {role})
            assert (move.old, move.new, item.state) == (state, target, target)
        else:
            with pytest.raises(DomainError):
                transition(item, {role})
            assert item.state is state


@pytest.mark.parametrize(
    ("verb", "state", "role", "why_not", "sentence"),
    [
        ("revive", State.WITHDRAWN, Role.EDITOR, {"submitted_at": None}, "never sent"),
        ("appeal", State.REJECTED, Role.SUBMITTER, {"appeals": 1}, "already been looked at"),
        ("reopen", State.REJECTED, Role.EDITOR, {"reviewed_at": None}, "screen it again"),
        ("rescreen", State.REJECTED, Role.EDITOR, {"reviewed_at": clock.now()}, "reopen"),
    ],
)
def test_a_guard_refuses_with_its_sentence(
    verb: str, state: State, role: Role, why_not: dict[str, object], sentence: str
) -> None:
    item = subject(state, verb)
    vars(item).update(why_not)
    transition = getattr(SubmissionWorkflow, verb)
    assert not transition.is_open_to(item, {role})
    with pytest.raises(WrongState, match=sentence):
        transition(item, {role})
    assert item.state is state


def test_a_rejected_one_can_be_reopened_or_screened_again_but_never_both() -> None:
    for reviewed_at, verb in ((None, "rescreen"), (clock.now(), "reopen")):
        item = subject(State.REJECTED)
        item.reviewed_at = reviewed_at
        assert SubmissionWorkflow.offered(item, {Role.EDITOR}) == [verb]


def test_every_state_has_a_word() -> None:
    assert set(LABELS) == set(State)
