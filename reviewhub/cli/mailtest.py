"""`reviewhub mail-test`: sends one mail, and says what the mail server answered."""

import smtplib

import click

from reviewhub.app import create_app
from reviewhub.cli.launcher.lock import read_state
from reviewhub.core.config import Settings
from reviewhub.notifications.trial import send_trial


def register(group: click.Group) -> None:
    """Add the command."""
    group.add_command(command)


@click.command("mail-test")
@click.argument("address")
def command(address: str) -> None:
    """Send one mail to ADDRESS at once, past the outbox."""
    settings = Settings.load()
    running = read_state(settings.var)
    url = settings.smtp_url or (running.smtp_url if running else "")
    if not url:
        raise click.ClickException("SMTP_URL is not set, so there is nowhere to send to.")
    with create_app(smtp_url=url).app_context():
        click.echo(f"The mail server answered: {_send(address)}")


def _send(address: str) -> str:
    try:
        return send_trial(address)
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        shown = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        raise click.ClickException(
            f"The mail server refused it: {error.smtp_code} {shown}"
        ) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise click.ClickException(
            f"The mail could not be handed over ({error}): check SMTP_URL and the address."
        ) from error
