"""PDF without its document information, XMP, signatures, attachments and authors of notes.

Writing it anew leaves out what nothing refers to any more, earlier versions of the file included.
"""

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name

from reviewhub.core.metadata import locked, pictures

_ANYWHERE = ("/Metadata", "/PieceInfo", "/LastModified", "/AF", "/CreatorInfo")
_OF_DOCUMENT = ("/Perms", "/DSS", "/Collection", "/Legal")
# Of a note: its author, subject and dates; what it says stays.
_OF_NOTE = ("/T", "/Subj", "/M", "/CreationDate", "/NM")
_SIGNED = (
    "/Name",
    "/ContactInfo",
    "/Location",
    "/Reason",
    "/Contents",
    "/Cert",
    "/M",
    "/Prop_Build",
)


def strip(source: Path, target: Path) -> None:
    """Write the copy. Raises CannotClean for one that is encrypted."""
    try:
        document = pikepdf.open(source)
    except pikepdf.PasswordError as error:
        raise locked() from error
    with document:
        if document.is_encrypted:
            raise locked()
        if Name.Info in document.trailer:
            del document.trailer[Name.Info]
        _forget(document.Root, _OF_DOCUMENT)
        if Name.Names in document.Root:
            _forget(document.Root[Name.Names], ("/EmbeddedFiles",))
        for thing in document.objects:
            _clean(thing)
        document.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )


def _clean(thing: Any) -> None:
    if isinstance(thing, pikepdf.Array):
        within = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        _clean_dictionary(thing)
        within = list(dict(thing.items()).values())
    else:
        return
    for value in within:  # what is not written inside it has its own turn
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _clean(value)


def _clean_dictionary(thing: Any) -> None:
    _forget(thing, _ANYWHERE)
    if thing.get("/Type") == Name.Sig or "/ByteRange" in thing:
        _forget(thing, _SIGNED)
    if "/Subtype" in thing and "/Rect" in thing and thing.get("/Subtype") != Name.Widget:
        _forget(thing, _OF_NOTE)
        if thing.get("/Subtype") == Name.FileAttachment:
            _forget(thing, ("/FS",))
    if "/EF" in thing:  # an attached file, wherever it hangs
        _forget(thing, ("/EF", "/F", "/UF", "/Desc"))
    if isinstance(thing, pikepdf.Stream):
        _clean_picture(thing)


def _clean_picture(stream: pikepdf.Stream) -> None:
    if stream.get("/Filter") not in (Name.DCTDecode, pikepdf.Array([Name.DCTDecode])):
        return
    before = stream.read_raw_bytes()
    after = pictures.strip(before)
    if after != before:
        stream.write(after, filter=Name.DCTDecode)


def _forget(thing: Any, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in thing:
            del thing[key]
