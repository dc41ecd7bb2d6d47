"""Accounts that can't be made on a page."""

from collections.abc import Callable

import click

from reviewhub.accounts import addresses, operations, queries, second_factor, sessions
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(create_admin)
    group.add_command(grant)
    group.add_command(totp_reset)
    group.add_command(user)


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="", help="How the person is shown.")
@click.password_option(help="At least 15 characters.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make an account for EMAIL with every standing role but auditor."""
    with create_app().app_context():
        person = operations.know(email, name=name)
        operations.confirm(person)
        try:
            operations.set_password(person, password)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
        for role in (Role.ADMIN, Role.EDITOR, Role.ROSTER_MANAGER):
            operations.grant(person, role)
        db.session.commit()
        click.echo(f"{person.email} can sign in now.")


@click.command()
@click.argument("email")
@click.argument("role", type=click.Choice(sorted(STANDING)))
def grant(email: str, role: str) -> None:
    """Give EMAIL a standing ROLE."""
    with create_app().app_context():
        operations.grant(operations.know(email), Role(role))
        db.session.commit()
    click.echo(f"{email} is {role} now.")


@click.command("totp-reset")
@click.argument("email")
def totp_reset(email: str) -> None:
    """Let EMAIL sign in with the password alone: code generator and recovery codes are lost."""
    with create_app().app_context():
        person = _person(email)
        second_factor.remove(person)
        sessions.end_all(person.id)
        db.session.commit()
    click.echo(f"{email} signs in without a code now, and is signed out everywhere.")


@click.group()
def user() -> None:
    """Shut an account, open it again, and correct an address."""


@user.command()
@click.argument("email")
@click.option("--note", default="", help="Why; kept in the history.")
def suspend(email: str, note: str) -> None:
    """Shut the account of EMAIL: signed out, links in mails dead, asked for no review any more."""
    with create_app().app_context():
        _change(operations.suspend, email, note)
    click.echo(f"{email} is suspended and signed out everywhere.")


@user.command()
@click.argument("email")
@click.option("--note", default="", help="Why; kept in the history.")
def reinstate(email: str, note: str) -> None:
    """Open the account of EMAIL again; their links in mails open as before."""
    with create_app().app_context():
        _change(operations.reinstate, email, note)
    click.echo(f"{email} may come in again.")


@user.command("address")
@click.argument("old")
@click.argument("new")
def address(old: str, new: str) -> None:
    """Write to NEW instead of OLD, an address that mail does not reach."""
    with create_app().app_context():
        try:
            addresses.correct_address(_person(old), new)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
        db.session.commit()
    click.echo(f"Mail to {old} goes to {new} from now on.")


def _change(operation: Callable[..., None], email: str, note: str) -> None:
    try:
        operation(_person(email), note=note)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()


def _person(email: str) -> Person:
    person = queries.by_email(email)
    if person is None:
        raise click.ClickException(f"nobody here has the address {email}")
    return person
