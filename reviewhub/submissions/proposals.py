"""What a page or a PDF says about itself, as proposals for whoever suggests it.

The page was written by anybody: what it says is text to be shown and judged, never an answer.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from io import BytesIO
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.fetch import Fetched
from reviewhub.core.text import clean_line, shorten
from reviewhub.submissions.answers import DESCRIPTION, LONGEST_PUBLISHER, TITLE
from reviewhub.submissions.dates import clean_date

PAGES = frozenset({"text/html", "application/xhtml+xml"})
LONGEST_PAGE = 512 * 1024  # bytes of it that are looked at: what is looked for stands at the front
MOST_NODES = 400
LONGEST_DATA = 200_000  # characters of one block of linked data

# By what names pages call it, the most careful ones first.
TITLES = ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title")
PUBLISHERS = ("citation_publisher", "dc.publisher", "dcterms.publisher", "og:site_name",
              "citation_technical_report_institution")  # fmt: skip
DATES = ("citation_publication_date", "citation_date", "dc.date.issued", "dcterms.issued",
         "dc.date", "dcterms.date", "article:published_time", "citation_online_date")  # fmt: skip
LANGUAGES = ("citation_language", "dc.language", "dcterms.language", "content-language",
             "og:locale")  # fmt: skip
DESCRIPTIONS = ("citation_abstract", "dcterms.abstract", "dc.description", "dcterms.description",
                "og:description", "description", "twitter:description")  # fmt: skip

_DATE = re.compile(r"\s*([0-9]{4})(?:[-/]?([0-9]{2})(?:[-/]?([0-9]{2}))?)?(?![0-9])")
_PDF_DATE = re.compile(r"D:([0-9]{4})([0-9]{2})?([0-9]{2})?")
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]+)*")
# What a word processor writes in where nobody thought of a title.
_NO_TITLE = re.compile(
    r"(?i)(microsoft word|untitled|document\d*$|.*\.(docx?|indd|pdf|pptx?|qxd)$)"
)


@dataclass(frozen=True)
class Proposals:
    """What could stand in the form; empty where nothing was found."""

    title: str = ""
    publisher: str = ""
    published_on: str = ""
    language: str = ""
    description: str = ""

    def found(self) -> dict[str, str]:
        """Those that say something, by the form's field."""
        return {name: text for name, text in asdict(self).items() if text}


def proposals_from(fetched: Fetched) -> Proposals:
    """What can be proposed from what stands at an address; nothing for other kinds of file."""
    if fetched.media_type in PAGES:
        return _from_page(fetched.content[:LONGEST_PAGE], fetched.charset)
    if fetched.content.startswith(b"%PDF-"):
        return _from_pdf(fetched.content)
    return Proposals()


def proposals_of(found: dict[str, Any]) -> Proposals:
    """The proposals that were kept in a row."""
    known = {field.name for field in fields(Proposals)}
    return Proposals(**{name: str(text) for name, text in found.items() if name in known})


def _from_page(content: bytes, charset: str) -> Proposals:
    page = _parsed(content, charset)
    if page is None:
        return Proposals()
    said = dict(_said(page))
    linked = _linked(page)
    site = said.get("og:site_name", "")
    return _checked(
        title=_first(said, TITLES)
        or _text(linked.get("headline") or linked.get("name"))
        or _without_site(_own_text(page, "title"), site),
        publisher=_first(said, PUBLISHERS[:3])
        or _text(linked.get("publisher"))
        or _first(said, PUBLISHERS[3:]),
        published_on=_first(said, DATES) or _text(linked.get("datePublished")),
        language=_first(said, LANGUAGES[:3])
        or _text(linked.get("inLanguage"))
        or page.get("lang", "")
        or _first(said, LANGUAGES[3:]),
        description=_first(said, DESCRIPTIONS[:4])
        or _text(linked.get("abstract") or linked.get("description"))
        or _first(said, DESCRIPTIONS[4:]),
    )


def _parsed(content: bytes, charset: str) -> Any:
    """The page's root element, or None where there is none."""
    from lxml import etree, html  # type: ignore[import-untyped]  # noqa: PLC0415 -- workers only

    guessed = _encoding(content) or None
    for encoding in (charset or guessed, guessed, None):
        try:
            parser = html.HTMLParser(encoding=encoding, no_network=True)
            return html.document_fromstring(content, parser=parser)
        except (LookupError, ValueError, AssertionError, etree.LxmlError):
            continue  # an encoding that nobody knows, or no page at all
    return None


