"""`reviewhub search rebuild`: write the library's search columns anew."""

import click

from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.library.search import engine


@click.group()
def search() -> None:
    """The library's search."""


@search.command()
def rebuild() -> None:
    """Write what search and the default order read anew, from the resources themselves.

    Needed after the vocabularies' labels have changed, and harmless at any time.
    """
    with create_app().app_context():
        written = engine.rebuild()
        db.session.commit()
    click.echo(f"{written} resources written")


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(search)
