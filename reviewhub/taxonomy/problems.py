"""What is wrong in a file of a hub's folder, said so that it leads to the entry."""

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _


def wrong(file: str, where: object, problem: object) -> InvalidInput:
    """The error for one place of a file."""
    sentence = _("%(file)s, %(entry)s: %(problem)s", file=file, entry=where, problem=problem)
    return InvalidInput(sentence, field=file)


def entry(name: object) -> str:
    """A place by its name in the file."""
    return str(_("entry “%(name)s”", name=name))
