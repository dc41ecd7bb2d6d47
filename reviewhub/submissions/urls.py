"""Addresses of resources: which are taken, when two of them are the same, and what they name."""

import re
import unicodedata
from urllib.parse import SplitResult, unquote, urlsplit

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line

LONGEST = 2000  # characters

_SCHEME = re.compile(r"[a-z][a-z0-9+-]*:", re.IGNORECASE)
_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
_WWW = re.compile(r"(www\.)+", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r":(80|443)?$")
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s?#&]+")
_DOI_TAIL = re.compile(r"(\.pdf|/(pdf|full|abstract|epub|html))$")
_ISBN = re.compile(r"97[89][0-9-]{9,13}[0-9]")
_TRACKERS = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid")


def clean_url(text: str) -> str:
    """The web address in `text`; "https://" is added where only the scheme is missing.

    Raises InvalidInput for anything that is no complete http or https address.
    """
    text = clean_line(text)
    if not text:
        return ""
    if not _SCHEME.match(text):
        text = f"https://{text}"
    if not _WEB.match(text):
        raise InvalidInput(
            _("Only links that begin with http:// or https:// can be taken."), field="url"
        )
    if " " in text or len(text) > LONGEST or not _is_complete(text):
        raise InvalidInput(
            _("This is no complete link. Copy it from the address line of your browser."),
            field="url",
        )
    return text


def url_key(url: str) -> str:
    """What stays the same of an address however it is written; empty for an empty one.

    Scheme, www., default port, fragment, tracking parameters, the slash at the end and the
    host's case are dropped. The key of a key is the key itself.
    """
    key = ""
    while (following := _shorter(url)) != key:
        key = url = following
    return key[:LONGEST]


def identifiers(url: str) -> frozenset[str]:
    """The DOI and ISBN that stand in an address: "doi:10.1234/abc", "isbn:9781234567897"."""
    text = unquote(url)
    found = set()
    doi = _DOI.search(text.lower())
    if doi:
        name = doi.group().rstrip("/.,;)")
        found.add("doi:" + _DOI_TAIL.sub("", name))
    for match in _ISBN.finditer(text):
        digits = match.group().replace("-", "")
        if _isbn_holds(digits):
            found.add(f"isbn:{digits}")
    return frozenset(found)


def _shorter(url: str) -> str:
    rest = _WEB.sub("", url.strip(), count=1).partition("#")[0]
    address, _mark, query = rest.partition("?")
    host, slash, path = address.partition("/")
    host = _DEFAULT_PORT.sub("", unicodedata.normalize("NFC", host).lower())
    host = _WWW.sub("", host, count=1) if _WWW.match(host) else host
    kept = "&".join(p for p in query.split("&") if p and not p.lower().startswith(_TRACKERS))
    key = f"{host}{slash}{path}".rstrip("/") + (f"?{kept}" if kept else "")
    return key.strip()


def _is_complete(url: str) -> bool:
    parts = _split(url)
    if parts is None or parts.username is not None or parts.password is not None:
        return False
    host = parts.hostname or ""
    return "." in host.strip(".") or ":" in host


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- a port that is no number is only found by asking for it
    except ValueError:
        return None
    return parts


def _isbn_holds(digits: str) -> bool:
    """Whether the check digit is right, so that no odd number is taken for an ISBN."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return total % 10 == 0
