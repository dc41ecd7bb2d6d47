"""The due date of a review as a calendar entry (RFC 5545), for a reviewer's own calendar.

A calendar is often read by others and synchronised to places that nobody of the hub knows. So the
entry names the resource only where the policy lets everybody know who reviews what; and it never
holds the link that acts for the reviewer.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from reviewhub.accounts.models import Person
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.i18n import _, force_locale
from reviewhub.core.text import clean_line
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.rules import Anonymity, Rules
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue

FILE = "review.ics"
LINE = 75  # octets, without the line break
_LASTS = timedelta(minutes=30)  # ends at the due time


def entry(
    assignment: Assignment, *, title: str, rules: Rules, written_at: datetime, called_off: bool
) -> str:
    """The entry as a file of one event; `called_off` takes it out of the calendar again.

    The number that says which version is newer is the assignment's own version, which every new
    date makes larger.
    """
    assert assignment.due_at is not None  # only an accepted review has a date
    says = _("The link in our mail opens the form, and there is more time there.")
    host = urlsplit(config.current().base_url).hostname or "localhost"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ReviewHub//Review due dates//EN",
        f"METHOD:{'CANCEL' if called_off else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:assignment-{assignment.id}@{host}",
        f"SEQUENCE:{assignment.version}",
        f"DTSTAMP:{_moment(written_at)}",
        f"DTSTART:{_moment(assignment.due_at - _LASTS)}",
        f"DTEND:{_moment(assignment.due_at)}",
        f"SUMMARY:{_text(_summary(title, rules))}",
        f"DESCRIPTION:{_text(says)}",
        f"STATUS:{'CANCELLED' if called_off else 'CONFIRMED'}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        *([] if called_off else _alarm()),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def attached(assignment: Assignment, *, called_off: bool = False) -> dict[str, Any]:
    """The entry as what a mail to the reviewer carries, in their language; nothing without a date.

    Only who has accepted has a date, so only they have an entry that can be called off.
    """
    if assignment.due_at is None:
        return {}
    db.session.flush()  # what is written now makes the version larger
    person = db.session.get_one(Person, assignment.person_id)
    submission = db.session.get_one(Submission, assignment.submission_id)
    with force_locale(person.locale):
        text = entry(
            assignment, title=submission.title, rules=rules_of(assignment.round),
            written_at=clock.now(), called_off=called_off,
        )  # fmt: skip
    method = "CANCEL" if called_off else "PUBLISH"
    return {"attachments": [{"name": FILE, "method": method, "text": text}]}


def _summary(title: str, rules: Rules) -> str:
    if rules.anonymity is Anonymity.VISIBLE:
        return _("Review due: %(title)s", title=clean_line(title))
    return _("Review due for %(hub)s", hub=catalogue().name)


def _alarm() -> Iterable[str]:
    says = _("A review is due in two days.")
    return (
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(says)}",
        "TRIGGER:-P2D",
        "END:VALARM",
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Text as a value: what would end or divide it is escaped."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets; what goes on begins with a space, and no character is cut."""
    part, room = "", LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            yield part
            part, room = " ", LINE - 1
        part += character
        room -= size
    yield part
