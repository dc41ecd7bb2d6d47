"""The demo's mailbox page: mails as they would have arrived, with our own addresses as links."""

import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from reviewhub.core import config

PAGE = 30
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
# The mail's own styles may apply; nothing in it may run, load or send.
HTML_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def paragraphs(text: str) -> list[Markup]:
    """The paragraphs of a mail's text, escaped, with addresses of this hub made into links."""
    found = re.split(r"\n\s*\n", text.strip())
    return [Markup("<br>").join(linked(line) for line in part.splitlines()) for part in found]


def linked(text: str) -> Markup:
    """One line, escaped; addresses of this hub are links, all others stay text."""
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(".,;:)")
        parts.append(escape(text[end : found.start()]))
        parts.append(_link(address) if _is_ours(address) else escape(address))
        end = found.start() + len(address)
    return Markup("").join([*parts, escape(text[end:])])


def _link(address: str) -> Markup:
    return Markup('<a href="{0}">{0}</a>').format(address)


def _is_ours(address: str) -> bool:
    own = urlsplit(config.current().base_url)
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
