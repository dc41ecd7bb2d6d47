"""Who may decide on whom."""

from reviewhub.accounts.actor import SYSTEM
from reviewhub.accounts.operations import declare_conflict
from reviewhub.accounts.roles import Role
from reviewhub.roster import policy


def test_the_applicant_acts_by_account_or_by_link(make, make_application, by, by_link):
    person = make.person()
    application = make_application(person_id=person.id)
    assert policy.roles_towards(by(person), application) == {Role.APPLICANT}
    assert policy.roles_towards(by_link(application), application) == {Role.APPLICANT}


def test_a_link_to_one_application_opens_no_other(make_application, by_link):
    one, other = make_application(), make_application()
    assert policy.roles_towards(by_link(one), other) == frozenset()
    assert not policy.may_see(by_link(one), other)


def test_a_roster_manager_never_decides_on_their_own_application(make_application, manager, by):
    own = make_application(person_id=manager.id)
    assert policy.roles_towards(by(manager), own) == {Role.APPLICANT}


def test_a_manager_of_the_applicants_organisation_leaves_it_to_the_other(
    make, make_application, manager, by
):
    shared = make.organisation("Institute of Crossings")
    close = make.staff(Role.ROSTER_MANAGER, organisation_id=shared.id)
    application = make_application(organisation_name="institute of  Crossings")
    assert policy.is_conflicted(by(close), application)
    assert policy.roles_towards(by(close), application) == frozenset()
    assert policy.roles_towards(by(manager), application) == {Role.ROSTER_MANAGER}


def test_the_organisation_on_record_counts_whatever_the_applicant_writes(
    make, make_application, manager, by
):
    applicant = make.person(organisation_id=manager.organisation_id)
    make.staff(Role.ROSTER_MANAGER)
    application = make_application(person_id=applicant.id, organisation_name="Something else")
    assert policy.is_conflicted(by(manager), application)


def test_the_only_manager_decides_whatever_their_organisation(make, make_application, manager, by):
    applicant = make.person(organisation_id=manager.organisation_id)
    application = make_application(person_id=applicant.id)
    assert not policy.is_conflicted(by(manager), application)
    assert policy.roles_towards(by(manager), application) == {Role.ROSTER_MANAGER}


def test_a_declared_conflict_counts_from_either_side(make, make_application, manager, by):
    other = make.staff(Role.ROSTER_MANAGER)
    applicant = make.person()
    application = make_application(person_id=applicant.id)
    assert not policy.is_conflicted(by(manager), application)
    declare_conflict(applicant, other=manager)
    make.session.flush()
    assert policy.is_conflicted(by(manager), application)
    assert not policy.is_conflicted(by(other), application)


def test_admins_and_auditors_read_and_do_not_decide(make, make_application, by):
    application = make_application()
    for role in (Role.ADMIN, Role.AUDITOR):
        reader = by(make.staff(role))
        assert policy.may_see(reader, application)
        assert policy.roles_towards(reader, application) == frozenset()
    assert not policy.may_see(by(make.editor()), application)


def test_the_system_is_the_system(make, make_application):
    assert policy.roles_towards(SYSTEM, make_application()) == {Role.SYSTEM}
    assert policy.roles_of_member(SYSTEM, make.member()) == {Role.SYSTEM}


def test_a_manager_who_is_a_member_is_only_a_member_towards_themselves(make, manager, by):
    own, other = make.member(person=manager), make.member()
    assert policy.roles_of_member(by(manager), own) == {Role.MEMBER}
    assert policy.roles_of_member(by(manager), other) == {Role.ROSTER_MANAGER}


def test_the_link_of_an_application_opens_the_membership_it_became(make, make_application, by_link):
    application, stranger = make_application(), make_application()
    member = make.member(application_id=application.id)
    assert policy.roles_of_member(by_link(application), member) == {Role.MEMBER}
    assert policy.roles_of_member(by_link(stranger), member) == frozenset()
    assert not policy.may_see_member(by_link(stranger), member)
