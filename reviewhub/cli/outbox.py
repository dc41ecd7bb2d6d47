"""The outbox from the shell."""

import click

from reviewhub.app import create_app
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.notifications import queries
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import resend
from reviewhub.notifications.tasks import deliver


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(outbox)


@click.group()
def outbox() -> None:
    """The mails that were promised."""


@outbox.command("status")
def status() -> None:
    """How many mails are in each state."""
    with create_app().app_context():
        counts = queries.counts()
    for state in MessageState:
        click.echo(f"{state.value:8} {counts.get(state, 0)}")


@outbox.command("deliver")
def deliver_command() -> None:
    """Send what is due now, without a worker."""
    with create_app().app_context():
        if not config.current().smtp_url:
            raise click.ClickException("SMTP_URL is not set, so there is nowhere to send to.")
        click.echo(f"{deliver()} sent.")


@outbox.command("resend")
@click.argument("number", type=int)
def resend_command(number: int) -> None:
    """Queue the mail NUMBER once more."""
    with create_app().app_context():
        message = db.session.get(Message, number)
        if message is None:
            raise click.ClickException(f"There is no mail {number}.")
        resend(message)
        db.session.commit()
    click.echo(f"Mail {number} is queued.")
