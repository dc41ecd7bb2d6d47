"""Uploaded files: recognised by their content, kept under a name of ours."""

import hashlib
import io
import os
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path

import puremagic

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line

# What may be kept, by extension; documents only: nothing that a browser would run.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "epub": "application/epub+zip",
}
# The entry that tells one zip-based format from another.
_ZIP_MARKS = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
}
_ZIP_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/epub+zip": "epub",
}


@dataclass(frozen=True)
class StoredFile:
    """A file that was kept: `path` is relative to the store, `size` in bytes."""

    path: str
    name: str
    media_type: str
    size: int
    sha256: str


def sniff(content: bytes) -> str:
    """The extension of an allowed kind of file, from its content.

    Raises InvalidInput when it is none of them, whatever the file is called.
    """
    if content.startswith(b"PK"):
        found = _sniff_zip(content)
    else:
        try:
            found = puremagic.from_string(content).lstrip(".").lower()
        except (puremagic.PureError, ValueError):
            found = ""
    if found not in MEDIA_TYPES:
        raise InvalidInput(
            _("This file is none of the kinds we take: %(kinds)s.", kinds=", ".join(MEDIA_TYPES)),
            field="file",
        )
    return found


def _sniff_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.endswith("vbaProject.bin") for name in names):
                return ""  # macros: a program in a document's clothes
            for extension, mark in _ZIP_MARKS.items():
                if mark in names:
                    return extension
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                declared = archive.read("mimetype").decode("ascii", "replace").strip()
                return _ZIP_MIMETYPES.get(declared, "")
    except Exception:  # a broken archive fails in many ways: then nobody knows what it is
        return ""
    return ""


def keep(store: Path, name: str, content: bytes, *, limit: int) -> StoredFile:
    """Keep `content` (at most `limit` bytes) in `store` and say where.

    Raises InvalidInput for an empty, too large or unrecognised file.
    """
    if not content:
        raise InvalidInput(_("This file is empty."), field="file")
    if len(content) > limit:
        raise InvalidInput(
            _("This file is too large: %(limit)d MB is the most.", limit=limit // 1024**2),
            field="file",
        )
    extension = sniff(content)
    path = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}.{extension}"
    target = store / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return StoredFile(
        path,
        _shown_name(name, extension),
        MEDIA_TYPES[extension],
        len(content),
        hashlib.sha256(content).hexdigest(),
    )


def _shown_name(name: str, extension: str) -> str:
    """The sender's name for it, without folders, ending in what the file really is."""
    own = clean_line(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(".")
    if own.lower().endswith(f".{extension}"):
        own = own[: -len(extension) - 1]
    return f"{own[:140].rstrip(' .') or 'file'}.{extension}"
