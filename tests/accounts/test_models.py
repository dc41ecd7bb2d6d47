"""What the database itself refuses about people and links."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import DeclaredConflict, Link, Organisation, Person, StandingRole
from reviewhub.accounts.roles import STANDING, Role
from tests.constraints import refused_by
from tests.factories import UNUSABLE, Factory

Database = scoped_session[Session]


def test_an_organisation_needs_a_name_of_its_own(db: Database, make: Factory) -> None:
    with refused_by(db, "ck_organisations_name_given"):
        db.add(Organisation(name="A", folded="a"))
    make.organisation("Office")
    with refused_by(db, "uq_organisations_folded"):
        db.add(Organisation(name="OFFICE", folded="office"))


def test_an_address_is_in_lower_case_and_belongs_to_one_person(db: Database) -> None:
    with refused_by(db, "ck_people_email_lower"):
        db.add(Person(email="Ada@host.example"))
    db.add(Person(email="ada@host.example"))
    with refused_by(db, "uq_people_email"):
        db.add(Person(email="ada@host.example"))


def test_only_a_confirmed_person_has_a_password(db: Database) -> None:
    with refused_by(db, "ck_people_account_confirmed"):
        db.add(Person(email="ada@host.example", password_hash=UNUSABLE))


def test_a_persons_organisation_exists(db: Database) -> None:
    with refused_by(db, "fk_people_organisation_id_organisations"):
        db.add(Person(email="ada@host.example", organisation_id=999_999))


@pytest.mark.parametrize("role", sorted(set(Role) - STANDING))
def test_a_role_that_follows_from_the_object_is_no_standing_role(
    db: Database, make: Factory, role: Role
) -> None:
    person = make.person()
    with refused_by(db, "ck_standing_roles_role_standing"):
        db.add(StandingRole(person_id=person.id, role=role))


def test_a_role_is_one_of_the_known_ones(db: Database, make: Factory) -> None:
    person = make.person()
    query = sa.text("INSERT INTO standing_roles (person_id, role) VALUES (:person, 'king')")
    with pytest.raises(sa.exc.IntegrityError), db.begin_nested():
        db.execute(query, {"person": person.id})


def test_a_role_is_carried_once_and_by_somebody(db: Database, make: Factory) -> None:
    person = make.editor()
    query = sa.insert(StandingRole)
    with refused_by(db, "pk_standing_roles"):
        db.execute(query.values(person_id=person.id, role=Role.EDITOR))
    with refused_by(db, "fk_standing_roles_person_id_people"):
        db.execute(query.values(person_id=999_999, role=Role.EDITOR))


def test_roles_go_with_their_person(db: Database, make: Factory) -> None:
    number = make.editor().id
    db.execute(sa.delete(Person).where(Person.id == number))
    query = sa.select(sa.func.count()).where(StandingRole.person_id == number)
    assert db.scalar(query) == 0


@pytest.mark.parametrize("targets", [(), ("person", "country"), ("organisation", "country")])
def test_a_declared_conflict_has_exactly_one_target(
    db: Database, make: Factory, targets: tuple[str, ...]
) -> None:
    person, other, office = make.person(), make.person(), make.organisation()
    with refused_by(db, "ck_declared_conflicts_one_target"):
        db.add(
            DeclaredConflict(
                person_id=person.id,
                other_person_id=other.id if "person" in targets else None,
                organisation_id=office.id if "organisation" in targets else None,
                country="FR" if "country" in targets else "",
            )
        )


def test_nobody_is_in_conflict_with_themselves(db: Database, make: Factory) -> None:
    person = make.person()
    with refused_by(db, "ck_declared_conflicts_not_self"):
        db.add(DeclaredConflict(person_id=person.id, other_person_id=person.id))


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("person_id", "fk_declared_conflicts_person_id_people"),
        ("other_person_id", "fk_declared_conflicts_other_person_id_people"),
        ("organisation_id", "fk_declared_conflicts_organisation_id_organisations"),
    ],
)
def test_everybody_in_a_declared_conflict_exists(
    db: Database, make: Factory, column: str, constraint: str
) -> None:
    values = {"person_id": make.person().id, column: 999_999}
    if column == "person_id":
        values["other_person_id"] = make.person().id
    with refused_by(db, constraint):
        db.add(DeclaredConflict(**values))


def test_a_link_is_the_only_one_of_its_person_to_its_object(db: Database, make: Factory) -> None:
    person = make.person()
    db.add(Link(capability=Capability.SUBMISSION, object_id=7, person_id=person.id))
    db.add(Link(capability=Capability.ASSIGNMENT, object_id=7, person_id=person.id))
    db.flush()
    with refused_by(db, "uq_links_one_each"):
        db.add(Link(capability=Capability.SUBMISSION, object_id=7, person_id=person.id))


def test_a_link_is_for_somebody_who_exists_and_of_a_known_kind(db: Database) -> None:
    with refused_by(db, "fk_links_person_id_people"):
        db.add(Link(capability=Capability.SUBMISSION, object_id=7, person_id=999_999))
    query = sa.text(
        "INSERT INTO links (capability, object_id, epoch, created_at)"
        " VALUES ('everything', 7, 1, '2026-03-02 09:00:00')"
    )
    with refused_by(db, "ck_links_capability"):
        db.execute(query)
