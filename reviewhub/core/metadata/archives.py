"""Office documents and e-books: every part is read, cleaned by its kind, and packed anew.

What packing adds, dates and comments of the entries, does not come along. An archive that unpacks
to far more than a document is refused before it fills the memory.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]  # has no types

from reviewhub.core.i18n import _
from reviewhub.core.metadata import CannotClean, locked, pictures
from reviewhub.core.metadata.parts import EMPTIED, OFFICE, Element, book, office, page, text

MOST_ENTRIES = 10_000
MOST_BYTES = 250 * 1024 * 1024  # of all parts together, unpacked
DEEPEST = 2  # documents within documents
_STORED = "mimetype"  # which has to come first, and as it is
_NESTED = (".docx", ".xlsx", ".pptx")
_PICTURES = (".jpg", ".jpeg", ".png")
_XML = (".xml", ".rels", ".vml", ".rdf", ".svg", ".opf", ".ncx")
_PAGES = (".xhtml", ".html", ".htm")
# Parts that hold who signed, read or bought it, and nothing of what it says.
_DROPPED = (
    "_xmlsignatures/", "META-INF/documentsignatures.xml", "META-INF/macrosignatures.xml",
    "META-INF/signatures.xml", "META-INF/rights.xml", "META-INF/calibre_bookmarks.txt",
    "iTunesMetadata.plist", "Configurations2/",
)  # fmt: skip
_EMPTIED_KINDS = (".bin", ".ole", ".doc", ".xls", ".ppt", ".msg")

Cleaner = Callable[[str, Element], None]
_CLEANERS: dict[str, Cleaner] = {
    "docx": office, "xlsx": office, "pptx": office, "odt": text, "epub": book,
}  # fmt: skip


def strip(source: Path, target: Path, extension: str) -> None:
    """Write the copy. Raises CannotClean for one that is locked or unpacks to too much."""
    target.write_bytes(_stripped(source.read_bytes(), extension, Budget(), depth=0))


class Budget:
    """How much may still be unpacked, nested documents included."""

    def __init__(self) -> None:
        self.bytes, self.entries = MOST_BYTES, MOST_ENTRIES

    def read(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        """A part's bytes; what its header says of them is not believed."""
        with archive.open(entry) as part:
            content = part.read(self.bytes + 1)
        self.bytes -= len(content)
        self.entries -= 1
        if self.bytes < 0 or self.entries < 0:
            raise CannotClean(_("This file unpacks to far more than a document."))
        return content


def _stripped(content: bytes, extension: str, budget: Budget, *, depth: int) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        entries = [one for one in archive.infolist() if not one.is_dir()]
        if any(entry.flag_bits & 1 for entry in entries):
            raise locked()
        seen: set[str] = set()
        for entry in sorted(entries, key=lambda one: one.filename != _STORED):
            name = entry.filename
            if name in seen or name.startswith(_DROPPED):
                continue
            seen.add(name)
            part = _part(name, budget.read(archive, entry), extension, budget, depth)
            kept = zipfile.ZipInfo(name)  # of no date, and with no comment
            kept.compress_type = zipfile.ZIP_STORED if name == _STORED else zipfile.ZIP_DEFLATED
            copy.writestr(kept, part)
    return packed.getvalue()


def _part(name: str, content: bytes, extension: str, budget: Budget, depth: int) -> bytes:
    lower = name.lower()
    if lower in EMPTIED and extension in OFFICE:
        return EMPTIED[lower]
    if lower.endswith(_PICTURES):
        return pictures.strip(content)
    if lower.endswith(_NESTED):
        if depth >= DEEPEST:
            return b""
        return _stripped(content, lower.rpartition(".")[2], budget, depth=depth + 1)
    if lower.endswith(_EMPTIED_KINDS) and extension in OFFICE:
        return b""  # an object of another program, with an author of its own; its picture stays
    if lower.endswith(_PAGES):
        return page(content)
    if lower.endswith(_XML) and content.strip():
        return _xml(name, content, extension)
    return content


def _xml(name: str, content: bytes, extension: str) -> bytes:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=False,
    )  # fmt: skip
    root = etree.fromstring(content, parser)
    if name == "META-INF/manifest.xml" and b"encryption-data" in content:
        raise locked()
    _CLEANERS[extension](name, root)
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))
