"""Every cell of a resource's machine: verb, state and role against a table written here."""

from types import SimpleNamespace

import pytest

from reviewhub.accounts.roles import Role
from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.library.workflow import ResourceState as S
from reviewhub.library.workflow import ResourceWorkflow

# verb -> state -> where an editor gets to; whatever is missing is refused
EXPECTED = {
    "archive": {S.PUBLISHED: S.ARCHIVED},
    "restore": {S.ARCHIVED: S.PUBLISHED},
    "remove": {S.PUBLISHED: S.REMOVED, S.ARCHIVED: S.REMOVED},
}


def test_the_table_names_every_verb() -> None:
    assert {verb.name for verb in ResourceWorkflow.transitions()} == set(EXPECTED)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("verb", sorted(EXPECTED))
def test_every_verb_from_every_state_by_every_role(verb: str, state: S, role: Role) -> None:
    resource = SimpleNamespace(state=state)
    target = EXPECTED[verb].get(state)
    if role is Role.EDITOR and target is not None:
        getattr(ResourceWorkflow, verb)(resource, {role})
        assert resource.state is target
        return
    refusal = WrongState if role is Role.EDITOR else NotAllowed
    with pytest.raises(refusal):
        getattr(ResourceWorkflow, verb)(resource, {role})
    assert resource.state is state


@pytest.mark.parametrize("state", list(S))
def test_a_page_offers_what_the_table_allows(state: S) -> None:
    offered = ResourceWorkflow.offered(SimpleNamespace(state=state), {Role.EDITOR})
    assert set(offered) == {verb for verb, arrows in EXPECTED.items() if state in arrows}
