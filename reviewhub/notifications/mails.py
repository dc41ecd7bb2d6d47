"""What is known of each mail, said once, above the function that tells it.

    @mail(_l("Question to the submitter"), after=("submissions.ask",))
    def ask(submission, question):
        \"\"\"To the submitter: an editor asks something; by when to answer.\"\"\"

The function's name and its package are the event, `submissions/ask`, and so the name of the
template. From here the outbox knows whether a mail can wait, the desk what to call it, and
docs/mails.md everything else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import TypeVar

from reviewhub.notifications.kinds import Kind

Sender = TypeVar("Sender", bound=Callable[..., object])


@dataclass(frozen=True)
class Mail:
    """One mail that is told: what is known of it before anybody gets it."""

    event: str
    about: str  # in two or three words, for staff who look through the outbox
    to: str  # "To the editor: …", as its sender says
    after: tuple[tuple[str, str], ...]  # the steps that tell it, as kind of object and verb
    when: str  # what time does by itself, where it tells the mail without anybody's step
    can_wait: Kind | None  # none: it always goes out at once


_mails: dict[str, Mail] = {}


def mail(
    about: str,
    *,
    after: Iterable[str] = (),
    when: str = "",
    can_wait: Kind | None = None,
    event: str = "",
) -> Callable[[Sender], Sender]:
    """Declare the mail that a function tells; the function stays as it is.

    `after` names the steps that tell it, "submissions.ask", as the history knows them; `when`
    says what else brings it about. `event` is the mail's name where it is not the function's.
    """

    def declare(sender: Sender) -> Sender:
        assert isinstance(sender, FunctionType)
        package = sender.__module__.split(".")[1]
        name = f"{package}/{event or sender.__name__}"
        _mails[name] = Mail(
            name,
            about,
            " ".join((sender.__doc__ or "").split()),
            tuple((kind, verb) for kind, _dot, verb in (step.partition(".") for step in after)),
            when,
            can_wait,
        )
        return sender

    return declare


def mails() -> Mapping[str, Mail]:
    """Every mail of the packages that have been imported, by its event."""
    return _mails


def kind_of(event: str) -> Kind | None:
    """What kind of mail this is; none for one that always goes out at once."""
    known = _mails.get(event)
    return known.can_wait if known else None


def words(event: str) -> str:
    """What a mail of this event is about; its verb where nobody says any more what it was."""
    known = _mails.get(event)
    return str(known.about) if known else event.rpartition("/")[2].replace("_", " ").strip()
