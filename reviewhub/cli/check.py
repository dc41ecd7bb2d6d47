"""`reviewhub check`: the invariants that must hold in any database, at any time."""

import sys

import click

from reviewhub.app import create_app
from reviewhub.cli.invariants import INVARIANTS, broken


def register(group: click.Group) -> None:
    """Add the command."""
    group.add_command(check)


@click.command()
def check() -> None:
    """Check every invariant; the exit code is 1 when one does not hold."""
    found = 0
    with create_app().app_context():
        for invariant in INVARIANTS:
            rows = broken(invariant)
            found += len(rows)
            click.echo(f"{'ok     ' if not rows else 'BROKEN '} {invariant.says}")
            for row in rows[:10]:
                click.echo(f"        {row}")
    sys.exit(1 if found else 0)
