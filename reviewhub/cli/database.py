"""The database: its tables, its vocabularies, and all of it at once before a start."""

from pathlib import Path

import click

from reviewhub.app import create_app
from reviewhub.core import config, filling
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.demo.building import is_built
from reviewhub.library.index.loading import is_outdated
from reviewhub.library.search import engine
from reviewhub.migrations import downgrade, upgrade
from reviewhub.reviews.operations import adopt_policy
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(prepare)
    group.add_command(database)
    group.add_command(taxonomy)


@click.command()
def prepare() -> None:
    """Migrate, load the hub's vocabularies and, where an update asks for it, rebuild the index."""
    with create_app().app_context():
        upgrade()
        _load(config.current().hub)
        if is_outdated():
            engine.rebuild()
            db.session.commit()
        if config.current().demo and not is_built():
            filling.begin()


@click.group("db")
def database() -> None:
    """The database's tables."""


@database.command("upgrade")
def upgrade_command() -> None:
    """Bring the tables to this version."""
    with create_app().app_context():
        upgrade()
    click.echo("The database is up to date.")


@database.command("downgrade")
@click.argument("revision", default="-1")
def downgrade_command(revision: str) -> None:
    """Take the tables back to REVISION."""
    with create_app().app_context():
        downgrade(revision=revision)
    click.echo(f"The database is at {revision}.")


@click.group()
def taxonomy() -> None:
    """The hub's vocabularies, forms and policy."""


@taxonomy.command("load")
@click.argument("hub", default="")
def load_command(hub: str) -> None:
    """Load HUB: the name of a built-in hub, or a folder. Loading it again changes nothing."""
    with create_app().app_context():
        _load(hub or config.current().hub)


def _load(hub: str | Path) -> None:
    try:
        report = load(hub_folder(hub))
        adopt_policy(catalogue().policy)
    except InvalidInput as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(
        f"{report.slug}, version {report.version}: {report.added} terms added, "
        f"{report.updated} changed, {report.deprecated} deprecated."
    )
