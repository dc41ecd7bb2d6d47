"""A copy for reviewers names no maker: a name is hidden in every place, and looked for."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Stream

from reviewhub.core.metadata import CannotClean, is_locked_pdf, strip

CANARY = "Quillon Hark"
NAME = CANARY.encode()
SAID = "Posts need a boat."

Clean = Callable[[bytes, str], bytes]


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    """Clean these bytes of this kind."""

    def _clean(content: bytes, extension: str) -> bytes:
        source, target = tmp_path / "before", tmp_path / "after"
        source.write_bytes(content)
        strip(source, target, extension)
        return target.read_bytes()

    return _clean


def jpeg() -> bytes:
    """A picture with a photographer's name in EXIF, XMP, IPTC, a comment and behind its end."""
    notes = b""
    for marker in (0xE1, 0xE1, 0xED, 0xFE):
        notes += struct.pack(">BBH", 0xFF, marker, len(NAME) + 2) + NAME
    picture = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00pixels\xff\xd9"
    return b"\xff\xd8\xff\xe0\x00\x07JFIF\x00" + notes + picture + NAME


def png() -> bytes:
    """A picture with a name in its text, its EXIF and behind its end."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data))

    kinds = (b"tEXt", b"iTXt", b"eXIf")
    notes = b"".join(chunk(kind, NAME) for kind in kinds)
    head = chunk(b"IHDR", bytes(13))
    return (
        b"\x89PNG\r\n\x1a\n" + head + notes + chunk(b"IDAT", b"pixels") + chunk(b"IEND", b"") + NAME
    )


def packed(parts: dict[str, str | bytes], comment: bytes = b"") -> bytes:
    """An archive of these parts, with a name in its own comments and extra fields."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 8))
            entry.comment = NAME
            entry.extra = struct.pack("<HH", 0x9999, len(NAME)) + NAME
            archive.writestr(entry, content)
        archive.comment = comment or NAME
    return held.getvalue()


def everything_in(content: bytes) -> Iterator[bytes]:
    """The bytes, the bytes of every entry, and theirs in turn."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive.comment
            for entry in archive.infolist():
                yield entry.filename.encode()
                yield entry.comment + entry.extra
                yield from everything_in(archive.read(entry))


def part(content: bytes, name: str) -> str:
    """One part of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


# -- PDF --


def pdf() -> bytes:
    """A PDF with a name wherever one can be."""
    document = pikepdf.new()
    page = document.add_blank_page()
    document.docinfo["/Author"] = CANARY
    document.docinfo["/Manager"] = CANARY
    with document.open_metadata() as meta:
        meta["dc:creator"] = [CANARY]
        meta["pdf:Producer"] = CANARY
    page.obj.Contents = Stream(document, f"BT ({SAID}) Tj ET".encode())
    picture = Stream(document, jpeg(), Type=Name.XObject, Subtype=Name.Image)
    picture.Filter = Name.DCTDecode
    picture.Metadata = Stream(document, NAME)
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=document.make_indirect(picture)))
    page.obj.PieceInfo = Dictionary(Tool=Dictionary(Private=CANARY))
    attached = Dictionary(
        Type=Name.Filespec, F=CANARY, UF=CANARY, Desc=CANARY,
        EF=Dictionary(F=document.make_indirect(Stream(document, NAME))),
    )  # fmt: skip
    document.Root.Names = Dictionary(
        EmbeddedFiles=Dictionary(Names=pikepdf.Array([CANARY, attached]))
    )
    document.Root.AF = pikepdf.Array([attached])
    document.Root.OCProperties = Dictionary(
        OCGs=pikepdf.Array(
            [document.make_indirect(Dictionary(
                Type=Name.OCG, Name="Layer",
                Usage=Dictionary(CreatorInfo=Dictionary(Creator=CANARY)),
            ))]
        ),
        D=Dictionary(),
    )  # fmt: skip
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=pikepdf.Array([0, 0, 9, 9]), T=CANARY,
        Subj=CANARY, Contents="Is this so?",
    )  # fmt: skip
    signature = Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Name=CANARY, Reason=CANARY, Contents=CANARY,
        ByteRange=pikepdf.Array([0, 1, 2, 3]),
    )  # fmt: skip
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T="signed", V=signature,
        Rect=pikepdf.Array([0, 0, 0, 0]),
    )  # fmt: skip
    page.obj.Annots = pikepdf.Array([note, document.make_indirect(field)])
    document.Root.AcroForm = Dictionary(Fields=pikepdf.Array([page.obj.Annots[1]]))
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def unpacked(content: bytes) -> bytes:
    """A PDF's objects as they stand, its streams unpacked."""
    with pikepdf.open(io.BytesIO(content)) as document:
        held = io.BytesIO()
        document.save(
            held, stream_decode_level=pikepdf.StreamDecodeLevel.all, compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable, qdf=True,
        )  # fmt: skip
        return held.getvalue() + b"".join(
            one.read_raw_bytes() for one in document.objects if isinstance(one, Stream)
        )


