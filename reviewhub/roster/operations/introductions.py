"""What members add to their profile: an introduction, their consent to be listed, publications."""

from collections.abc import Iterable

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core.db import db
from reviewhub.core.errors import NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.roster.introductions import Introduction, check_introduction, orcid
from reviewhub.roster.models import Membership
from reviewhub.roster.operations.moving import role_in
from reviewhub.roster.publications import Publication
from reviewhub.roster.references import Work

MOST_PUBLICATIONS = 200
_FIELDS = ("languages_written", "sector", "orcid", "statement")


def introduce(membership: Membership, introduction: Introduction, *, by: Actor) -> None:
    """Change what others read of a member; the consent to be listed is a change of its own.

    Raises InvalidInput for a value that is mistyped or that the hub does not know.
    """
    role = role_in(membership, by)
    check_introduction(introduction)
    values = {
        "languages_written": list(introduction.languages_written),
        "sector": introduction.sector,
        "orcid": orcid(introduction.orcid),
        "statement": introduction.statement,
    }
    changed = [name for name in _FIELDS if getattr(membership, name) != values[name]]
    for name in changed:
        setattr(membership, name, values[name])
    if changed:
        record(membership, "introduce", actor_id=by.acting_person_id, role=role, fields=changed)
    wanted = introduction.list_publicly
    if wanted is None or wanted == membership.list_publicly:
        return
    if role != Role.MEMBER:
        raise NotAllowed(_("Only the member can agree to be listed, or withdraw it."))
    membership.list_publicly = wanted
    verb = "agree_to_listing" if wanted else "withdraw_from_listing"
    record(membership, verb, actor_id=by.acting_person_id, role=role)


def add_publications(membership: Membership, works: Iterable[Work], *, by: Actor) -> int:
    """Add those that are not there yet; how many they were. Raises WrongState for too many."""
    role = role_in(membership, by)
    known = set(
        db.session.scalars(
            sa.select(Publication.key).where(Publication.membership_id == membership.id)
        )
    )
    fresh = [work for work in works if work.key not in known]
    if len(known) + len(fresh) > MOST_PUBLICATIONS:
        raise WrongState(
            _("A profile holds at most %(most)d publications. Take some away first.",
              most=MOST_PUBLICATIONS)
        )  # fmt: skip
    db.session.add_all(
        Publication(
            membership_id=membership.id, key=work.key, title=work.title, year=work.year,
            authors=list(work.authors), venue=work.venue, doi=work.doi, url=work.url,
            abstract=work.abstract, keywords=list(work.keywords),
        )
        for work in fresh
    )  # fmt: skip
    if fresh:
        record(membership, "add_publications", actor_id=by.acting_person_id, role=role,
               number=len(fresh))  # fmt: skip
    db.session.flush()
    return len(fresh)


def remove_publication(membership: Membership, publication_id: int, *, by: Actor) -> None:
    """Take one away. Raises NotFound where this member has no such publication."""
    role = role_in(membership, by)
    found = db.session.get(Publication, publication_id)
    if found is None or found.membership_id != membership.id:
        raise NotFound(_("This publication is not here any more."))
    db.session.delete(found)
    record(membership, "remove_publication", actor_id=by.acting_person_id, role=role)
    db.session.flush()
