"""Files are known by their content, kept under our names, and refused in sentences."""

import hashlib
import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from reviewhub.core.errors import InvalidInput
from reviewhub.core.files import MEDIA_TYPES, keep, sniff

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
LIMIT = 100_000


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> Iterator[None]:
    """Refusals are sentences in the reader's language."""
    with app.app_context():
        yield


def archive(**entries: str) -> bytes:
    """A zip file; a double underscore in a name stands for a slash, a single one for a point."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        for name, text in entries.items():
            zipped.writestr(name.replace("__", "/").replace("_", "."), text)
    return content.getvalue()


ALLOWED = {
    "pdf": PDF,
    "docx": archive(Content_xml="<x/>", word__document_xml="<w/>"),
    "pptx": archive(ppt__presentation_xml="<p/>"),
    "xlsx": archive(xl__workbook_xml="<x/>"),
    "odt": archive(mimetype="application/vnd.oasis.opendocument.text", content_xml="<x/>"),
    "epub": archive(mimetype="application/epub+zip", book_opf="<x/>"),
}
REFUSED = {
    "html": b"<!doctype html><html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "xml": b'<?xml version="1.0"?><a/>',
    "exe": b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 64 + b"PE\x00\x00",
    "elf": b"\x7fELF\x02\x01\x01" + b"\x00" * 64,
    "text": b"only words",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "html that names PDF": b"<html><!-- %PDF-1.4 --></html>",
    "a plain zip": archive(page_html="<script>"),
    "a zip of nothing": archive(),
    "an unknown mimetype": archive(mimetype="text/html"),
    "a long mimetype": archive(mimetype="application/epub+zip" + " " * 200),
    "macros": archive(word__document_xml="<w/>", word__vbaProject_bin="x"),
    "half a zip": ALLOWED["docx"][:40],
    "only the letters": b"PK\x03\x04",
}


@pytest.mark.parametrize("kind", ALLOWED)
def test_every_kind_we_take_is_known_by_its_content(kind: str) -> None:
    assert sniff(ALLOWED[kind]) == kind


def test_every_kind_on_the_list_is_tried_here() -> None:
    assert set(ALLOWED) == set(MEDIA_TYPES)


@pytest.mark.parametrize("kind", REFUSED)
def test_anything_else_is_refused_whatever_it_is_called(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InvalidInput, match=r"none of the kinds we take: pdf") as refused:
        keep(tmp_path, "report.pdf", REFUSED[kind], limit=LIMIT)
    assert refused.value.field == "file"
    assert not list(tmp_path.iterdir())


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK", b"PK\x03\x04", b"%PDF", b"<", b"\xd0\xcf"]),
)
def test_no_content_breaks_the_recognition(content: bytes, start: bytes) -> None:
    _known_or_refused(start + content)


@given(
    st.sampled_from([ALLOWED["docx"], ALLOWED["epub"]]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
)
@example(ALLOWED["epub"], [(6, 0xFF), (7, 0x08)])
def test_no_damaged_archive_breaks_the_recognition(
    content: bytes, damages: list[tuple[int, int]]
) -> None:
    damaged = bytearray(content)
    for place, value in damages:
        damaged[place % len(damaged)] = value
    _known_or_refused(bytes(damaged))


def test_an_archive_that_lies_about_its_sizes_is_read_no_further_than_needed() -> None:
    lying = ALLOWED["epub"].replace(struct.pack("<I", 20), struct.pack("<I", 0x7FFFFFFF))
    _known_or_refused(lying)


def _known_or_refused(content: bytes) -> None:
    with suppress(InvalidInput):
        assert sniff(content) in MEDIA_TYPES


def test_what_is_kept_comes_back_with_its_size_and_sum(tmp_path: Path) -> None:
    stored = keep(tmp_path, "Report of the year.pdf", PDF, limit=LIMIT)
    assert (tmp_path / stored.path).read_bytes() == PDF
    assert stored.name == "Report of the year.pdf"
    assert stored.media_type == "application/pdf"
    assert (stored.size, stored.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())


def test_the_same_file_twice_is_kept_twice(tmp_path: Path) -> None:
    paths = {keep(tmp_path, "a.pdf", PDF, limit=LIMIT).path for _ in range(2)}
    assert len(paths) == 2


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\report.pdf", "report.pdf"),
        ("/absolute/report.PDF", "report.pdf"),
        ("C:\\docs\\report.pdf", "report.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        ("folder/", "file.pdf"),
        ("report.html", "report.html.pdf"),
        ("report.pdf.exe", "report.pdf.exe.pdf"),
        ("line\r\nSet-Cookie: x=1.pdf", "line Set-Cookie: x=1.pdf"),
        ("nul\x00.pdf", "nul.pdf"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("a" * 300 + ".pdf", "a" * 140 + ".pdf"),
    ],
)
def test_a_name_loses_its_folders_and_ends_in_what_the_file_is(
    tmp_path: Path, sent: str, shown: str
) -> None:
    stored = keep(tmp_path / "store", sent, PDF, limit=LIMIT)
    assert stored.name == shown
    inside = (tmp_path / "store" / stored.path).resolve()
    assert inside.is_relative_to((tmp_path / "store").resolve())
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_an_empty_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"This file is empty\."):
        keep(tmp_path, "a.pdf", b"", limit=LIMIT)


def test_a_too_large_file_is_refused_and_told_the_limit(tmp_path: Path) -> None:
    content = PDF + b" " * 2 * 1024**2
    with pytest.raises(InvalidInput, match=r"too large: 2 MB is the most"):
        keep(tmp_path, "a.pdf", content, limit=2 * 1024**2)
    assert keep(tmp_path, "a.pdf", content, limit=len(content)).size == len(content)
