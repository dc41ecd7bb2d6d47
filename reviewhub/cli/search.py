"""`reviewhub search`: make the library's index anew, or hold it against the resources."""

import sys

import click

from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.library.index.verifying import SAMPLE, verify
from reviewhub.library.search import engine


@click.group()
def search() -> None:
    """The library's index."""


@search.command()
def rebuild() -> None:
    """Make the index anew from the resources themselves.

    Needed after an update that files words differently, which the pages then say; harmless at any
    time. Publications wait while it runs, readers do not.
    """
    with create_app().app_context():
        written = engine.rebuild()
        db.session.commit()
    click.echo(f"{written} resources looked at")


@search.command("verify")
@click.option("--sample", default=SAMPLE, show_default=True, help="Resources and words to look at.")
def verify_command(sample: int) -> None:
    """Compare the index with the resources; the exit code is 1 when they differ.

    Every count and every order is compared, and the words of a sample.
    """
    with create_app().app_context():
        differences = verify(sample)
    for difference in differences:
        click.echo(difference)
    click.echo("The index is right." if not differences else "Run: reviewhub search rebuild")
    sys.exit(1 if differences else 0)


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(search)
