"""What changes the library: publishing, checking in, correcting, archiving, removing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.workflow import Transition
from reviewhub.library import emails, entries, queries
from reviewhub.library.entries import Entry
from reviewhub.library.facets import slug
from reviewhub.library.models import Edition, Origin, Resource
from reviewhub.library.policy import roles_towards
from reviewhub.library.search import engine
from reviewhub.library.workflow import ResourceState, ResourceWorkflow
from reviewhub.submissions import moves
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Decision, Submission
from reviewhub.taxonomy.queries import catalogue


def publish(submission: Submission, *, by: Actor) -> Resource:
    """Put an approved submission into the library and tell whoever suggested it.

    Raises WrongState where it is not approved, InvalidInput where it has no section.
    """
    submission = submissions.lock(submission.id)
    if submission.section_id is None:
        raise InvalidInput(_("Choose a section first: the library files by it."), field="section")
    move = moves.publish(submission, by=by)
    resource = Resource(
        origin=Origin.REVIEWED,
        submission_id=submission.id,
        is_demo=submission.is_demo,
        review_summary=_summary(submission, submissions.live_decision(submission.id)),
    )
    entry = entries.of_submission(submission, submission.section_id)
    _enter(resource, entry, otherwise=submission.ref)
    record(resource, "publish", actor_id=by.acting_person_id, role=move.role)
    emails.publish(resource, ref=submission.ref)
    return resource


def check_in(
    entry: Entry,
    *,
    by: Actor,
    origin: Origin = Origin.CHECKED,
    external_id: str | None = None,
    is_demo: bool = False,
) -> Resource:
    """Enter a resource without a panel; readers are told how it came in.

    Raises NotAllowed for anybody but an editor or the system, InvalidInput for an origin that
    would claim a review.
    """
    _require_editor(by, submitter_id=None)
    if origin == Origin.REVIEWED:
        raise InvalidInput(_("Only a panel can make a resource peer reviewed."))
    resource = Resource(origin=origin, external_id=external_id, is_demo=is_demo)
    _enter(resource, entry, otherwise=external_id or "")
    record(resource, "check_in", actor_id=by.acting_person_id, origin=origin.value)
    return resource


def correct(
    resource: Resource, *, by: Actor, changes: Mapping[str, Any], note: str
) -> Edition | None:
    """Change public fields (names of `Entry`) and keep the difference as a new edition.

    Returns None where nothing would change. Raises WrongState for a removed resource.
    """
    resource = queries.lock(resource.id)
    _require_editor(by, submitter_id=queries.submitter_id(resource))
    if resource.state == ResourceState.REMOVED:
        raise WrongState(_("This was removed from the library: there is nothing to correct."))
    hub, before = catalogue(), entries.of_resource(resource)
    after = replace(before, **changes)
    changed = entries.difference(before, after, hub)
    if not changed:
        return None
    entries.write(after, resource, hub)
    _index(resource)
    resource.edition += 1
    resource.updated_at = clock.now()
    edition = Edition(resource_id=resource.id, edition=resource.edition, note=note,
                      by_id=by.acting_person_id, difference=changed)  # fmt: skip
    db.session.add(edition)
    db.session.flush()
    record(resource, "correct", actor_id=by.acting_person_id, note=note, difference=changed)
    emails.correct(resource, note=note, changed=sorted(changed))
    return edition


def archive(resource: Resource, *, by: Actor, note: str) -> None:
    """Keep it at its address, with a note, but no longer list it."""
    resource = _move(ResourceWorkflow.archive, resource, by, note)
    engine.withdraw(resource)
    emails.archive(resource, note=note)


def restore(resource: Resource, *, by: Actor, note: str = "") -> None:
    """List it again."""
    resource = _move(ResourceWorkflow.restore, resource, by, note)
    engine.publish(resource)
    emails.restore(resource)


def remove(resource: Resource, *, by: Actor, reason: str) -> None:
    """Take it out for good; the reason (at most 500 characters) and the date stay public.

    Raises InvalidInput without a reason.
    """
    if not reason:
        raise InvalidInput(_("Say why: the reason stays at the resource's address."), "reason")
    resource = _move(ResourceWorkflow.remove, resource, by, reason)
    resource.removed_at, resource.removal_reason = clock.now(), reason
    engine.withdraw(resource)
    db.session.flush()
    emails.remove(resource)


def _move(verb: Transition, resource: Resource, by: Actor, note: str) -> Resource:
    resource = queries.lock(resource.id)
    move = verb(resource, roles_towards(by, queries.submitter_id(resource)))
    resource.updated_at = clock.now()
    record(resource, move, actor_id=by.acting_person_id, note=note)
    return resource


def _enter(resource: Resource, entry: Entry, *, otherwise: str) -> None:
    hub = catalogue()
    resource.slug = _free_slug(entry, otherwise)
    resource.published_at = resource.updated_at = clock.now()
    resource.review_by = _months_on(clock.today(), int(hub.policy["review_by_months"]))
    entries.write(entry, resource, hub)
    _index(resource)
    db.session.add(resource)
    db.session.flush()


def _index(resource: Resource) -> None:
    engine.publish(resource)
    if resource.state == ResourceState.ARCHIVED:
        engine.withdraw(resource)


def _free_slug(entry: Entry, otherwise: str) -> str:
    stem = slug(entry.title) or slug(entry.title_en) or slug(otherwise) or "resource"
    taken = queries.taken_slugs(stem)
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def _summary(submission: Submission, decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {}
    kept = ("result", "reviewers", "internal", "external", "policy")
    return {
        **{name: decision.panel[name] for name in kept if name in decision.panel},
        "decided_at": decision.decided_at.isoformat(),
        "by": "panel" if decision.by_panel else "editor",
        "rounds": submission.round,
    }


def _require_editor(by: Actor, *, submitter_id: int | None) -> None:
    if Role.EDITOR not in roles_towards(by, submitter_id):
        raise NotAllowed(_("Only an editor who did not suggest it may change this resource."))


def _months_on(day: date, months: int) -> date:
    """The same day so many months on; the 28th where that month may be too short."""
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1, day=min(day.day, 28))
