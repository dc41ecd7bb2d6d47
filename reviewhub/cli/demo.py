"""The demo's content, for a hub that was started without it."""

import click

from reviewhub.app import create_app
from reviewhub.core import config, filling
from reviewhub.core.db import db
from reviewhub.demo import build


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(demo)


@click.group()
def demo() -> None:
    """Demo content: made-up people, suggestions and reviews."""


@demo.command("build")
def build_command() -> None:
    """Fill an empty hub with demo content; doing it again changes nothing."""
    with create_app().app_context():
        if not config.current().demo:
            raise click.ClickException(
                "Demo accounts have public passwords. Set REVIEWHUB_DEMO=true first, on a hub "
                "that is not for real work."
            )
        made = build()
        db.session.commit()
        filling.end()
    click.echo("The demo content is there." if made else "There is demo content already.")
