"""Takes out of a document what tells who made it, and leaves what it says.

Its visible text stays: a name on the title page is for an editor to see. The libraries are large,
so they are loaded by whoever cleans a file, in the worker process.
"""

from pathlib import Path

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _

NOBODY = "Author"  # stands where a format wants a name


class CannotClean(InvalidInput):
    """Nobody can say what this file holds, so its copy is shown to nobody."""


def strip(source: Path, target: Path, extension: str) -> None:
    """Write a copy of `source` without its metadata to `target`.

    Raises CannotClean for a file that is locked, broken or far larger than it looks.
    """
    from reviewhub.core.metadata import archives, pdf  # noqa: PLC0415  # see above

    try:
        if extension == "pdf":
            pdf.strip(source, target)
        else:
            archives.strip(source, target, extension)
    except CannotClean:
        target.unlink(missing_ok=True)
        raise
    except Exception as error:  # a broken document fails in as many ways as there are
        target.unlink(missing_ok=True)
        raise CannotClean(_("This file can't be read as what it says it is.")) from error


def is_locked_pdf(content: bytes) -> bool:
    """Whether a PDF asks for a password, or forbids what we do; judged by its trailer alone."""
    return b"/Encrypt" in content


def locked() -> CannotClean:
    """The refusal of an encrypted document."""
    return CannotClean(
        _("This file is locked with a password. Please send it without one."), field="file"
    )
