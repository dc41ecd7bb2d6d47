"""From an outbox row to a finished mail: text first, and the same words as HTML.

A template's first line is the subject. In the body, a blank line ends a paragraph, lines that
begin with "- " make a list (moved in by two blanks, they go on with its item), and a line that is
nothing but one of our own addresses becomes a button. Everything else, whatever a user wrote, stays
text.
"""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from flask import current_app, render_template, url_for
from markupsafe import Markup, escape

from reviewhub.core import config
from reviewhub.core.i18n import direction, force_locale
from reviewhub.core.text import clean_line
from reviewhub.notifications.digests import MOST_LINES, lines_of
from reviewhub.notifications.models import Message, Notice
from reviewhub.notifications.outbox import DIGEST

TokenOf = Callable[[int], str]


def _no_tokens(link_id: int) -> str:
    raise RuntimeError("use_tokens has not been called")


_token_of: TokenOf = _no_tokens
_desk: Callable[[], str] = str


def use_tokens(token_of: TokenOf) -> None:
    """Let `token_of(link_id)` derive the tokens that stand in mails; called at start.

    Links belong to accounts, which lies above this package: hence the hand-over.
    """
    global _token_of  # set once per process
    _token_of = token_of


def use_desk(address_of: Callable[[], str]) -> None:
    """Let `address_of()` say where the hub reads its mail; called at start.

    It is the hub's data, which lies above this package.
    """
    global _desk  # set once per process
    _desk = address_of


def render(message: Message) -> EmailMessage:
    """The mail, in the recipient's language. Raises jinja2.TemplateError for a broken template."""
    settings = config.current()
    page = current_app.test_request_context(base_url=settings.base_url)
    with page, force_locale(message.locale):
        choices_url, stop_url = _choices(message)
        subject, body = _subject_and_body(message)
        html = render_template(
            "email/layout.html",
            subject=subject,
            blocks=list(_blocks(body)),
            choices_url=choices_url,
            lang=message.locale,
            dir=direction(message.locale),
        )
        if choices_url:
            foot = render_template("email/foot.txt", choices_url=choices_url)
            body = f"{body}\n\n{foot.rstrip()}"
        desk = _desk()
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = settings.mail_from
    mail["To"] = message.address
    if reply_to := message.reply_to or desk:
        mail["Reply-To"] = reply_to
    mail["Date"] = format_datetime(max(message.created_at, message.due_at))
    mail["Message-ID"] = message_id(message)
    mail["Auto-Submitted"] = "auto-generated"
    if stop_url:  # one click, without a page in between: RFC 8058
        mail["List-Unsubscribe"] = f"<{stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(body + "\n")
    mail.add_alternative(html, subtype="html")
    for part in message.context.get("attachments", ()):  # calendar entries, byte by byte
        mail.add_attachment(
            part["text"].encode(), maintype="text", subtype="calendar", filename=part["name"],
            params={"method": part["method"], "charset": "utf-8"},
        )  # fmt: skip
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


def _subject_and_body(message: Message) -> tuple[str, str]:
    if message.event != DIGEST:
        return _words(message.event, message.context)
    lines = lines_of(message.id)
    if not lines:
        raise ValueError("nothing is left of this digest: its lines went out by themselves")
    if len(lines) == 1:  # a digest of one reads like the mail that it is
        return _words(lines[0].event, lines[0].context)
    shown = [_line(line) for line in lines[:MOST_LINES]]
    return _words(DIGEST, {**message.context, "lines": shown, "number": len(lines)})


def _line(message: Message) -> dict[str, str]:
    """One line of a digest: what its own mail is headed by, and where it leads."""
    subject, _body = _words(message.event, message.context)
    return {"subject": subject, "url": _url(message.context)}


def _words(event: str, context: dict[str, Any]) -> tuple[str, str]:
    def page_url(endpoint: str = "", **values: Any) -> str:
        return _url(context, endpoint, **values)

    text = render_template(f"email/{event}.txt", page=page_url, **context)
    subject, _, body = text.strip().partition("\n")
    return clean_line(subject), re.sub(r"\n{3,}", "\n\n", body.strip())


def _url(context: dict[str, Any], endpoint: str = "", **values: Any) -> str:
    name = endpoint or context["endpoint"]
    values = values if endpoint else dict(context["values"])
    if not name:
        return config.current().base_url
    link_id = context.get("links", {}).get(endpoint, context.get("link_id"))
    key = {"key": _token_of(link_id)} if link_id is not None else {}
    return url_for(name, _external=True, **values, **key)


def _choices(message: Message) -> tuple[str, str]:
    """Where the reader says which mails they want, and what ends those of this kind at once."""
    link_id = message.context.get("choices_link_id")
    if not message.kind or link_id is None:
        return "", ""
    key = _token_of(link_id)
    return (
        url_for("accounts.mail_choices", _external=True, key=key),
        url_for("accounts.stop_mails", kind=message.kind, _external=True, key=key),
    )


def _blocks(body: str) -> Iterator[Markup]:
    for paragraph in re.split(r"\n\s*\n", body):
        lines = [line.rstrip() for line in paragraph.strip().splitlines()]
        if not lines:
            continue
        if lines[0].startswith("- ") and all(line.startswith(("- ", "  ")) for line in lines):
            yield _list(lines)
        elif len(lines) == 1 and _is_ours(lines[0]):
            yield Markup("<p>{}</p>").format(_button(lines[0]))
        else:
            text = Markup("<br>").join(escape(line) for line in lines)
            yield Markup('<p dir="auto">{}</p>').format(text)  # it may be what somebody wrote


def _list(lines: list[str]) -> Markup:
    """A list; a line that is moved in belongs to the item above it."""
    items: list[list[Markup]] = []
    for line in lines:
        text = line[2:]
        if line.startswith("- "):
            items.append([])
        items[-1].append(_button(text) if _is_ours(text) else escape(text))
    shown = (Markup("<br>").join(parts) for parts in items)
    return Markup("<ul>{}</ul>").format(
        Markup("").join(Markup('<li dir="auto">{}</li>').format(one) for one in shown)
    )


def _button(url: str) -> Markup:
    return Markup('<a class="button" href="{0}">{0}</a>').format(url)


def _is_ours(line: str) -> bool:
    base = config.current().base_url
    return (line == base or line.startswith(f"{base}/")) and len(line.split()) == 1