def _encoding(content: bytes) -> str:
    """UTF-8 where the bytes are nothing else; the last one may be cut in two."""
    try:
        content[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def _said(page: Any) -> Iterator[tuple[str, str]]:
    """The page's meta elements, the first of each name last, so that it wins in a dict."""
    metas = [node for node, _number in zip(page.iter("meta"), range(MOST_NODES), strict=False)]
    for meta in reversed(metas):
        name = meta.get("name") or meta.get("property") or meta.get("http-equiv") or ""
        text = clean_line(meta.get("content") or "")
        if text:
            yield name.strip().lower().replace("dc:", "dc."), text


def _linked(page: Any) -> dict[str, Any]:
    """The first linked data (schema.org) that describes a work."""
    for script in page.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "") or len(text) > LONGEST_DATA:
            continue
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            if "datePublished" in node or "headline" in node:
                return node
    return {}


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    listed = data if isinstance(data, list) else [data]
    for node in listed[:MOST_NODES]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            inner = graph if isinstance(graph, list) else []
            yield from (one for one in inner[:MOST_NODES] if isinstance(one, dict))


def _from_pdf(content: bytes) -> Proposals:
    import pikepdf  # noqa: PLC0415 -- only a worker reads files

    try:
        with pikepdf.open(BytesIO(content)) as document:
            written = {str(name): str(value) for name, value in document.docinfo.items()}
            with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
                said = {name: _text(xmp.get(name)) for name in ("dc:title", "dc:language",
                        "dc:publisher", "dc:description", "xmp:CreateDate")}  # fmt: skip
            language = str(document.Root.get("/Lang", ""))
    except Exception:  # whatever is wrong with somebody's file, it is no error of ours
        return Proposals()
    title = said["dc:title"] or written.get("/Title", "")
    made = _PDF_DATE.match(written.get("/CreationDate", ""))
    day = "-".join(part for part in made.groups() if part) if made else ""
    return _checked(
        title="" if _NO_TITLE.match(title) else title,
        publisher=said["dc:publisher"],
        published_on=said["xmp:CreateDate"] or day,
        language=said["dc:language"] or language,
        description=said["dc:description"] or written.get("/Subject", ""),
    )


def _checked(
    *, title: str, publisher: str, published_on: str, language: str, description: str
) -> Proposals:
    """As the form would take it; what it would not is left out."""
    return Proposals(
        title=_within(title, TITLE),
        publisher=_within(publisher, (2, LONGEST_PUBLISHER)),
        published_on=_date(published_on),
        language=_language(language),
        description=_within(description, DESCRIPTION),
    )


def _within(text: str, limits: tuple[int, int]) -> str:
    text = shorten(clean_line(text), limits[1])
    return text if len(text) >= limits[0] else ""


def _date(text: str) -> str:
    """The day, month or year that a text begins with."""
    found = _DATE.match(text)
    if found is None:
        return ""
    try:
        return clean_date("-".join(part for part in found.groups() if part))
    except InvalidInput:
        return ""


def _language(text: str) -> str:
    found = _LANGUAGE.fullmatch(text.strip())
    return found.group(1).lower() if found else ""


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")


def _text(value: Any) -> str:
    """The text in whatever shape it was written: alone, named, or the first of several."""
    for _level in range(3):
        if isinstance(value, set):  # how a PDF's bag of names is read
            value = sorted(map(str, value))
        if isinstance(value, list | tuple):
            value = value[0] if value else ""
        if isinstance(value, dict):
            value = value.get("name") or value.get("@value") or ""
    return value if isinstance(value, str) else ""


def _own_text(page: Any, tag: str) -> str:
    node = next(page.iter(tag), None)
    return clean_line(node.text_content()) if node is not None else ""


def _without_site(title: str, site: str) -> str:
    """The title without the site's name at its end, as in "Report | Example"."""
    if not site or not title.endswith(site):
        return title
    return title[: -len(site)].rstrip(" |-–—·:»") or title
