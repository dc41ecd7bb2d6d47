"""`reviewhub import`: take over a collection of resources, or invite a list of people."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.jobs import operations as jobs
from reviewhub.library import collections, imports
from reviewhub.library.imports import Outcome
from reviewhub.roster.operations import imports as lists
from reviewhub.roster.operations import invitations
from reviewhub.roster.operations.invitations import Outcome as Invited
from reviewhub.taxonomy.queries import catalogue

BATCH = 100
MOST_KEPT = 1000  # refusals that the job's report keeps
UNREADABLE = 2


@click.group("import")
def group() -> None:
    """Take over what another system has."""


@group.command("resources")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(collections.FORMATS), default=None)
@click.option("--dry-run", is_flag=True, help="Check every row, store nothing.")
@click.option("--limit", type=click.IntRange(1), default=None, help="Only the first rows.")
def resources(path: Path, kind: str | None, dry_run: bool, limit: int | None) -> None:
    """Import resources from a JSON or CSV FILE; running it again changes nothing.

    Rows that can't be used are listed with field and reason; the others go in.
    """
    try:
        records = collections.read(path, kind or "")[:limit]
    except InvalidInput as error:
        click.echo(str(error), err=True)
        sys.exit(UNREADABLE)
    with create_app().app_context():
        try:
            outcome = _check(records) if dry_run else _store(records)
        except DomainError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
    _say(outcome, dry_run=dry_run)


@group.command("roster")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--by", "address", metavar="ADDRESS", help="The roster manager who invites them.")
@click.option("--dry-run", is_flag=True, help="Check every row, invite nobody.")
def roster(path: Path, address: str | None, dry_run: bool) -> None:
    """Invite the people of a CSV or XLSX FILE to the roster; running it again invites nobody twice.

    Rows that can't be used are listed with column and reason; the others go in. Everybody gets a
    mail and is on the roster after saying yes.
    """
    with create_app().app_context():
        try:
            by = _roster_manager(address, dry_run=dry_run)
            invited = _invite(path, by, dry_run=dry_run)
        except (DomainError, OSError) as error:
            click.echo(str(error), err=True)
            sys.exit(UNREADABLE if isinstance(error, InvalidInput | OSError) else 1)
    for refusal in sorted(invited.refused, key=lambda one: one.row):
        click.echo(f"row {refusal.row}: {refusal.column}: {refusal.reason}", err=True)
    for row, columns in invited.changed:
        click.echo(f"row {row}: changed: {columns}", err=True)
    click.echo(
        f"{invited.new} invited, {len(invited.changed)} changed, {invited.unchanged} unchanged,"
        f" {invited.on_roster} on the roster already, {len(invited.refused)} refused"
        + (" (nobody was invited)" if dry_run else "")
    )


def _roster_manager(address: str | None, *, dry_run: bool) -> Actor:
    person = people.by_email(address) if address else None
    if person is not None and Role.ROSTER_MANAGER in person.roles:
        return Actor(person_id=person.id, roles=person.roles)
    if dry_run and address is None:
        return Actor(person_id=0, roles=frozenset({Role.ROSTER_MANAGER}))  # of whom nothing is kept
    raise WrongState(_("Say with --by which roster manager invites these people."))


def _invite(path: Path, by: Actor, *, dry_run: bool) -> Invited:
    content, name = path.read_bytes(), path.name
    locale = catalogue().default_locale
    if dry_run:
        return lists.check(content, name, by=by, locale=locale)
    total, outcome, batches = lists.batches(content, name)
    job_id = jobs.start("roster_import_from_file", total=total).id
    db.session.commit()
    for batch in batches:
        outcome += invitations.invite(batch, by=by, locale=locale)
        jobs.advance(job_id, steps=len(batch), **lists.report(outcome))
        db.session.commit()
    jobs.finish(job_id, **lists.report(outcome))
    db.session.commit()
    return outcome


def register(root: click.Group) -> None:
    """Add the commands to the `reviewhub` group."""
    root.add_command(group)


def _check(records: list[Any]) -> Outcome:
    outcome = imports.take_over(enumerate(records, 1), by=SYSTEM, hub=catalogue())
    db.session.rollback()
    return outcome


def _store(records: list[Any]) -> Outcome:
    """In batches, each committed with the job's progress, so that a crash loses little."""
    job_id = jobs.start("import", total=len(records)).id
    db.session.commit()
    outcome = Outcome()
    for batch in _batches(records):
        outcome += imports.take_over(batch, by=SYSTEM, hub=catalogue())
        jobs.advance(job_id, steps=len(batch), **_report(outcome))
        db.session.commit()
        db.session.expunge_all()
    jobs.finish(job_id, **_report(outcome))
    db.session.commit()
    return outcome


def _batches(records: list[Any]) -> Iterator[list[tuple[int, Any]]]:
    numbered = iter(enumerate(records, 1))
    while batch := list(islice(numbered, BATCH)):
        yield batch


def _report(outcome: Outcome) -> dict[str, Any]:
    return {
        "new": outcome.new,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "refused": len(outcome.refused),
        "refusals": [vars(refusal) for refusal in outcome.refused[:MOST_KEPT]],
    }


def _say(outcome: Outcome, *, dry_run: bool) -> None:
    for refusal in outcome.refused:
        field = f"{refusal.field}: " if refusal.field else ""
        click.echo(f"row {refusal.row}: {field}{refusal.reason}", err=True)
    click.echo(
        f"{outcome.new} new, {outcome.updated} updated, {outcome.unchanged} unchanged, "
        f"{len(outcome.refused)} refused" + (" (nothing was stored)" if dry_run else "")
    )
