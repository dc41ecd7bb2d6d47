"""What the database refuses."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.roster.models import Absence, Application, Membership, MembershipTopic
from reviewhub.roster.workflow import ApplicationState
from tests.constraints import refused_by

APPLICATION_BREAKERS = {
    "decided_has_date": {"state": "approved", "decided_at": None},
    "decided_has_decider": {"decided_by_id": 1},
    "declined_has_reason": {"state": "declined", "reason": ""},
    "years_sensible": {"years_experience": 61},
    "capacity_sensible": {"capacity": 0},
    "application_state": {"state": "lost"},
}
MEMBERSHIP_BREAKERS = {
    "capacity_sensible": {"capacity": 21},
    "ended_has_date": {"state": "ended"},
    "ended_asks": {"return_asked_at": core_clock.now()},
    "membership_state": {"state": "lost"},
}


def refused(db, name, statement):
    with pytest.raises(IntegrityError) as caught:
        db.execute(statement)
    if db.get_bind().dialect.name == "postgresql":
        assert name in str(caught.value)


def raw(model, values):
    """An UPDATE that goes around the model's own types, as another program would."""
    table = sa.table(model.__tablename__, *(sa.column(name) for name in values))
    return sa.update(table).values(values)


@pytest.mark.parametrize("name", APPLICATION_BREAKERS)
def test_an_application_that_contradicts_itself_is_refused(db, make_application, manager, name):
    values = dict(APPLICATION_BREAKERS[name])
    if "decided_by_id" in values:
        values["decided_by_id"] = manager.id
    if name == "declined_has_reason":
        values |= {"decided_by_id": manager.id, "decided_at": core_clock.now()}
    make_application()
    if "decided_at" in values and values["decided_at"] is not None:
        statement = sa.update(Application).values(values)
    else:
        statement = raw(Application, values)
    refused(db, name, statement)


@pytest.mark.parametrize("name", MEMBERSHIP_BREAKERS)
def test_a_membership_that_contradicts_itself_is_refused(db, make, name):
    make.member()
    values = MEMBERSHIP_BREAKERS[name]
    typed = name == "ended_asks"
    statement = sa.update(Membership).values(values) if typed else raw(Membership, values)
    refused(db, name, statement)


def test_a_person_has_one_open_application(db, make, make_application):
    person = make.person()
    make_application(ApplicationState.WITHDRAWN, person_id=person.id)
    make_application(ApplicationState.MORE_INFORMATION, person_id=person.id)
    with pytest.raises(IntegrityError):
        make_application(person_id=person.id)


def test_a_reference_is_used_once(db, make_application):
    make_application(ref="RA-2026-000001")
    with pytest.raises(IntegrityError):
        make_application(ref="RA-2026-000001")


def test_a_person_has_one_membership(db, make):
    person = make.staff(Role.EDITOR)
    make.member(person=person)
    with pytest.raises(IntegrityError):
        make.member(person=person)


def test_a_topic_has_one_of_two_levels(db, make):
    make.member()
    refused(db, "level_known", raw(MembershipTopic, {"level": 1}))


def test_a_member_has_a_topic_once(db, make):
    member = make.member(topics={"14": 3})
    again = sa.insert(MembershipTopic).values(
        membership_id=member.id, term_id=make.term("topics", "14").id, level=2
    )
    refused(db, "roster_membership_topics", again)


def test_topics_go_with_their_membership(db, make):
    member = make.member()
    db.execute(sa.delete(Membership).where(Membership.id == member.id))
    assert db.scalar(sa.select(sa.func.count()).select_from(MembershipTopic)) == 0


def test_an_absence_runs_forward_and_begins_once_on_a_day(db, make):
    member = make.member(absences=[(date(2026, 4, 1), None)])
    with refused_by(db, "ck_roster_absences_forward"):
        db.add(
            Absence(membership_id=member.id, first_day=date(2026, 5, 2), last_day=date(2026, 5, 1))
        )
    with refused_by(db, "uq_roster_absences_first_day"):
        db.add(Absence(membership_id=member.id, first_day=date(2026, 4, 1)))
    db.execute(sa.delete(Membership).where(Membership.id == member.id))
    assert db.scalar(sa.select(sa.func.count()).select_from(Absence)) == 0
