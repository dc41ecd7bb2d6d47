"""Handing out a file that somebody uploaded: always as a download, never to be run or framed."""

from pathlib import Path

from flask import send_from_directory
from werkzeug.wrappers import Response

from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line


def send_upload(store: Path, path: str, *, name: str, media_type: str) -> Response:
    """The file at `path` inside `store`, under the name it came with.

    Raises NotFound where the store has lost it.
    """
    if not (store / path).is_file():
        raise NotFound(_("This file is no longer here."))
    response = send_from_directory(
        store.resolve(),
        path,
        mimetype=media_type,
        as_attachment=True,
        download_name=clean_line(name) or "file",  # no line break may end the header
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
