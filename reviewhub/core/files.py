"""Uploaded files: recognised by their content, kept under a name of ours."""

import hashlib
import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

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
SWEPT_AT_ONCE = 500
UNNAMED_FOR = timedelta(days=7)  # bytes that no row names are kept, for second thoughts
PARTIAL = "partial"  # the folder of a store in which files arrive piece by piece
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


def sniff(content: bytes | IO[bytes]) -> str:
    """The extension of an allowed kind of file, from its content.

    Raises InvalidInput when it is none of them, whatever the file is called.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    source.seek(0)
    is_zip = source.read(2) == b"PK"
    source.seek(0)
    found = _sniff_zip(source) if is_zip else _sniff_other(source)
    if found not in MEDIA_TYPES:
        raise InvalidInput(
            _("This file is none of the kinds we take: %(kinds)s.", kinds=", ".join(MEDIA_TYPES)),
            field="file",
        )
    return found


def _sniff_other(source: IO[bytes]) -> str:
    import puremagic  # noqa: PLC0415 -- only uploads need it

    try:
        return puremagic.from_stream(source).lstrip(".").lower()
    except (puremagic.PureError, ValueError):
        return ""


def _sniff_zip(source: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(source) as archive:
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


def keep(store: Path, name: str, content: bytes | IO[bytes], *, limit: int) -> StoredFile:
    """Keep `content` (at most `limit` bytes) in `store` and say where.

    Raises InvalidInput for an empty, too large or unrecognised file.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    require_size(source.seek(0, os.SEEK_END), limit)
    sniff(source)
    source.seek(0)
    partial = begin_partial(store)
    with (store / partial).open("r+b") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    return take_in(store, name, partial, limit=limit)


def require_size(size: int, limit: int) -> None:
    """Raise InvalidInput for an empty file, and for one of more than `limit` bytes."""
    if size <= 0:
        raise InvalidInput(_("This file is empty."), field="file")
    if size > limit:
        raise InvalidInput(
            _("This file is too large: %(limit)d MB is the most.", limit=limit // 1024**2),
            field="file",
        )


def begin_partial(store: Path) -> str:
    """A place in `store` for a file that arrives piece by piece."""
    path = f"{PARTIAL}/{secrets.token_hex(16)}"
    target = store / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(exist_ok=False)
    return path


def extend(store: Path, partial: str, content: bytes, *, offset: int) -> None:
    """Write the next piece; once this returns it outlasts the machine.

    The same piece twice is the same file: what a lost answer made somebody send again.
    """
    with (store / partial).open("r+b") as file:
        file.seek(offset)
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def take_in(store: Path, name: str, partial: str, *, limit: int) -> StoredFile:
    """Keep a file that has arrived whole, under a name of its kind.

    Raises InvalidInput for an empty, too large or unrecognised one, which stays where it is.
    """
    arrived = store / partial
    size = arrived.stat().st_size
    require_size(size, limit)
    with arrived.open("rb") as file:
        extension = sniff(file)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}.{extension}"
    target = store / path
    target.parent.mkdir(parents=True, exist_ok=True)
    arrived.replace(target)
    return StoredFile(path, _shown_name(name, extension), MEDIA_TYPES[extension], size, digest)


def sweep(
    store: Path,
    named: Callable[[list[str]], set[str]],
    *,
    before: datetime,
    apart: Collection[str] = (),
) -> int:
    """Remove what was last written `before` then and that no row names; returns how many files.

    `named` tells which of the paths it is given a row names. The folders `apart` are others'.
    """
    old = (
        path.relative_to(store).as_posix()
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.stat().st_mtime < before.timestamp()
    )
    removed = 0
    mine = (path for path in old if path.partition("/")[0] not in apart)
    while batch := list(islice(mine, SWEPT_AT_ONCE)):
        for path in set(batch) - named(batch):
            drop(store, path)
            removed += 1
    return removed


def drop(store: Path, path: str) -> None:
    """Remove the bytes, if they are there."""
    (store / path).unlink(missing_ok=True)


def _shown_name(name: str, extension: str) -> str:
    """The sender's name for it, without folders, ending in what the file really is."""
    own = clean_line(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(".")
    if own.lower().endswith(f".{extension}"):
        own = own[: -len(extension) - 1]
    return f"{own[:140].rstrip(' .') or 'file'}.{extension}"
