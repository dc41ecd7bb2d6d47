"""The kinds of mail that can wait, and how a person may want each: at once, in a digest, never.

A mail without a kind is transactional: it belongs to what its reader began or has to do,
and always goes out at once. Which mail is of which kind stands where it is told: `mails.mail`.
"""

from dataclasses import dataclass
from enum import StrEnum

from reviewhub.core.i18n import _l


class How(StrEnum):
    """How a person wants the mails of one kind. A notice under the bell is there in any case."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    NONE = "none"


class Kind(StrEnum):
    """What a mail that can wait is about."""

    ARRIVALS = "arrivals"
    DESK = "desk"
    OUTCOMES = "outcomes"
    LIBRARY = "library"
    WEEKLY = "weekly"


HOW_LABELS = {
    How.AT_ONCE: _l("A mail at once"),
    How.DIGEST: _l("In one mail a day"),
    How.NONE: _l("No mail"),
}
YES_OR_NO = {How.AT_ONCE: _l("A mail"), How.NONE: _l("No mail")}


@dataclass(frozen=True)
class Words:
    """A kind in words, and how it comes to whoever chose nothing."""

    label: str
    hint: str
    usual: How
    for_staff: bool = False
    choices: tuple[How, ...] = (How.AT_ONCE, How.DIGEST, How.NONE)


KINDS = {
    Kind.OUTCOMES: Words(
        _l("What became of what you reviewed"),
        _l("Whether a resource that you reviewed was approved, once that is decided."),
        How.DIGEST,
    ),
    Kind.LIBRARY: Words(
        _l("What happens later to what you suggested"),
        _l("When its record is corrected, archived, or listed again."),
        How.DIGEST,
    ),
    Kind.ARRIVALS: Words(
        _l("What is new on your desk"),
        _l("A suggestion to screen, an application to assess. Reminders come in any case."),
        How.AT_ONCE,
        for_staff=True,
    ),
    Kind.DESK: Words(
        _l("What goes on without you"),
        _l("A reviewer who is replaced, a suggestion that is withdrawn, somebody who leaves."),
        How.DIGEST,
        for_staff=True,
    ),
    Kind.WEEKLY: Words(
        _l("What needs doing this week"),
        _l("One mail on the first working day of the week, if anything waits for you."),
        How.AT_ONCE,
        for_staff=True,
        choices=(How.AT_ONCE, How.NONE),
    ),
}

# What a link at the foot of a digest calls the digest as a whole.
WHOLE_DIGEST = "digest"
