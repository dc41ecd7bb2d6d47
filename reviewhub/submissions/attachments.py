"""Files that come with a suggestion: how many, how large, and where they are kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reviewhub.core import config, files, metadata
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.submissions import queries
from reviewhub.submissions.models import Submission, SubmissionFile, Upload
from reviewhub.taxonomy.queries import catalogue

MEGABYTE = 1024 * 1024
SHA256_DIGITS = 64


@dataclass(frozen=True)
class Allowance:
    """What one suggestion may carry: `number` files of at most `size` bytes each."""

    number: int
    size: int

    @property
    def megabytes(self) -> int:
        """The size as people read it."""
        return self.size // MEGABYTE


def allowance() -> Allowance:
    """The hub's own limits where its policy sets them: `files` and `file_megabytes`."""
    policy = catalogue().policy
    size = int(policy.get("file_megabytes", 10)) * MEGABYTE
    return Allowance(int(policy.get("files", 3)), min(size, config.current().upload_max_bytes))


def hides_submitter() -> bool:
    """Whether reviewers must not learn, under the hub's present policy, who sent something."""
    return catalogue().policy.get("anonymity") in {"double", "triple"}


def store() -> Path:
    """The folder that uploads are kept in."""
    return config.current().var / "uploads"


def attach(submission: Submission, name: str, content: bytes | IO[bytes]) -> SubmissionFile:
    """Keep a file with the suggestion; the same content twice is kept once.

    Raises InvalidInput for one too many, too large, empty, or of a kind that is not taken.
    """
    return _attached(submission, files.keep(store(), name, content, limit=allowance().size))


def attach_arrived(upload: Upload) -> SubmissionFile:
    """The same, with a file that has arrived piece by piece.

    Raises InvalidInput as well for one that is not what its sender read.
    """
    kept = files.take_in(store(), upload.name, upload.path, limit=allowance().size)
    if len(upload.fingerprint) == SHA256_DIGITS and upload.fingerprint != kept.sha256:
        files.drop(store(), kept.path)
        raise InvalidInput(
            _("This file changed while it was sent. Please choose it once more."), field="file"
        )
    return _attached(queries.get(upload.submission_id), kept)


def require_room(submission_id: int) -> None:
    """Raise InvalidInput where no further file can come with the suggestion."""
    number = allowance().number
    if len(queries.files_of(submission_id)) >= number:
        raise InvalidInput(
            _("At most %(number)d files can come with one suggestion.", number=number),
            field="file",
        )


def detach(file: SubmissionFile) -> None:
    """Let go of a file. Its bytes stay in the store until nobody can miss them any more."""
    db.session.delete(file)
    db.session.flush()


def _refuse_locked(kept: files.StoredFile) -> None:
    """Whoever sends a file that can't be cleaned learns it while they can send another one."""
    if not hides_submitter() or kept.media_type != files.MEDIA_TYPES["pdf"]:
        return
    if metadata.is_locked_pdf((store() / kept.path).read_bytes()):
        files.drop(store(), kept.path)
        raise metadata.locked()


def _attached(submission: Submission, kept: files.StoredFile) -> SubmissionFile:
    _refuse_locked(kept)
    for file in queries.files_of(submission.id):
        if file.sha256 == kept.sha256:
            files.drop(store(), kept.path)
            return file
    try:
        require_room(submission.id)
    except InvalidInput:
        files.drop(store(), kept.path)
        raise
    file = SubmissionFile(submission_id=submission.id, **vars(kept))
    db.session.add(file)
    db.session.flush()
    return file
