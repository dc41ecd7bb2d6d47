"""Handing one finished mail to the mail server. Only notifications may use it."""

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 5.0


class Mailer:
    """An SMTP server given as smtp://, smtps:// or smtp+starttls:// address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand `message` over for `to`.

        Raises smtplib.SMTPException or OSError; an SMTPResponseException carries the server's code.
        """
        parts = urlsplit(self.url)
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "", parts.port or 25, timeout=TIMEOUT_S) as server:
            if parts.scheme == "smtp+starttls":
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message, to_addrs=[to])
