"""A thousand steps of anybody doing anything: no rule breaks. Ten thousand in `make soak`.

REVIEWHUB_TEST_SEED=7 pytest tests/process      another thousand
"""

import os
from collections import Counter

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from reviewhub.core import config
from reviewhub.reviews.workflow import AssignmentWorkflow
from reviewhub.submissions.workflow import SubmissionWorkflow
from tests import databases
from tests.process.machine import Process
from tests.second_app import second_app

SEED = int(os.environ.get("REVIEWHUB_TEST_SEED", "1"))
AT_ONCE, LENGTH = 5, 50  # runs for one seed, and steps of a run
MOVES = {
    (kind, transition.name)
    for kind, workflow in {
        "submissions": SubmissionWorkflow,
        "assignments": AssignmentWorkflow,
    }.items()
    for transition in workflow.transitions()
}


def go(app: Flask, steps: int, first: int) -> type[Process]:
    """Run machines until so many steps are made; each seed is printed."""
    given = {"app": app, "steps": 0, "done": Counter(), "moves": set()}
    machine: type[Process] = type("Process", (Process,), given)
    number = first
    while machine.steps < steps:
        print(f"seed {number}: from step {machine.steps}")
        run_state_machine_as_test(
            seed(number)(machine),
            settings=settings(
                max_examples=AT_ONCE,
                stateful_step_count=LENGTH,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
        number += 1
    print(dict(sorted(machine.done.items())))
    return machine


@pytest.mark.slow
def test_whatever_anybody_does_in_whatever_order_every_rule_holds(app):
    machine = go(app, 1_000, SEED)
    assert machine.steps >= 1_000
    assert len(machine.moves & MOVES) >= 0.7 * len(MOVES), sorted(MOVES - machine.moves)


RARE = 2  # moves that ten thousand steps of one seed may miss


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.usefixtures("app")  # the one that its tasks go back to
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_ten_thousand_steps_of_it(kind, tmp_path):
    with (
        databases.of_kind(kind, tmp_path) as url,
        second_app(tmp_path / "var", database_url=url) as app,
    ):
        app.extensions["tests.settings"] = config.current()
        machine = go(app, 10_000, 1_000 + SEED)
    assert len(MOVES - machine.moves) <= RARE, sorted(MOVES - machine.moves)
