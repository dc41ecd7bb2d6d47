"""`reviewhub check`: the invariants that must hold in any database, at any time."""

import sys
from typing import Any

import click

from reviewhub.app import create_app
from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.library.index.verifying import verify
from reviewhub.reviews import verified

CHOICES = "Every reviewer was chosen as the rule and the ranking of the day say."


def register(group: click.Group) -> None:
    """Add the command."""
    group.add_command(check)


@click.group(invoke_without_command=True)
@click.pass_context
def check(context: click.Context) -> None:
    """Check every invariant; the exit code is 1 when one does not hold."""
    if context.invoked_subcommand is not None:
        return
    found = 0
    with create_app().app_context():
        for invariant in INVARIANTS:
            found += _say(invariant.says, broken(invariant))
        found += _say("The library's index is what its resources say.", verify())
        found += _say(CHOICES, list(verified.faults()))
    sys.exit(1 if found else 0)


@check.command()
def matching() -> None:
    """Check the reasons stored with every panel; the exit code is 1 when one does not hold."""
    with create_app().app_context():
        found = _say(CHOICES, list(verified.faults()))
        click.echo(f"        choices looked at: {verified.checked()}")
    sys.exit(1 if found else 0)


def _say(sentence: str, contradictions: list[Any]) -> int:
    click.echo(f"{'ok     ' if not contradictions else 'BROKEN '} {sentence}")
    for one in contradictions[:10]:
        click.echo(f"        {one}")
    return len(contradictions)
