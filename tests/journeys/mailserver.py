"""A mail server in the test's own process: it keeps what it accepts, and refuses when told to."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from aiosmtpd.smtp import SMTP, Envelope, Session

from reviewhub.cli.mailsink import listen

_NUMBER = re.compile(r"<outbox-(\d+)@")


@dataclass(frozen=True)
class Mail:
    """One accepted mail: who it was handed over for, and what it says."""

    to: str
    message: EmailMessage

    @property
    def id(self) -> str:
        """The Message-ID."""
        return str(self.message["Message-ID"])

    @property
    def number(self) -> int:
        """The number of the outbox row that it came from."""
        found = _NUMBER.match(self.id)
        assert found is not None, self.id
        return int(found.group(1))

    @property
    def subject(self) -> str:
        """The subject line."""
        return str(self.message["Subject"])

    @cached_property
    def text(self) -> str:
        """The plain part, as somebody reads it."""
        return self._part("plain")

    @cached_property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def links(self, base_url: str) -> list[str]:
        """The addresses of our own in the text, in order, each once."""
        found = re.findall(rf"{re.escape(base_url)}[^\s<>\"]*", self.text)
        return list(dict.fromkeys(link.rstrip(".,)") for link in found))

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        return "" if body is None else str(body.get_content())


class MailServer:
    """Takes mail on a loopback port. Set `refusal` to an SMTP answer and it takes none."""

    def __init__(self) -> None:
        with listen() as probe:
            self.port = int(probe.getsockname()[1])
        self.accepted: list[Mail] = []
        self.refusal = ""
        self.refused = 0
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """What SMTP_URL says."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; until then connections are refused."""
        listener = listen(self.port)
        self._thread = threading.Thread(target=self._serve, args=[listener], daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
            self._thread = None

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail for each recipient, or refuse it."""
        if self.refusal:
            self.refused += 1
            return self.refusal
        content = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            message = message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.accepted.append(Mail(address, message))
        return "250 2.0.0 Kept"

    def wait_for(self, is_it: Callable[[Mail], bool], seconds: float, *, what: str) -> Mail:
        """The newest mail that fits. Raises TimeoutError, saying what came instead."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in reversed(self.accepted):
                if is_it(mail):
                    return mail
            if time.monotonic() > deadline:
                came = "\n".join(f"{mail.to}: {mail.subject}" for mail in self.accepted[-40:])
                raise TimeoutError(f"no mail: {what}. These came:\n{came}")
            time.sleep(0.05)

    def _serve(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: SMTP(self, hostname="localhost", enable_SMTPUTF8=True, loop=self._loop),
                sock=listener,
            )
        )
        self._loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
