"""What changes the library: publishing, checking in, correcting, archiving, removing."""

from collections.abc import Mapping
from dataclasses import replace
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
from reviewhub.library.second_looks import next_look_on
from reviewhub.library.workflow import ResourceState, ResourceWorkflow
from reviewhub.reviews.queries import rules_for
from reviewhub.reviews.rules import Published
from reviewhub.submissions import moves
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.letters import letter_of
from reviewhub.submissions.models import Decision, Submission
from reviewhub.taxonomy.queries import catalogue

_SLUGS_AT_ONCE = 50


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
    engine.publish(resource)
    resource.edition += 1
    resource.updated_at = clock.now()
    resource.review_by = next_look_on()
    edition = Edition(resource_id=resource.id, edition=resource.edition, note=note,
                      by_id=by.acting_person_id, difference=changed)  # fmt: skip
    db.session.add(edition)
    db.session.flush()
    record(resource, "correct", actor_id=by.acting_person_id, note=note, difference=changed)
    emails.correct(resource, by=by, note=note, changed=sorted(changed))
    return edition


def look_over(resource: Resource, *, by: Actor) -> None:
    """It still holds as it stands: nothing changes but the date of the next look."""
    resource = queries.lock(resource.id)
    _require_editor(by, submitter_id=queries.submitter_id(resource))
    if resource.state != ResourceState.PUBLISHED:
        raise WrongState(_("This is no longer listed, so there is nothing to look over."))
    resource.review_by = next_look_on()
    record(resource, "look_over", actor_id=by.acting_person_id, role="editor")


def archive(resource: Resource, *, by: Actor, note: str) -> None:
    """Keep it at its address, but no longer list it; the reason (at most 500 characters) and the
    date stand on its page."""
    resource = _move(ResourceWorkflow.archive, resource, by, note)
    resource.archived_at, resource.archive_reason = clock.now(), note
    engine.withdraw(resource)
    emails.archive(resource, by=by, note=note)


def restore(resource: Resource, *, by: Actor, note: str = "") -> None:
    """List it again."""
    resource = _move(ResourceWorkflow.restore, resource, by, note)
    resource.archived_at, resource.archive_reason = None, ""
    resource.review_by = next_look_on()
    engine.publish(resource)
    emails.restore(resource, by=by)


def remove(resource: Resource, *, by: Actor, reason: str) -> None:
    """Take it out for good; the reason (at most 500 characters) and the date stay public.

    Raises InvalidInput without a reason.
    """
    if not reason:
        raise InvalidInput(_("Say why: the reason stays at the resource's address."), "reason")
    resource = _move(ResourceWorkflow.remove, resource, by, reason)
    resource.removed_at, resource.removal_reason = clock.now(), reason
    engine.withdraw(resource)
    emails.remove(resource, by=by)


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
    resource.review_by = next_look_on()
    entries.write(entry, resource, hub)
    engine.publish(resource)


def _free_slug(entry: Entry, otherwise: str) -> str:
    stem = slug(entry.title) or slug(entry.title_en) or slug(otherwise) or "resource"
    first = 1
    while True:
        numbers = range(first, first + _SLUGS_AT_ONCE)
        names = [stem if number == 1 else f"{stem}-{number}" for number in numbers]
        taken = queries.taken_slugs(names)
        for name in names:
            if name not in taken:
                return name
        first += _SLUGS_AT_ONCE


def _summary(submission: Submission, decision: Decision | None) -> dict[str, Any]:
    """What the library shows of the review: as much as the item's own rules allow."""
    published = rules_for(submission.id).published
    if decision is None or published is Published.NOTHING:
        return {}
    reports = _reports(decision) if published is Published.REPORTS else []
    kept = ("result", "reviewers", "internal", "external", "policy")
    return {
        **{name: decision.panel[name] for name in kept if name in decision.panel},
        "decided_at": decision.decided_at.isoformat(),
        "by": "panel" if decision.by_panel else "editor",
        "rounds": submission.round,
        **({"reports": reports} if reports else {}),
    }


def _reports(decision: Decision) -> list[dict[str, Any]]:
    """The comments that an editor released, by number; who wrote them is not public."""
    letter = letter_of(decision)
    return (
        [{"number": one["number"], "text": one["text"]} for one in letter.released]
        if letter
        else []
    )


def _require_editor(by: Actor, *, submitter_id: int | None) -> None:
    if Role.EDITOR not in roles_towards(by, submitter_id):
        raise NotAllowed(_("Only an editor who did not suggest it may change this resource."))