def test_nothing_in_a_pdf_names_its_maker(clean: Clean) -> None:
    before = unpacked(pdf())
    assert before.count(NAME) > 12  # there is something to leak
    after = unpacked(clean(pdf(), "pdf"))
    assert NAME not in after
    assert CANARY.encode("utf-16-be") not in after
    assert SAID.encode() in after
    assert b"Is this so?" in after
    assert b"pixels" in after


def test_an_earlier_version_inside_a_pdf_is_gone(clean: Clean) -> None:
    document = pikepdf.open(io.BytesIO(pdf()))
    document.make_indirect(Dictionary(Old=CANARY))  # nothing refers to it
    held = io.BytesIO()
    document.save(held, preserve_pdfa=False)
    later = held.getvalue() + b"\n9999 0 obj\n<</Old (" + NAME + b")>>\nendobj\n"
    assert NAME not in unpacked(clean(later, "pdf"))
    assert NAME not in clean(later, "pdf")


@pytest.mark.parametrize("user", ["", "secret"])
def test_a_locked_pdf_is_refused_with_a_sentence(clean: Clean, user: str) -> None:
    held = io.BytesIO()
    document = pikepdf.open(io.BytesIO(pdf()))
    document.save(held, encryption=pikepdf.Encryption(owner="owner", user=user))
    with pytest.raises(CannotClean, match="locked with a password"):
        clean(held.getvalue(), "pdf")
    assert is_locked_pdf(held.getvalue())
    assert not is_locked_pdf(pdf())


# -- office documents --

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    f"<dc:creator>{CANARY}</dc:creator><cp:lastModifiedBy>{CANARY}</cp:lastModifiedBy>"
    "</cp:coreProperties>"
)
PROPERTIES = f"<Properties><Manager>{CANARY}</Manager><Company>{CANARY}</Company></Properties>"
COMMON: dict[str, str | bytes] = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": (
        f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Target="docProps/core.xml"/>'
        f'<Relationship Id="r2" Target="_xmlsignatures/origin.sigs"/></Relationships>'
    ),
    "docProps/core.xml": CORE,
    "docProps/app.xml": PROPERTIES,
    "docProps/custom.xml": PROPERTIES,
    "docProps/thumbnail.jpeg": jpeg(),
    "customXml/item1.xml": f'<root owner="{CANARY}"><by>{CANARY}</by></root>',
    "_xmlsignatures/sig1.xml": f"<Signature>{CANARY}</Signature>",
}


def docx(more: dict[str, str | bytes] | None = None) -> bytes:
    """A text with tracked changes, comments, pictures and a table of another program."""
    by = f'w:author="{CANARY}" w:initials="{CANARY}"'
    return packed({
        **COMMON,
        "word/document.xml": (
            f'<w:document xmlns:w="{W}"><w:body><w:p><w:ins {by}><w:r><w:t>{SAID}</w:t></w:r>'
            f"</w:ins><w:del {by}/><w:rPr><w:rPrChange {by}/></w:rPr></w:p></w:body></w:document>"
        ),
        "word/comments.xml": (
            f'<w:comments xmlns:w="{W}"><w:comment {by}><w:p><w:t>Really?</w:t></w:p></w:comment>'
            "</w:comments>"
        ),
        "word/people.xml": (
            f'<w15:people xmlns:w15="{W15}"><w15:person w15:author="{CANARY}">'
            f'<w15:presenceInfo w15:providerId="AD" w15:userId="{CANARY}"/></w15:person>'
            "</w15:people>"
        ),
        "word/settings.xml": (
            f'<w:settings xmlns:w="{W}"><w:rsids><w:rsid w:val="00AB"/></w:rsids><w:docVars>'
            f'<w:docVar w:name="by" w:val="{CANARY}"/></w:docVars></w:settings>'
        ),
        "word/_rels/settings.xml.rels": (
            f'<Relationships xmlns="{RELS}"><Relationship Id="r1" TargetMode="External" '
            f'Target="file:///C:/Users/{CANARY}/letter.dotx"/></Relationships>'
        ),
        "word/media/image1.jpeg": jpeg(),
        "word/media/image2.png": png(),
        "word/embeddings/object.bin": NAME,
        "word/embeddings/table.xlsx": xlsx(),
        **(more or {}),
    })  # fmt: skip


