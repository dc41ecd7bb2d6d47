"""Every policy, every principal, every state: the answer that the hand-written lines give."""

from typing import Any

import pytest

from reviewhub.submissions.workflow import State
from tests.permissions.expected import STATES
from tests.permissions.mutants import policies
from tests.permissions.policies import LINES, wrong_answers
from tests.permissions.principals import House


@pytest.mark.lasting
@pytest.mark.parametrize("state", STATES)
def test_every_policy_answers_every_principal_as_it_has_to(
    db: Any, clock: Any, make: Any, state: str
) -> None:
    found = list(wrong_answers(House(make, State(state))))
    assert not found, "\n".join(found)


def test_every_policy_has_a_line() -> None:
    named = {name for line in LINES for name in _names(line.policy)}
    assert {policy.__name__ for policy in policies()} <= named


def _names(policy: Any) -> set[str]:
    return {policy.__name__, *policy.__code__.co_names}
