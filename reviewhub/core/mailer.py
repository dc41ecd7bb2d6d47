"""Handing one finished mail to the mail server. Only notifications may use it."""

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Self
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 5.0  # for one answer of the server
DIALOGUE_S = 18.0  # for all of them together


class ServerAway(OSError):
    """No mail server answers at the address: nothing is wrong with the mail itself."""


class Mailer:
    """An SMTP server given as smtp://, smtps:// or smtp+starttls:// address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(
        self, message: EmailMessage, to: str, *, sender: str = "", within: float = DIALOGUE_S
    ) -> None:
        """Hand `message` over for `to`; `sender` is the envelope's, where it is not the mail's.

        After `within` seconds it is over, whatever the server does: then the line is cut. Raises
        ServerAway where none answers, else smtplib.SMTPException or OSError (TimeoutError where
        the time is up); an SMTPResponseException carries the server's code.
        """
        limit = _TimeLimit(within)
        with self._connected(limit) as server:
            limit.check()  # finding the server takes as long as it likes
            server.send_message(message, from_addr=sender or None, to_addrs=[to])

    def try_out(self, message: EmailMessage, to: str) -> str:
        """Hand one mail over step by step; returns the server's last answer, "250 2.0.0 Ok".

        Raises as `send` does.
        """
        with self._connected(_TimeLimit(DIALOGUE_S)) as server:
            server.ehlo_or_helo_if_needed()
            _accepted(server.mail(parseaddr(str(message["From"]))[1]))
            _accepted(server.rcpt(to))
            return _accepted(server.data(message.as_bytes(policy=policy.SMTP)))

    @contextmanager
    def _connected(self, limit: "_TimeLimit") -> Iterator[smtplib.SMTP]:
        parts = urlsplit(self.url)
        kind = _SecureServer if parts.scheme == "smtps" else _Server
        with limit:
            try:
                server = kind(limit, parts.hostname or "", parts.port or 25)
            except OSError as error:
                if isinstance(error, smtplib.SMTPResponseException):
                    raise  # it answers, but takes no mail now
                raise ServerAway(f"{type(error).__name__}: {error}") from error
            try:
                if parts.scheme == "smtp+starttls":
                    server.starttls()
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                yield server
            finally:
                _say_goodbye(server)


class _TimeLimit:
    """Cuts a dialogue when its time is up: timeouts of single answers add up to any length."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._timer: threading.Timer | None = None

    def check(self) -> None:
        """Raise TimeoutError where the time is up."""
        if time.monotonic() >= self._end:
            raise TimeoutError("the mail server took too long")

    def watch(self, server: smtplib.SMTP) -> None:
        """From now on, shut the server's line when the time is up."""
        if self._timer is None:
            self._timer = threading.Timer(self._end - time.monotonic(), _shut, [server])
            self._timer.daemon = True
            self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPResponseException):
            self.check()  # what follows from the cut is told by its cause


class _Server(smtplib.SMTP):
    """A dialogue within a time limit, from the server's first word on."""

    def __init__(self, limit: _TimeLimit, host: str, port: int) -> None:
        self.limit = limit
        super().__init__(host, port, timeout=TIMEOUT_S)

    def getreply(self) -> tuple[int, bytes]:
        self.limit.watch(self)
        return super().getreply()


class _SecureServer(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""

    def __init__(self, limit: _TimeLimit, host: str, port: int) -> None:
        self.limit = limit
        super().__init__(host, port, timeout=TIMEOUT_S)

    def getreply(self) -> tuple[int, bytes]:
        self.limit.watch(self)
        return super().getreply()


def _say_goodbye(server: smtplib.SMTP) -> None:
    """End the dialogue; whatever is answered, a mail that was taken is taken."""
    try:
        with suppress(OSError):
            server.quit()
    finally:
        server.close()


def _shut(server: smtplib.SMTP) -> None:
    line = server.sock
    if line is not None:
        with suppress(OSError):  # it is closed already
            line.shutdown(socket.SHUT_RDWR)


def _accepted(answer: tuple[int, bytes]) -> str:
    """A server's answer in words. Raises smtplib.SMTPResponseException where it refused."""
    code, words = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, words)
    return f"{code} {words.decode('utf-8', 'replace')}"
