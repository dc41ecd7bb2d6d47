"""JPEG and PNG pictures without what cameras and programs wrote beside the picture."""

import struct

_JPEG_KEPT = {0xE0, 0xE2, 0xEE}  # how it is stored, its colours; the other notes go
_PNG_DROPPED = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
_PNG = b"\x89PNG\r\n\x1a\n"
_SCAN = 0xDA


def strip(picture: bytes) -> bytes:
    """The same picture; what is neither JPEG nor PNG comes back as it is."""
    if picture.startswith(b"\xff\xd8\xff"):
        return _jpeg(picture)
    if picture.startswith(_PNG):
        return _png(picture)
    return picture


def _jpeg(picture: bytes) -> bytes:
    kept, at = bytearray(picture[:2]), 2
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        marker = picture[at + 1]
        if marker == _SCAN:
            break
        end = at + 2 + struct.unpack(">H", picture[at + 2 : at + 4])[0]
        is_note = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _JPEG_KEPT)
        if not is_note:
            kept += picture[at:end]
        at = end
    end_of_picture = picture.rfind(b"\xff\xd9")  # what follows it is no part of the picture
    return bytes(kept + picture[at : end_of_picture + 2 if end_of_picture > at else None])


def _png(picture: bytes) -> bytes:
    kept, at = bytearray(_PNG), len(_PNG)
    while at + 12 <= len(picture):
        length = struct.unpack(">I", picture[at : at + 4])[0]
        kind, end = picture[at + 4 : at + 8], at + 12 + length
        if kind not in _PNG_DROPPED:
            kept += picture[at:end]
        at = end
        if kind == b"IEND":
            break
    return bytes(kept)
