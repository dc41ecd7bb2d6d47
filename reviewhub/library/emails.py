"""What the library says to the people of a resource: who suggested, handled or reviewed it."""

from typing import Any

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.core.i18n import _l
from reviewhub.library import queries
from reviewhub.library.models import Resource
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.mails import mail
from reviewhub.notifications.outbox import Recipient, page, tell


@mail(_l("Published"), after=("submissions.publish", "resources.publish"))
def publish(resource: Resource, *, ref: str) -> None:
    """To the submitter: it stands in the library now, at this address."""
    submitter = _submitter(resource)
    if submitter is not None:
        _tell("publish", resource, submitter, occurrence="", ref=ref)


@mail(_l("Record corrected"), after=("resources.correct",), can_wait=Kind.LIBRARY)
def correct(resource: Resource, *, by: Actor, note: str, changed: list[str]) -> None:
    """To the submitter: its record was corrected, and what was changed."""
    _tell_all(
        "correct", resource, by, occurrence=str(resource.edition), note=note,
        changed=changed,
    )  # fmt: skip


@mail(_l("Archived"), after=("resources.archive",), can_wait=Kind.LIBRARY)
def archive(resource: Resource, *, by: Actor, note: str) -> None:
    """To the submitter: it is kept at its address, but no longer listed."""
    _tell_all("archive", resource, by, occurrence=_now(resource), note=note)


@mail(_l("Listed again"), after=("resources.restore",), can_wait=Kind.LIBRARY)
def restore(resource: Resource, *, by: Actor) -> None:
    """To the submitter: it is listed again."""
    _tell_all("restore", resource, by, occurrence=_now(resource))


@mail(_l("Removed"), after=("resources.remove",))
def remove(resource: Resource, *, by: Actor) -> None:
    """To the submitter: it was removed, and for which reason."""
    _tell_all("remove", resource, by, occurrence="", note=resource.removal_reason)


def _tell_all(event: str, resource: Resource, by: Actor, **context: Any) -> None:
    """To whoever suggested it, handled it, or reviewed it and asked to hear; not to who did it.

    `part` says which of them a reader is. Each gets a mail of their own.
    """
    people: dict[int, tuple[Person, str]] = {}
    for person, part in queries.concerned(resource):
        people.setdefault(person.id, (person, part))
    for person_id, (person, part) in people.items():
        if person_id != by.acting_person_id:
            _tell(event, resource, accounts.recipient(person), part=part, **context)


def _tell(
    event: str, resource: Resource, to: Recipient, *, occurrence: str, **context: Any
) -> None:
    target = page("library.resource", slug=resource.slug)
    tell(f"library/{event}", to, resource, target=target, occurrence=occurrence,
         title=resource.title, **context)  # fmt: skip


def _submitter(resource: Resource) -> Recipient | None:
    person_id = queries.submitter_id(resource)
    return None if person_id is None else accounts.recipient(accounts.get(person_id))


def _now(resource: Resource) -> str:
    return resource.updated_at.isoformat()
