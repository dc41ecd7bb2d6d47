"""From an outbox row to a finished mail: text first, and the same words as HTML.

A template's first line is the subject. In the body, a blank line ends a paragraph, lines that
begin with "- " make a list, and a line that is nothing but one of our own addresses becomes a
button. Everything else, whatever a user wrote, stays text.
"""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import force_locale
from markupsafe import Markup, escape

from reviewhub.core import config
from reviewhub.core.text import clean_line
from reviewhub.notifications.models import Message, Notice

TokenOf = Callable[[int], str]


def _no_tokens(link_id: int) -> str:
    raise RuntimeError("use_tokens has not been called")


_token_of: TokenOf = _no_tokens


def use_tokens(token_of: TokenOf) -> None:
    """Let `token_of(link_id)` derive the tokens that stand in mails; called at start.

    Links belong to accounts, which lies above this package: hence the hand-over.
    """
    global _token_of  # set once per process
    _token_of = token_of


def render(message: Message) -> EmailMessage:
    """The mail, in the recipient's language. Raises jinja2.TemplateError for a broken template."""
    settings = config.current()
    page = current_app.test_request_context(base_url=settings.base_url)
    with page, force_locale(message.locale):
        subject, body = _words(message.event, message.context)
        html = render_template(
            "email/layout.html", subject=subject, blocks=list(_blocks(body)), lang=message.locale
        )
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = settings.mail_from
    mail["To"] = message.address
    mail["Date"] = format_datetime(max(message.created_at, message.due_at))
    mail["Message-ID"] = message_id(message)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body + "\n")
    mail.add_alternative(html, subtype="html")
    mail["Content-Language"] = message.locale  # last: adding a part moves what describes content
    return mail


def message_id(message: Message) -> str:
    """The same for every attempt, so that a mail sent twice is recognised as one."""
    domain = parseaddr(config.current().mail_from)[1].partition("@")[2] or "localhost"
    return f"<outbox-{message.id}@{domain}>"


def notice_text(notice: Notice) -> str:
    """The one line that a notice shows: the subject of its mail."""
    context = {**notice.context, "endpoint": "", "values": {}, "link_id": None}
    return _words(notice.event, context)[0]


def _words(event: str, context: dict[str, Any]) -> tuple[str, str]:
    def page_url(endpoint: str = "", **values: Any) -> str:
        name = endpoint or context["endpoint"]
        values = values if endpoint else dict(context["values"])
        if not name:
            return config.current().base_url
        link_id = context.get("link_id")
        key = {"key": _token_of(link_id)} if link_id is not None else {}
        return url_for(name, _external=True, **values, **key)

    text = render_template(f"email/{event}.txt", page=page_url, **context)
    subject, _, body = text.strip().partition("\n")
    return clean_line(subject), re.sub(r"\n{3,}", "\n\n", body.strip())


def _blocks(body: str) -> Iterator[Markup]:
    for paragraph in re.split(r"\n\s*\n", body):
        lines = [line.rstrip() for line in paragraph.strip().splitlines()]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            items = Markup("").join(Markup("<li>{}</li>").format(line[2:]) for line in lines)
            yield Markup("<ul>{}</ul>").format(items)
        elif len(lines) == 1 and _is_ours(lines[0]):
            yield Markup('<p><a class="button" href="{0}">{0}</a></p>').format(lines[0])
        else:
            yield Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in lines))


def _is_ours(line: str) -> bool:
    base = config.current().base_url
    return (line == base or line.startswith(f"{base}/")) and len(line.split()) == 1
