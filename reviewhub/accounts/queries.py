"""Reading people."""

from collections.abc import Collection

import sqlalchemy as sa

from reviewhub.accounts.models import DeclaredConflict, Organisation, Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.text import clean_line, fold, normalise_email
from reviewhub.notifications.outbox import Recipient


def get(person_id: int) -> Person:
    """The person. Raises NoResultFound."""
    return db.session.get_one(Person, person_id)


def people(ids: Collection[int]) -> list[Person]:
    """These people, by id."""
    found = sa.select(Person).where(Person.id.in_(ids)).order_by(Person.id)
    return list(db.session.scalars(found))


def by_email(address: str) -> Person | None:
    """Who has this address, if anybody; an address that was merged leads to who has it now."""
    found = db.session.scalar(sa.select(Person).where(Person.email == normalise_email(address)))
    if found is None or found.merged_into_id is None:
        return found
    return get(found.merged_into_id)


def with_role(*roles: Role) -> list[Person]:
    """Everybody who carries one of these standing roles and is not suspended, by id."""
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(
                Person.suspended_at.is_(None),
                Person.id.in_(
                    sa.select(StandingRole.person_id).where(StandingRole.role.in_(roles))
                ),
            )
            .order_by(Person.id)
        )
    )


def organisation_named(name: str) -> Organisation | None:
    """The organisation of this name, whatever its case and accents."""
    folded = fold(clean_line(name))
    return db.session.scalar(sa.select(Organisation).where(Organisation.folded == folded))


def organisation_of(person: Person) -> str:
    """The name of the person's organisation, or nothing."""
    query = sa.select(Organisation.name).where(Organisation.id == person.organisation_id)
    return db.session.scalar(query) or ""


def organisation_names(*, limit: int = 500) -> list[str]:
    """Names to propose while somebody types."""
    return list(
        db.session.scalars(
            sa.select(Organisation.name).order_by(Organisation.folded, Organisation.id).limit(limit)
        )
    )


def declared_conflicts(person_ids: list[int]) -> list[DeclaredConflict]:
    """What these people declared, by person."""
    return list(
        db.session.scalars(
            sa.select(DeclaredConflict)
            .where(DeclaredConflict.person_id.in_(person_ids))
            .order_by(DeclaredConflict.person_id, DeclaredConflict.id)
        )
    )


def recipient(person: Person) -> Recipient:
    """Where to write to this person."""
    return Recipient(
        person.id,
        person.email,
        person.locale,
        timezone=person.timezone,
        reachable=person.bouncing_since is None,
    )
