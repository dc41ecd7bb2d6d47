"""Handing one finished mail to the mail server. Only notifications may use it."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 5.0


class ServerAway(OSError):
    """No mail server answers at the address: nothing is wrong with the mail itself."""


class Mailer:
    """An SMTP server given as smtp://, smtps:// or smtp+starttls:// address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand `message` over for `to`.

        Raises ServerAway where none answers, else smtplib.SMTPException or OSError; an
        SMTPResponseException carries the server's code.
        """
        with self._connected() as server:
            server.send_message(message, to_addrs=[to])

    def try_out(self, message: EmailMessage, to: str) -> str:
        """Hand one mail over step by step; returns the server's last answer, "250 2.0.0 Ok".

        Raises as `send` does.
        """
        with self._connected() as server:
            server.ehlo_or_helo_if_needed()
            _accepted(server.mail(parseaddr(str(message["From"]))[1]))
            _accepted(server.rcpt(to))
            return _accepted(server.data(message.as_bytes(policy=policy.SMTP)))

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        parts = urlsplit(self.url)
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        try:
            server = kind(parts.hostname or "", parts.port or 25, timeout=TIMEOUT_S)
        except OSError as error:
            if isinstance(error, smtplib.SMTPResponseException):
                raise  # it answers, but takes no mail now
            raise ServerAway(f"{type(error).__name__}: {error}") from error
        with server:
            if parts.scheme == "smtp+starttls":
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server


def _accepted(answer: tuple[int, bytes]) -> str:
    """A server's answer in words. Raises smtplib.SMTPResponseException where it refused."""
    code, words = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, words)
    return f"{code} {words.decode('utf-8', 'replace')}"