def xlsx() -> bytes:
    """A table with notes, threads, and the folder that it was saved in."""
    return packed({
        **COMMON,
        "xl/workbook.xml": (
            f'<workbook><fileSharing userName="{CANARY}"/><absPath url="C:/Users/{CANARY}/"/>'
            f"<sheets><sheet name='{SAID}'/></sheets></workbook>"
        ),
        "xl/comments1.xml": (
            f"<comments><authors><author>{CANARY}</author></authors><commentList><comment>"
            f"<text><r><t>{CANARY}:</t></r><r><t>Really?</t></r></text></comment></commentList>"
            "</comments>"
        ),
        "xl/persons/person.xml": (
            f'<personList><person displayName="{CANARY}" userId="{CANARY}" providerId="AD"/>'
            "</personList>"
        ),
        "xl/revisions/userNames.xml": f'<users><userInfo userName="{CANARY}"/></users>',
    })  # fmt: skip


def pptx() -> bytes:
    """Slides with the old and the new kind of comments."""
    return packed({
        **COMMON,
        "ppt/presentation.xml": "<presentation/>",
        "ppt/slides/slide1.xml": f"<sld><t>{SAID}</t></sld>",
        "ppt/commentAuthors.xml": (
            f'<cmAuthorLst><cmAuthor id="0" name="{CANARY}" initials="{CANARY}"/></cmAuthorLst>'
        ),
        "ppt/authors.xml": (
            f'<authorLst><author id="{{0}}" name="{CANARY}" initials="{CANARY}" '
            f'userId="{CANARY}" providerId="AD"/></authorLst>'
        ),
        "ppt/media/image1.png": png(),
    })  # fmt: skip


OFFICE_NS = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
DC = "http://purl.org/dc/elements/1.1/"


def odt() -> bytes:
    """A text with fields, notes, tracked changes, a printer and a signature."""
    names = f'xmlns:office="{OFFICE_NS}" xmlns:dc="{DC}" xmlns:text="urn:text" xmlns:meta="urn:m"'
    return packed({
        "META-INF/manifest.xml": "<manifest/>",
        "mimetype": "application/vnd.oasis.opendocument.text",
        "meta.xml": (
            f"<office:document-meta {names}><office:meta><dc:creator>{CANARY}</dc:creator>"
            f'<meta:initial-creator>{CANARY}</meta:initial-creator><meta:user-defined name="by">'
            f"{CANARY}</meta:user-defined></office:meta></office:document-meta>"
        ),
        "content.xml": (
            f"<office:document-content {names}><text:change-info><dc:creator>{CANARY}"
            f"</dc:creator></text:change-info><text:p>{SAID}<office:annotation><dc:creator>"
            f"{CANARY}</dc:creator><meta:creator-initials>{CANARY}</meta:creator-initials>"
            f"<text:p>Really?</text:p></office:annotation> It does.<text:author-name>{CANARY}"
            f"</text:author-name><text:sender-email>{CANARY}</text:sender-email></text:p>"
            "</office:document-content>"
        ),
        "settings.xml": (
            f'<settings xmlns:config="urn:c"><config:config-item config:name="PrinterName">{CANARY}'
            '</config:config-item><config:config-item config:name="Zoom">90</config:config-item>'
            "</settings>"
        ),
        "META-INF/documentsignatures.xml": f"<sig>{CANARY}</sig>",
        "Pictures/1.jpg": jpeg(),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "content", "at"),
    [
        ("docx", docx(), "word/document.xml"),
        ("xlsx", xlsx(), "xl/workbook.xml"),
        ("pptx", pptx(), "ppt/slides/slide1.xml"),
        ("odt", odt(), "content.xml"),
    ],
)
def test_nothing_in_an_office_document_names_its_maker(
    clean: Clean, kind: str, content: bytes, at: str
) -> None:
    assert sum(one.count(NAME) for one in everything_in(content)) > 10
    after = clean(content, kind)
    left = [one[:300] for one in everything_in(after) if NAME in one]
    assert left == []
    assert SAID in part(after, at)


