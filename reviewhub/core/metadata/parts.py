"""What in the parts of office documents and e-books names a person, and what stands there after.

A part that others refer to is emptied and not left out, so that the document still opens.
"""

import re
from collections.abc import Iterator
from typing import Any

from reviewhub.core.metadata import NOBODY

Element = Any  # lxml ships no types
OFFICE = frozenset({"docx", "xlsx", "pptx"})
_PROPERTIES = b"http://schemas.openxmlformats.org/officeDocument/2006/"
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EMPTIED = {
    "docprops/core.xml": _HEAD
    + b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    b'core-properties"/>',
    "docprops/app.xml": _HEAD + b'<Properties xmlns="%sextended-properties"/>' % _PROPERTIES,
    "docprops/custom.xml": _HEAD + b'<Properties xmlns="%scustom-properties"/>' % _PROPERTIES,
    "word/people.xml": _HEAD
    + b'<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>',
}
# Attributes that name who wrote, changed or shared something, in whatever namespace.
_NAMING = frozenset({
    "author", "initials", "userId", "providerId", "displayName", "userName", "lastModifiedBy",
    "lastEditedBy", "creator", "manager", "company", "userFriendlyName",
})  # fmt: skip
_AUTHOR_ELEMENTS = frozenset({"cmAuthor", "author", "person"})  # whose `name` is a person's
# Elements without which the document says the same.
_LEFT_OUT = frozenset({
    "rsids", "docVars", "mailMerge", "attachedTemplate", "absPath", "fileSharing", "metadata",
})  # fmt: skip
_SIGNATURE = "_xmlsignatures"

# Of OpenDocument: fields and notes whose text is a person's name.
_TEXT_NAMES = frozenset({
    "creator", "creator-initials", "initial-creator", "author-name", "author-initials",
    "printed-by", "editor", "sender-firstname", "sender-lastname", "sender-initials",
    "sender-title", "sender-position", "sender-email", "sender-phone-private", "sender-fax",
    "sender-company", "sender-phone-work", "sender-street", "sender-city", "sender-postal-code",
    "sender-country", "sender-state-or-province",
})  # fmt: skip
_TEXT_META_KEPT = frozenset({"document-meta", "meta"})
_TEXT_SETTINGS = re.compile(r"Printer|Database|User|Author|Redline|Path|Url|Rsid", re.IGNORECASE)

# Of e-books: the marks of the program and the person that made the file.
_BOOK_NOTES = re.compile(
    r"^(generator|author|originator|builder|producer|last.?modified.?by|calibre:.*|sigil.*)$",
    re.IGNORECASE,
)
_PAGE_NOTE = re.compile(
    rb"<meta\b[^>]*\bname\s*=\s*[\"']?(generator|author|originator|builder|producer|"
    rb"last.?modified.?by|calibre[^\"'>]*|sigil[^\"'>]*)[\"']?[^>]*>",
    re.IGNORECASE,
)
_BOOK_MAKERS = frozenset({"bkp", "mrk", "trc"})  # producer, markup editor, transcriber


def office(name: str, root: Element) -> None:
    """Clean a part of a DOCX, XLSX or PPTX in place."""
    authors = {
        (element.text or "").strip() for element in _all(root) if _local(element) == "author"
    }
    for element in _all(root):
        _forget_names(element)
        if _local(element) in _LEFT_OUT:
            _leave_out(element)
        elif _local(element) == "author" and element.text:
            element.text = NOBODY
        elif _local(element) == "Relationship":
            _check_target(element)
        elif "/comments" in name and element.text:
            _unsign(element, authors)
    if name.startswith("customXml/"):  # what a company's templates add about a document
        _empty(root)


def text(name: str, root: Element) -> None:
    """Clean a part of an ODT in place."""
    if name.endswith("meta.xml"):
        for element in _all(root):
            if _local(element) not in _TEXT_META_KEPT:
                _leave_out(element)
        return
    for element in _all(root):
        if _local(element) in _TEXT_NAMES:
            element.text = NOBODY
        elif _local(element) == "config-item" and _is_personal(element):
            element.text = None
        elif _local(element) in {"metadata", "user-field-decl"} and name.endswith(".svg"):
            _leave_out(element)


def book(name: str, root: Element) -> None:
    """Clean a part of an EPUB in place.

    Creators and contributors stay: they are the book's authors and translators, as on its cover
    and in every catalogue. Who made this file of it goes.
    """
    for element in _all(root):
        if _local(element) == "meta":
            named = element.get("name") or element.get("property") or ""
            if _BOOK_NOTES.match(named) or _role(element) in _BOOK_MAKERS:
                _leave_out(element)
        elif _local(element) == "contributor" and _made_it(element, root):
            _leave_out(element)
        if _local(element) == "metadata" and name.endswith(".svg"):
            _leave_out(element)


def page(content: bytes) -> bytes:
    """A page of an e-book, which need not be well-formed, without the notes in its head."""
    return _PAGE_NOTE.sub(b"", content)


def _all(root: Element) -> Iterator[Element]:
    return (one for one in list(root.iter()) if isinstance(one.tag, str))


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _forget_names(element: Element) -> None:
    named = _local(element) in _AUTHOR_ELEMENTS
    for attribute in list(element.attrib):
        local = str(attribute).rpartition("}")[2]
        if local in _NAMING or (named and local == "name"):
            element.set(attribute, NOBODY if local != "initials" else NOBODY[0])


def _check_target(relationship: Element) -> None:
    target = relationship.get("Target", "")
    if _SIGNATURE in target:
        _leave_out(relationship)
    elif target.lower().startswith(("file:", "\\\\")):  # a folder on somebody's machine
        relationship.set("Target", "about:blank")


def _unsign(element: Element, authors: set[str]) -> None:
    """A spreadsheet program begins each note with its writer's name."""
    said = element.text or ""
    for author in authors - {"", NOBODY}:
        if said.startswith(author):
            element.text = NOBODY + said[len(author) :]


def _is_personal(item: Element) -> bool:
    names = [value for key, value in item.attrib.items() if str(key).endswith("name")]
    return any(_TEXT_SETTINGS.search(str(value)) for value in names)


def _role(meta: Element) -> str:
    return (meta.text or "").strip() if meta.get("property") == "role" else ""


def _made_it(contributor: Element, root: Element) -> bool:
    roles = {value for key, value in contributor.attrib.items() if str(key).endswith("role")}
    own = f"#{contributor.get('id')}"
    roles |= {_role(one) for one in _all(root) if one.get("refines") == own}
    return bool(roles & _BOOK_MAKERS)


def _empty(root: Element) -> None:
    for child in list(root):
        root.remove(child)
    root.text = None
    for attribute in list(root.attrib):
        del root.attrib[attribute]


def _leave_out(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:  # the words after it are the document's
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
