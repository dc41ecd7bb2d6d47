"""Copies of files without what tells who made them, for reviewers who must not know.

The file itself stays for the editors and the submitter. A reviewer is given the copy or nothing.
"""

import secrets

from reviewhub.core import metadata
from reviewhub.core.db import db
from reviewhub.core.nudges import nudge
from reviewhub.submissions import attachments, queries
from reviewhub.submissions.models import Cleaning, Submission

CLEAN_FILES = "submissions.clean_files"


def ask_for_clean_copies(submission: Submission) -> None:
    """Have a worker make them; a file that could not be cleaned before is tried once more."""
    for file in queries.files_of(submission.id):
        if file.cleaning in {Cleaning.NOT_ASKED, Cleaning.FAILED}:
            file.cleaning = Cleaning.WAITING
    nudge(CLEAN_FILES)


def clean(file_id: int) -> bool:
    """Make the copy of one file; whether it has one now. Commits nothing.

    The work is done before the row is locked, so that a large file holds up nobody; two workers at
    once make two copies, of which one is kept.
    """
    file = queries.file_by_id(file_id)
    source, extension = file.path, file.path.rpartition(".")[2]
    db.session.rollback()
    copy = f"clean/{secrets.token_hex(16)}.{extension}"
    target = attachments.store() / copy
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        metadata.strip(attachments.store() / source, target, extension)
    except metadata.CannotClean:
        return _settle(file_id, Cleaning.FAILED, None)
    if _settle(file_id, Cleaning.CLEAN, copy):
        return True
    target.unlink(missing_ok=True)
    return False


def _settle(file_id: int, cleaning: Cleaning, copy: str | None) -> bool:
    file = queries.file_by_id(file_id, lock=True)
    if file.cleaning is Cleaning.CLEAN:
        return False
    file.cleaning, file.clean_path = cleaning, copy
    db.session.flush()
    return cleaning is Cleaning.CLEAN
