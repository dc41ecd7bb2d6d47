"""Making people known, confirming them, and what they are given."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import links, operations, queries
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, WrongState
from tests.conftest import SetClock
from tests.factories import Factory

PASSWORD = "fifteen letters"


def _verbs(person: Person) -> list[str]:
    return [event.verb for event in history("people", person.id)]


@pytest.mark.parametrize("again", ["Ada@Host.example", " ada@host.EXAMPLE ", "ADA@HOST.EXAMPLE"])
def test_a_person_is_known_once_whatever_the_case_of_their_address(
    db: scoped_session[Session], again: str
) -> None:
    ada = operations.know("ada@host.example", name="Ada")
    assert operations.know(again) is ada
    assert queries.by_email(again) is ada


def test_a_name_that_is_known_is_kept_and_a_missing_one_added(db: scoped_session[Session]) -> None:
    ada = operations.know("ada@host.example")
    assert ada.shown_name == "ada@host.example"
    operations.know("ada@host.example", name=" Ada\nExample ")
    operations.know("ada@host.example", name="Somebody Else")
    assert ada.name == ada.shown_name == "Ada Example"


def test_somebody_who_was_only_made_known_has_no_account(db: scoped_session[Session]) -> None:
    ada = operations.know("ada@host.example", locale="fr", timezone="Europe/Paris")
    assert (ada.locale, ada.timezone) == ("fr", "Europe/Paris")
    assert not ada.is_active
    assert ada.confirmed_at is None


def test_an_address_is_confirmed_once_and_the_history_says_when(
    db: scoped_session[Session], clock: SetClock
) -> None:
    ada = operations.know("ada@host.example")
    operations.confirm(ada)
    first = core_clock.now()
    clock.advance(days=1)
    operations.confirm(ada)
    assert ada.confirmed_at == first
    assert _verbs(ada) == ["confirm"]


@pytest.mark.parametrize("password", ["", "fourteen lette", "a" * 14])
def test_a_short_password_is_refused_and_nothing_changes(make: Factory, password: str) -> None:
    ada = make.person()
    before = ada.password_hash
    with pytest.raises(InvalidInput, match="at least 15 characters") as refused:
        operations.set_password(ada, password)
    assert refused.value.field == "password"
    assert ada.password_hash == before
    assert _verbs(ada) == []


def test_a_password_is_kept_as_a_hash_and_opens_the_account(make: Factory) -> None:
    ada = make.person(email="ada@host.example")
    operations.set_password(ada, PASSWORD)
    assert ada.password_hash.startswith("$argon2id$")
    assert PASSWORD not in ada.password_hash
    assert operations.check_password("ADA@host.example", PASSWORD) is ada
    assert operations.check_password("ada@host.example", PASSWORD.upper()) is None
    assert operations.check_password("bob@host.example", PASSWORD) is None
    assert _verbs(ada) == ["set_password"]


def test_nobody_signs_in_with_the_password_that_unknown_addresses_are_tried_against(
    make: Factory,
) -> None:
    make.person(email="ada@host.example", password_hash=None)
    for address in ("ada@host.example", "bob@host.example"):
        assert operations.check_password(address, "nobody has this password") is None


def test_a_role_given_twice_is_given_once(make: Factory, db: scoped_session[Session]) -> None:
    ada, admin = make.person(), make.staff(Role.ADMIN)
    operations.grant(ada, Role.EDITOR, by=admin.id)
    operations.grant(ada, Role.EDITOR, by=admin.id)
    operations.grant(ada, Role.AUDITOR)
    db.flush()
    assert ada.roles == {Role.EDITOR, Role.AUDITOR}
    events = history("people", ada.id)
    assert [(e.verb, e.actor_id, e.role, e.data) for e in events] == [
        ("grant", admin.id, "admin", {"given": "editor"}),
        ("grant", None, "system", {"given": "auditor"}),
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - STANDING))
def test_a_role_that_follows_from_the_object_can_not_be_given(make: Factory, role: Role) -> None:
    with pytest.raises(InvalidInput, match="no role that can be given"):
        operations.grant(make.person(), role)


@pytest.mark.lasting
def test_a_suspended_account_is_shut_everywhere_and_opens_again_as_it_was(
    make: Factory, sign_in: Callable[[Person], FlaskClient]
) -> None:
    editor = make.editor()
    key = links.token(links.ensure(Capability.SUBMISSION, 7, person_id=editor.id))
    browser = sign_in(editor)
    assert browser.get("/desk").status_code == 200
    operations.suspend(editor, note="Asked for by themselves.")
    assert browser.get("/desk").location.startswith("/sign-in")
    assert sign_in(editor).get("/desk").location.startswith("/sign-in")
    assert links.resolve(key) is None
    assert queries.with_role(Role.EDITOR) == []
    with pytest.raises(WrongState, match="suspended already"):
        operations.suspend(editor)
    operations.reinstate(editor)
    assert links.resolve(key) is not None
    assert queries.with_role(Role.EDITOR) == [editor]
    assert sign_in(editor).get("/desk").status_code == 200
    with pytest.raises(WrongState, match="not suspended"):
        operations.reinstate(editor)
    verbs = [event.verb for event in history("people", editor.id)]
    assert verbs == ["suspend", "reinstate"]


def test_those_with_a_role_are_found_and_the_suspended_left_out(make: Factory) -> None:
    first, second = make.editor(), make.staff(Role.EDITOR, Role.AUDITOR)
    make.editor(suspended_at=core_clock.now())
    auditor, _plain = make.staff(Role.AUDITOR), make.person()
    assert queries.with_role(Role.EDITOR) == [first, second]
    assert queries.with_role(Role.EDITOR, Role.AUDITOR) == [first, second, auditor]


def test_an_organisation_is_known_once_whatever_its_case_and_accents(
    db: scoped_session[Session],
) -> None:
    office = operations.organisation(" Bureau  d'État ", internal=True)
    assert office.name == "Bureau d'État"
    assert operations.organisation("BUREAU D'ETAT", internal=False) is office
    assert office.internal is True
    assert "Bureau d'État" in queries.organisation_names()


def test_declared_conflicts_are_listed_by_person(
    make: Factory, db: scoped_session[Session]
) -> None:
    ada, bob = make.person(), make.person()
    first = operations.declare_conflict(bob, country="FR")
    second = operations.declare_conflict(ada, other=bob, reason="We wrote a book together.")
    third = operations.declare_conflict(ada, organisation=make.organisation())
    db.flush()
    assert queries.declared_conflicts([ada.id, bob.id]) == [second, third, first]
    assert queries.declared_conflicts([bob.id]) == [first]
