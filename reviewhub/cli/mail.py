"""`reviewhub mail bounces`: takes in reports of mails that did not arrive."""

import mailbox
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.notifications import dsn
from reviewhub.notifications.bounces import take_in

TRY_LATER = 75  # what a mail server takes for "keep the mail and come again" (sysexits.h)
LARGEST = 5_000_000  # bytes of one report that are read


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(mail)


@click.group()
def mail() -> None:
    """Mail that comes to the hub."""


@mail.command("bounces")
@click.option(
    "--maildir", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read what is new in this Maildir, and mark it as seen.",
)  # fmt: skip
@click.option(
    "--mbox", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read every mail of this mbox file; it stays as it is.",
)  # fmt: skip
def bounces(maildir: Path | None, mbox: Path | None) -> None:
    """Take in delivery status notifications: one mail from standard input, or a mailbox.

    Reading one twice changes nothing more. Leaves with 75 where the database is away, so that a
    mail server that pipes its mail here keeps it and comes again.
    """
    taken = left = 0
    with create_app().app_context():
        for content in _mails(maildir, mbox):
            if _take(content):
                taken += 1
            else:
                left += 1
    click.echo(f"{taken} taken in, {left} about no mail of this hub.")


def _take(content: bytes) -> bool:
    report = dsn.read(content)
    if report is None:
        return False
    try:
        is_ours = take_in(report)
        db.session.commit()
    except SQLAlchemyError as error:
        click.echo(f"The database is away: {type(error).__name__}", err=True)
        sys.exit(TRY_LATER)
    return is_ours


def _mails(maildir: Path | None, mbox: Path | None) -> Iterator[bytes]:
    if maildir is not None:
        yield from _new_in(maildir)
    elif mbox is not None:
        with closing(mailbox.mbox(mbox, create=False)) as box:
            yield from (box.get_bytes(key)[:LARGEST] for key in box.iterkeys())
    else:
        yield sys.stdin.buffer.read(LARGEST)


def _new_in(folder: Path) -> Iterator[bytes]:
    """What has not been looked at; each is moved among the seen once it has been taken in."""
    for path in sorted((folder / "new").iterdir()):
        yield path.read_bytes()[:LARGEST]
        (folder / "cur").mkdir(exist_ok=True)
        path.rename(folder / "cur" / f"{path.name}:2,S")
