"""`reviewhub mailsink`: an SMTP server on loopback that keeps each mail as a file, for the demo."""

import asyncio
import errno
import signal
import socket
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope, Session

from reviewhub.notifications import mailbox

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Keeper:
    """Answers 250 only when the mail is on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail; a disk that is full or broken is the server's fault, for now."""
        content = envelope.original_content or b""
        try:
            await asyncio.to_thread(
                mailbox.store, self._folder, envelope.mail_from or "", envelope.rcpt_tos, content
            )
        except OSError as problem:
            click.echo(f"A mail could not be kept: {problem}", err=True)
            if problem.errno in _NO_ROOM:
                return "452 4.3.1 No room left for mail, try again later"
            return "451 4.3.0 The mail could not be kept, try again later"
        return "250 2.0.0 Kept"


async def serve(listener: socket.socket, folder: Path) -> None:
    """Take mail on a listening socket until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(Keeper(folder), hostname="localhost", enable_SMTPUTF8=True, loop=loop),
        sock=listener,
    )
    await stop.wait()
    server.close()


def listen(port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one. Raises OSError when it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


@click.command("mailsink")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--socket", "descriptor", type=int, help="An inherited listening socket instead.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), required=True)
def command(port: int, descriptor: int | None, folder: Path) -> None:
    """Take mail on loopback and keep it as files (demo only)."""
    try:
        listener = listen(port) if descriptor is None else socket.socket(fileno=descriptor)
    except OSError as problem:
        raise click.ClickException(f"The mail sink can't listen: {problem.strerror}.") from problem
    click.echo(f"Taking mail on 127.0.0.1:{listener.getsockname()[1]}, keeping it in {folder}")
    asyncio.run(serve(listener, folder))


def register(group: click.Group) -> None:
    """Add the command to the `reviewhub` group."""
    group.add_command(command)
