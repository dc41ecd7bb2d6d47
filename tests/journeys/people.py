"""Who takes part: staff with passwords, and roster members who have only their mail."""

from dataclasses import dataclass
from datetime import timedelta

from reviewhub.accounts import operations as accounts
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.roster.models import Membership, MembershipTopic
from reviewhub.taxonomy.queries import catalogue

PASSWORD = "a-password-long-enough"


@dataclass(frozen=True)
class Somebody:
    """A person as a journey needs them: by name and address."""

    id: int
    name: str
    email: str


def staff(email: str, name: str, *roles: Role) -> Somebody:
    """Somebody of the team, who signs in with PASSWORD."""
    person = _person(email, name, f"Office of {name}", internal=True)
    accounts.set_password(person, PASSWORD)
    for role in roles:
        accounts.grant(person, role)
    db.session.flush()
    return Somebody(person.id, person.name, person.email)


def member(
    email: str,
    name: str,
    *,
    internal: bool,
    topics: dict[str, int],
    languages: tuple[str, ...] = ("en",),
    capacity: int = 2,
) -> Somebody:
    """A roster member of an organisation of their own, without an account."""
    person = _person(email, name, f"Organisation of {name}", internal=internal)
    membership = Membership(
        person_id=person.id,
        internal=internal,
        languages=list(languages),
        capacity=capacity,
        term_ends_on=(clock.now() + timedelta(days=730)).date(),
    )
    for code, level in topics.items():
        term = catalogue().find("topics", code)
        assert term is not None, code
        membership.topics.append(MembershipTopic(term_id=term.id, level=level))
    db.session.add(membership)
    db.session.flush()
    return Somebody(person.id, person.name, person.email)


def _person(email: str, name: str, organisation: str, *, internal: bool) -> Person:
    person = accounts.know(email, name=name)
    accounts.confirm(person)
    person.organisation_id = accounts.organisation(organisation, internal=internal).id
    person.country = "CHE"
    return person
