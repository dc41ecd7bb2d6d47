"""What the library says to whoever suggested a resource."""

from typing import Any

from reviewhub.accounts import queries as accounts
from reviewhub.library import queries
from reviewhub.library.models import Resource
from reviewhub.notifications.outbox import Recipient, page, tell


def publish(resource: Resource, *, ref: str) -> None:
    """It stands in the library now, at this address."""
    _tell("library/publish", resource, occurrence="", ref=ref)


def correct(resource: Resource, *, note: str, changed: list[str]) -> None:
    """Its record was corrected."""
    _tell("library/correct", resource, occurrence=str(resource.edition), note=note, changed=changed)


def archive(resource: Resource, *, note: str) -> None:
    """It is kept at its address, but no longer listed."""
    _tell("library/archive", resource, occurrence=_now(resource), note=note)


def restore(resource: Resource) -> None:
    """It is listed again."""
    _tell("library/restore", resource, occurrence=_now(resource))


def remove(resource: Resource) -> None:
    """It was removed, for this reason."""
    _tell("library/remove", resource, occurrence="", note=resource.removal_reason)


def _tell(event: str, resource: Resource, *, occurrence: str, **context: Any) -> None:
    to = _submitter(resource)
    if to is not None:
        target = page("library.resource", slug=resource.slug)
        tell(event, to, resource, target=target, occurrence=occurrence, title=resource.title,
             **context)  # fmt: skip


def _submitter(resource: Resource) -> Recipient | None:
    person_id = queries.submitter_id(resource)
    return None if person_id is None else accounts.recipient(accounts.get(person_id))


def _now(resource: Resource) -> str:
    return resource.updated_at.isoformat()
