"""Files that come with a suggestion: how many, how large, and where they are kept."""

from dataclasses import dataclass
from pathlib import Path

from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.files import keep
from reviewhub.core.i18n import _
from reviewhub.submissions.models import Submission, SubmissionFile
from reviewhub.submissions.queries import files_of
from reviewhub.taxonomy.queries import catalogue

MEGABYTE = 1024 * 1024


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


def store() -> Path:
    """The folder that uploads are kept in."""
    return config.current().var / "uploads"


def attach(submission: Submission, name: str, content: bytes) -> SubmissionFile:
    """Keep a file with the suggestion; the same content twice is kept once.

    Raises InvalidInput for one too many, too large, empty, or of a kind that is not taken.
    """
    allowed = allowance()
    present = files_of(submission.id)
    stored = keep(store(), name, content, limit=allowed.size)
    for file in present:
        if file.sha256 == stored.sha256:
            (store() / stored.path).unlink()
            return file
    if len(present) >= allowed.number:
        (store() / stored.path).unlink()
        raise InvalidInput(
            _("At most %(number)d files can come with one suggestion.", number=allowed.number),
            field="file",
        )
    file = SubmissionFile(submission_id=submission.id, **vars(stored))
    db.session.add(file)
    db.session.flush()
    return file


def detach(file: SubmissionFile) -> None:
    """Let go of a file. Its bytes stay in the store until nobody can miss them any more."""
    db.session.delete(file)
    db.session.flush()
