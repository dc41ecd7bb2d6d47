"""Every verb in every state for every role, against a table written apart from the machines."""

from types import SimpleNamespace

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.core.errors import DomainError
from reviewhub.core.workflow import Workflow
from reviewhub.roster.workflow import (
    ApplicationState,
    ApplicationWorkflow,
    MembershipState,
    MembershipWorkflow,
)

# verb: {(from, role): to}; what is not here is refused.
APPLICATION = {
    "submit": {("draft", "applicant"): "submitted"},
    "ask": {("submitted", "roster_manager"): "more_information"},
    "answer": {
        ("more_information", "applicant"): "submitted",
        ("more_information", "roster_manager"): "submitted",
    },
    "approve": {
        ("submitted", "roster_manager"): "approved",
        ("more_information", "roster_manager"): "approved",
        ("submitted", "admin"): "approved",
        ("more_information", "admin"): "approved",
    },
    "decline": {
        ("submitted", "roster_manager"): "declined",
        ("more_information", "roster_manager"): "declined",
        ("submitted", "admin"): "declined",
        ("more_information", "admin"): "declined",
    },
    "withdraw": {
        ("draft", "applicant"): "withdrawn",
        ("submitted", "applicant"): "withdrawn",
        ("more_information", "applicant"): "withdrawn",
    },
    "lapse": {
        ("draft", "system"): "withdrawn",
        ("more_information", "system"): "withdrawn",
    },
}
MEMBERSHIP = {
    "pause": {
        ("active", "member"): "paused",
        ("active", "roster_manager"): "paused",
        ("active", "system"): "paused",
    },
    "resume": {
        ("paused", "member"): "active",
        ("paused", "roster_manager"): "active",
        ("paused", "system"): "active",
        ("ended", "roster_manager"): "active",
    },
    "end": {
        ("active", "member"): "ended",
        ("active", "roster_manager"): "ended",
        ("active", "system"): "ended",
        ("paused", "member"): "ended",
        ("paused", "roster_manager"): "ended",
        ("paused", "system"): "ended",
    },
}
MACHINES = [
    (ApplicationWorkflow, ApplicationState, APPLICATION),
    (MembershipWorkflow, MembershipState, MEMBERSHIP),
]


def cells():
    for machine, states, table in MACHINES:
        for verb in sorted({*table, *(one.name for one in machine.transitions())}):
            for state in states:
                for role in Role:
                    yield pytest.param(
                        machine, verb, state, role, table.get(verb, {}).get((state, role)),
                        id=f"{machine.__name__}-{verb}-{state}-{role}",
                    )  # fmt: skip


@pytest.mark.parametrize(("machine", "verb", "state", "role", "expected"), list(cells()))
def test_each_cell_moves_or_refuses_as_written(
    app, machine: type[Workflow], verb, state, role, expected
):
    subject = SimpleNamespace(state=state)
    transition = getattr(machine, verb)
    with app.app_context():
        assert transition.is_open_to(subject, {role}) == (expected is not None)
        if expected is None:
            with pytest.raises(DomainError):
                transition(subject, {role})
            assert subject.state == state
        else:
            move = transition(subject, {role})
            assert (move.old, move.new, subject.state) == (state, expected, expected)