def test_what_comments_say_stays(clean: Clean) -> None:
    assert "Really?" in part(clean(docx(), "docx"), "word/comments.xml")
    assert "Really?" in part(clean(xlsx(), "xlsx"), "xl/comments1.xml")
    text = part(clean(odt(), "odt"), "content.xml")
    assert "Really?" in text
    assert " It does." in text
    assert ">90<" in part(clean(odt(), "odt"), "settings.xml")


def test_the_mark_of_an_odt_stays_in_front_and_unpacked(clean: Clean) -> None:
    with zipfile.ZipFile(io.BytesIO(clean(odt(), "odt"))) as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert first.date_time == (1980, 1, 1, 0, 0, 0)


def test_a_picture_loses_its_notes_and_no_pixel(clean: Clean) -> None:
    after = clean(docx(), "docx")
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        photo, drawing = (archive.read(f"word/media/image{n}") for n in ("1.jpeg", "2.png"))
    assert photo.startswith(b"\xff\xd8\xff\xe0")
    assert photo.endswith(b"pixels\xff\xd9")
    assert b"IDATpixels" in drawing
    assert drawing.endswith(b"IEND" + struct.pack(">I", zlib.crc32(b"")))


# -- e-books --


def test_a_book_keeps_its_authors_and_loses_who_made_the_file(clean: Clean) -> None:
    content = packed({
        "mimetype": "application/epub+zip",
        "book.opf": (
            f'<package xmlns:dc="{DC}"><metadata><dc:creator>Ada Author</dc:creator>'
            f'<dc:contributor id="c1">{CANARY}</dc:contributor>'
            '<meta refines="#c1" property="role">bkp</meta>'
            f'<dc:contributor role="trl">Tia Translator</dc:contributor>'
            f'<meta name="calibre:user" content="{CANARY}"/><meta name="cover" content="c"/>'
            "</metadata></package>"
        ),
        "one.xhtml": (
            f'<html><head><meta name="generator" content="{CANARY}"/></head>'
            f"<body>{SAID}&nbsp;Yes.</body></html>"
        ),
        "META-INF/calibre_bookmarks.txt": CANARY,
    })  # fmt: skip
    after = clean(content, "epub")
    assert not any(NAME in one for one in everything_in(after))
    package = part(after, "book.opf")
    for kept in ("Ada Author", "Tia Translator", 'name="cover"'):
        assert kept in package
    assert f"{SAID}&nbsp;Yes." in part(after, "one.xhtml")


# -- what can't be cleaned --


def test_an_archive_that_unpacks_to_far_too_much_is_refused(
    clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewhub.core.metadata.archives.MOST_BYTES", 1_000_000)
    for bomb in (
        docx({"word/big.xml": bytes(2_000_000)}),
        docx({"a.docx": docx({"b": bytes(10**6)})}),
    ):
        with pytest.raises(CannotClean, match="far more than a document"):
            clean(bomb, "docx")


@pytest.mark.lasting
def test_an_archive_of_too_many_parts_is_refused(clean: Clean) -> None:
    many = docx({f"word/{number}": b"" for number in range(10_001)})
    with pytest.raises(CannotClean, match="far more than a document"):
        clean(many, "docx")


def test_what_lies_too_deep_is_left_out(clean: Clean) -> None:
    content = docx()
    for _depth in range(4):
        content = docx({"word/embeddings/inner.docx": content})
    assert not any(NAME in one for one in everything_in(clean(content, "docx")))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4 and nothing else", "pdf"),
        (b"PK\x03\x04 no archive", "docx"),
        (docx()[:-3000], "docx"),
        (docx({"word/document.xml": "<w:document"}), "docx"),
        (b"", "odt"),
    ],
)
def test_a_broken_file_is_refused_and_leaves_no_copy(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    (tmp_path / "before").write_bytes(content)
    with pytest.raises(CannotClean, match="can't be read"):
        strip(tmp_path / "before", tmp_path / "after", kind)
    assert not (tmp_path / "after").exists()


def test_entities_are_not_unpacked(clean: Clean) -> None:
    bomb = (
        '<!DOCTYPE a [<!ENTITY x "'
        + "y" * 1000
        + '"><!ENTITY z "'
        + "&x;" * 1000
        + '">]><a>&z;</a>'
    )
    with pytest.raises(CannotClean, match="can't be read"):
        clean(docx({"word/bomb.xml": bomb}), "docx")


def test_a_locked_odt_is_refused(clean: Clean) -> None:
    locked = packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": "<manifest><encryption-data/></manifest>",
    })  # fmt: skip
    with pytest.raises(CannotClean, match="locked with a password"):
        clean(locked, "odt")
