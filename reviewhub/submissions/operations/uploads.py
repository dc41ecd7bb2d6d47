"""A file that comes piece by piece: begun, gone on with wherever it broke off, and attached whole.

Each piece is on the disk before its row says so. A piece whose answer was lost is sent again and
refused by its offset, which tells the sender where to go on; nothing is ever written twice.
"""

import re
from datetime import timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock, files
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.submissions import attachments, queries
from reviewhub.submissions.models import Submission, SubmissionFile, Upload
from reviewhub.submissions.operations.drafts import require_editable

_FINGERPRINT = re.compile(r"[A-Za-z0-9:._-]{8,80}")
LONGEST_NAME = 300
UNFINISHED_FOR = timedelta(days=2)


def begin_upload(
    submission: Submission, *, name: str, size: int, fingerprint: str, by: Actor
) -> Upload | SubmissionFile:
    """The file on its way under this fingerprint, new or gone on with; or the file itself, if the
    suggestion has it already.

    Raises InvalidInput for one too many, too large or empty.
    """
    require_editable(submission, by)
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise InvalidInput(_("This request can't be understood."), field="file")
    for file in queries.files_of(submission.id):
        if file.sha256 == fingerprint:
            return file
    files.require_size(size, attachments.allowance().size)
    attachments.require_room(submission.id)
    on_their_way = queries.uploads_of(submission.id)
    for upload in on_their_way:
        if upload.fingerprint == fingerprint and upload.size == size:
            upload.touched_at = clock.now()
            return upload
        if upload.fingerprint == fingerprint:
            give_up_upload(upload)
    if len(on_their_way) >= attachments.allowance().number:
        give_up_upload(on_their_way[0])  # what nobody went on with makes room
    return _begun(submission, name, size, fingerprint)


def add_chunk(upload: Upload, content: bytes, *, offset: int, by: Actor) -> SubmissionFile | None:
    """Write the piece that begins at `offset`; the file itself once it is whole.

    Raises WrongState where another piece is wanted, and InvalidInput for a file that can't be
    taken: then the upload is to be given up.
    """
    require_editable(queries.get(upload.submission_id), by)
    if offset != upload.received:
        raise WrongState(_("This piece of the file has arrived already."))
    if not content or offset + len(content) > upload.size:
        raise InvalidInput(_("This file is larger than it was said to be."), field="file")
    files.extend(attachments.store(), upload.path, content, offset=offset)
    upload.received = offset + len(content)
    upload.touched_at = clock.now()
    db.session.flush()
    if upload.received < upload.size:
        return None
    file = attachments.attach_arrived(upload)
    db.session.delete(upload)
    db.session.flush()
    return file


def give_up_upload(upload: Upload) -> None:
    """Forget a file that will not become whole, and its bytes."""
    files.drop(attachments.store(), upload.path)
    db.session.delete(upload)
    db.session.flush()


def sweep(*, cvs: str = "cv") -> int:
    """Give up what nobody went on with, and remove what no row names; returns how many.

    The folder of the CVs lies in the same store, and is the roster's to sweep.
    """
    stale = queries.unfinished_uploads(touched_before=clock.now() - UNFINISHED_FOR)
    for upload in stale:
        give_up_upload(upload)
    before = clock.now() - files.UNNAMED_FOR
    store = attachments.store()
    return len(stale) + files.sweep(store, queries.named_paths, before=before, apart={cvs})


def _begun(submission: Submission, name: str, size: int, fingerprint: str) -> Upload:
    upload = Upload(
        submission_id=submission.id,
        fingerprint=fingerprint,
        name=clean_line(name)[:LONGEST_NAME] or "file",
        size=size,
        path=files.begin_partial(attachments.store()),
    )
    db.session.add(upload)
    db.session.flush()
    return upload
