"""Changing people: making them known, confirming addresses, passwords and roles."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from reviewhub.accounts import queries
from reviewhub.accounts.models import DeclaredConflict, Organisation, Person, StandingRole
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line, fold, normalise_email

SHORTEST_PASSWORD = 15

_hasher = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Verified against when nobody has the address, so that both answers take the same time."""
    return _hasher.hash("nobody has this password")


def know(email: str, *, name: str = "", locale: str = "en", timezone: str = "UTC") -> Person:
    """The person with this address, made on first sight. An existing name is kept."""
    person = queries.by_email(email)
    if person is None:
        person = Person(
            email=normalise_email(email), name=clean_line(name), locale=locale, timezone=timezone
        )
        db.session.add(person)
        db.session.flush()
    elif not person.name and name:
        person.name = clean_line(name)
    return person


def confirm(person: Person) -> None:
    """The person has shown that mail to this address reaches them."""
    if person.confirmed_at is None:
        person.confirmed_at = clock.now()
        record(person, "confirm", actor_id=person.id, role="self")


def set_password(person: Person, password: str) -> None:
    """Give a confirmed person a password. Raises InvalidInput for one that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(
            _("A password needs at least %(number)d characters.", number=SHORTEST_PASSWORD),
            field="password",
        )
    person.password_hash = _hasher.hash(password)
    record(person, "set_password", actor_id=person.id, role="self")


def check_password(email: str, password: str) -> Person | None:
    """Who signs in with this, if anybody; takes as long for unknown addresses."""
    person = queries.by_email(email)
    known = person.password_hash if person and person.is_active else None
    try:
        _hasher.verify(known or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return None
    return person if known else None


def grant(person: Person, role: Role, *, by: int | None = None) -> None:
    """Give a standing role; giving it twice changes nothing."""
    if role not in STANDING:
        raise InvalidInput(_("This is no role that can be given."))
    if role not in person.roles:
        person.grants.append(StandingRole(role=role))
        record(person, "grant", actor_id=by, role="admin" if by else "system", given=role)


def organisation(name: str, *, internal: bool) -> Organisation:
    """The organisation of this name, made on first sight."""
    found = queries.organisation_named(name)
    if found is None:
        shown = clean_line(name)
        found = Organisation(name=shown, folded=fold(shown), internal=internal)
        db.session.add(found)
        db.session.flush()
    return found


def declare_conflict(
    person: Person,
    *,
    other: Person | None = None,
    organisation: Organisation | None = None,
    country: str = "",
    reason: str = "",
) -> DeclaredConflict:
    """Record whose work this person must not judge: exactly one of the three is given."""
    conflict = DeclaredConflict(
        person_id=person.id,
        other_person_id=other.id if other else None,
        organisation_id=organisation.id if organisation else None,
        country=country,
        reason=reason,
    )
    db.session.add(conflict)
    return conflict
