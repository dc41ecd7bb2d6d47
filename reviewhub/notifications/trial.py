"""One mail past the outbox, to see whether mail leaves at all."""

from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from reviewhub.core import clock, config
from reviewhub.core.i18n import _
from reviewhub.core.mailer import Mailer


def send_trial(address: str) -> str:
    """Send a short mail to `address` at once; returns what the mail server answered.

    Raises smtplib.SMTPException or OSError, as the mail server refuses or is away.
    """
    settings = config.current()
    mail = EmailMessage()
    mail["Subject"] = str(_("A trial mail"))
    mail["From"] = settings.mail_from
    mail["To"] = address
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = make_msgid(
        domain=parseaddr(settings.mail_from)[1].partition("@")[2] or "localhost"
    )
    mail["Auto-Submitted"] = "auto-generated"
    sentence = _(
        "This mail was sent from %(url)s by hand, to see whether mail arrives. It has.",
        url=settings.base_url,
    )
    mail.set_content(f"{sentence}\n")
    return Mailer(settings.smtp_url).try_out(mail, address)
