"""The files of an item as a reviewer gets them: as they came, or as copies that name nobody."""

from dataclasses import dataclass
from pathlib import PurePath

from reviewhub.submissions.models import Cleaning, SubmissionFile
from reviewhub.submissions.queries import files_of


@dataclass(frozen=True)
class ShownFile:
    """A file under the name that a reviewer sees. Without a `path` there is nothing to hand out."""

    id: int
    name: str
    media_type: str
    path: str | None
    is_waiting: bool = False


def shown_files(submission_id: int, *, hides_submitter: bool) -> list[ShownFile]:
    """What may be handed to the reviewers, in the order it came.

    Where the submitter is hidden, so is the name of a file, and the file itself until its copy is
    there.
    """
    found = files_of(submission_id)
    if hides_submitter:
        return [_nameless(file, number) for number, file in enumerate(found, 1)]
    return [ShownFile(file.id, file.name, file.media_type, file.path) for file in found]


def _nameless(file: SubmissionFile, number: int) -> ShownFile:
    kind = PurePath(file.path).suffix.lstrip(".")
    return ShownFile(
        file.id,
        f"file-{number}.{kind}",
        file.media_type,
        file.clean_path,
        is_waiting=file.cleaning is not Cleaning.FAILED,
    )
