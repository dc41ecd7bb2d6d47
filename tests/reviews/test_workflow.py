"""The assignment's machine, every transition from every state by every role."""

import itertools
from types import SimpleNamespace

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.core.errors import DomainError
from reviewhub.reviews.workflow import LABELS, AssignmentState, AssignmentWorkflow

# verb -> (from, to, who), one `to` for all or one for each; written apart from the workflow that it
# checks.
EXPECTED = {
    "invite": ("proposed", "invited", "system editor"),
    "accept": ("invited expired", "accepted", "reviewer editor"),
    "decline": ("invited accepted", "declined", "reviewer editor"),
    "expire": ("invited", "expired", "system"),
    "ask_again": ("declined expired cancelled", "invited", "editor system"),
    "recuse": ("invited expired accepted returned", "recused", "reviewer editor"),
    "submit": ("accepted returned", "submitted", "reviewer editor"),
    "give_up": ("accepted returned", "unfilled", "reviewer editor"),
    "return_": ("submitted", "returned", "editor"),
    "correct": ("declined submitted", "invited returned", "reviewer"),
    "cancel": ("proposed invited accepted returned", "cancelled", "editor system"),
    "surpass": ("accepted returned", "surplus", "system"),
}


def test_the_machine_has_exactly_these_verbs() -> None:
    assert {t.name for t in AssignmentWorkflow.transitions()} == set(EXPECTED)


@pytest.mark.parametrize("verb", EXPECTED)
def test_a_verb_works_where_it_should_and_nowhere_else(verb: str) -> None:
    sources, targets, who = EXPECTED[verb]
    leads = dict(zip(sources.split(), itertools.cycle(targets.split()), strict=False))
    transition = getattr(AssignmentWorkflow, verb)
    for state, role in itertools.product(AssignmentState, Role):
        subject = SimpleNamespace(state=state)
        allowed = state in sources.split() and role in who.split()
        assert transition.is_open_to(subject, {role}) is allowed
        if allowed:
            move = transition(subject, {role})
            assert (move.old, move.new, subject.state) == (state, leads[state], leads[state])
        else:
            with pytest.raises(DomainError):
                transition(subject, {role})
            assert subject.state is state


def test_every_state_has_a_word() -> None:
    assert set(LABELS) == set(AssignmentState)
