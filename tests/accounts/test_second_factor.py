"""Codes for signing in: setting up, being asked, losing the generator."""

import re
from collections.abc import Callable

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import operations, second_factor, sessions
from reviewhub.accounts.access import init_access
from reviewhub.accounts.limits import init_limits, limiter
from reviewhub.accounts.models import BrowserSession, Person, RecoveryCode, SecondFactor
from reviewhub.accounts.roles import Role
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core import config
from reviewhub.core.errors import InvalidInput
from tests.conftest import SetClock
from tests.constraints import refused_by
from tests.factories import Factory
from tests.second_app import changed_settings

PASSWORD = "correct horse battery staple"
SIGN_IN = {"email": "ada@host.example", "password": PASSWORD}
Database = scoped_session[Session]


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Somebody with a real password."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


@pytest.fixture
def codes(ada: Person, clock: SetClock) -> list[str]:
    """Ada has set up codes a minute ago; these are her recovery codes."""
    second_factor.begin(ada)
    codes = second_factor.set_up(ada, _now(ada), here=None)
    clock.advance(seconds=60)
    return codes


def _now(person: Person, *, seconds: int = 0) -> str:
    """What the generator shows."""
    factor = second_factor.of_person(person.id)
    return pyotp.TOTP(second_factor.secret_of(factor)).at(
        int(core_clock.now().timestamp()) + seconds
    )


def _is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.lasting
def test_codes_are_set_up_by_a_picture_or_a_secret_and_a_first_code(
    sign_in: Callable[[Person], FlaskClient], ada: Person, db: Database
) -> None:
    browser, elsewhere = sign_in(ada), sign_in(ada)
    assert "Set up the codes" in browser.get("/account/totp").text
    assert db.get(SecondFactor, ada.id) is None  # looking makes nothing
    assert browser.post("/account/totp/begin").location == "/account/totp"
    page = browser.get("/account/totp").text
    secret = "".join(re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', page).group(1).split())
    assert secret == second_factor.secret_of(second_factor.of_person(ada.id))
    assert "<svg" in page
    assert "style=" not in page
    shown = browser.post("/account/totp", data={"code": _now(ada)}).text
    recovery = re.findall(r'<code dir="ltr">([a-z0-9-]+)</code>', shown)
    assert len(set(recovery)) == 10
    assert not any(code in browser.get("/account/totp").text for code in recovery)
    assert _is_in(browser)
    assert not _is_in(elsewhere)
    hashes = db.scalars(sa.select(RecoveryCode.code_hash)).all()
    assert not set(hashes) & set(recovery)
    assert [event.verb for event in history("people", ada.id)][-1] == "set_up_totp"


def test_codes_that_were_not_confirmed_are_asked_of_nobody(
    client: FlaskClient, sign_in: Callable[[Person], FlaskClient], ada: Person
) -> None:
    browser = sign_in(ada)
    browser.post("/account/totp/begin")
    first = second_factor.of_person(ada.id).secret
    assert "does not fit" in browser.post("/account/totp", data={"code": "000000x"}).text
    browser.post("/account/totp/begin")
    assert second_factor.of_person(ada.id).secret != first
    assert client.post("/sign-in", data=SIGN_IN).location == "/"
    assert _is_in(client)


@pytest.mark.usefixtures("codes")
def test_the_password_alone_opens_nothing_any_more(client: FlaskClient, ada: Person) -> None:
    response = client.post("/sign-in?next=/suggestions", data=SIGN_IN)
    assert response.location == "/sign-in/code?next=/suggestions"
    assert not _is_in(client)
    assert "Sign out" not in client.get("/").text
    assert client.get(response.location).status_code == 200
    before = client.get_cookie("reviewhub_session").value
    assert client.post(response.location, data={"code": _now(ada)}).location == "/suggestions"
    assert _is_in(client)
    assert client.get_cookie("reviewhub_session").value != before
    assert client.get("/sign-in/code").location == "/"


@pytest.mark.usefixtures("codes")
def test_a_code_is_taken_once_and_only_in_its_time(
    client: FlaskClient, ada: Person, clock: SetClock
) -> None:
    client.post("/sign-in", data=SIGN_IN)
    for wrong in ("", "000", _now(ada, seconds=-90), _now(ada, seconds=90), "９９９９９９"):
        assert client.post("/sign-in/code", data={"code": wrong}).status_code == 200, wrong
        assert not _is_in(client)
    code = _now(ada)
    clock.advance(seconds=20)
    assert client.post("/sign-in/code", data={"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    client.post("/sign-out")
    client.post("/sign-in", data=SIGN_IN)
    assert "was used already" in client.post("/sign-in/code", data={"code": code}).text
    assert not _is_in(client)


def test_a_recovery_code_opens_once(client: FlaskClient, ada: Person, codes: list[str]) -> None:
    for sent, taken in ((codes[0].upper().replace("-", " "), True), (codes[0], False)):
        client.post("/sign-in", data=SIGN_IN)
        client.post("/sign-in/code", data={"code": sent})
        assert _is_in(client) is taken
        client.post("/sign-out")
    assert second_factor.codes_left(ada.id) == 9


def test_anothers_recovery_code_opens_nothing(ada: Person, codes: list[str], make: Factory) -> None:
    bob = make.person()
    second_factor.begin(bob)
    others = second_factor.set_up(bob, _now(bob), here=None)
    with pytest.raises(InvalidInput, match="does not fit"):
        second_factor.check(ada, others[0])
    second_factor.check(ada, codes[0])


@pytest.mark.usefixtures("codes")
def test_half_a_sign_in_is_over_after_ten_minutes(
    client: FlaskClient, ada: Person, clock: SetClock, db: Database
) -> None:
    client.post("/sign-in", data=SIGN_IN)
    assert sessions.of_person(ada.id) == []
    clock.advance(minutes=10)
    assert client.post("/sign-in/code", data={"code": _now(ada)}).location == "/sign-in"
    assert not _is_in(client)
    assert db.scalars(sa.select(BrowserSession.totp_passed)).all() == [False]


@pytest.mark.lasting
@pytest.mark.usefixtures("codes")
def test_a_new_password_by_mail_is_no_way_round_the_code(
    client: FlaskClient, ada: Person, db: Database
) -> None:
    client.post("/reset", data={"email": "ada@host.example"})
    link = db.scalars(sa.select(operations.Link)).one()
    key = operations.links.token(link)
    data = {"key": key, "password": "a kettle sings beside the stairs"}
    assert client.post("/choose-password", data=data).location == "/sign-in/code"
    assert not _is_in(client)


@pytest.mark.lasting
@pytest.mark.usefixtures("codes")
def test_tries_at_a_code_are_limited_per_person(
    app: Flask, client: FlaskClient, ada: Person
) -> None:
    init_limits(app, config.current())
    limiter.reset()
    limiter.enabled = True
    try:
        client.post("/sign-in", data=SIGN_IN)
        for _try in range(10):
            client.post("/sign-in/code", data={"code": "000000x"})
        client.post("/sign-in", data=SIGN_IN)  # a new session gives no new tries
        assert client.post("/sign-in/code", data={"code": _now(ada)}).status_code == 429
    finally:
        limiter.enabled = False


def test_turning_codes_off_takes_a_code(
    sign_in: Callable[[Person], FlaskClient],
    client: FlaskClient,
    ada: Person,
    codes: list[str],
    db: Database,
) -> None:
    browser = sign_in(ada)
    assert "10 recovery codes are unused." in browser.get("/account/totp").text
    assert "does not fit" in browser.post("/account/totp/off", data={"code": "123"}).text
    assert second_factor.is_on(ada.id)
    assert browser.post("/account/totp/off", data={"code": codes[3]}).location == "/account"
    assert db.scalars(sa.select(RecoveryCode)).all() == []
    assert client.post("/sign-in", data=SIGN_IN).location == "/"


@pytest.mark.usefixtures("codes")
def test_codes_that_are_on_can_not_be_set_up_over_again(
    sign_in: Callable[[Person], FlaskClient], ada: Person
) -> None:
    secret = second_factor.secret_of(second_factor.of_person(ada.id))
    browser = sign_in(ada)
    browser.post("/account/totp/begin")
    assert second_factor.secret_of(second_factor.of_person(ada.id)) == secret
    assert secret[:4] + " " + secret[4:8] not in browser.get("/account/totp").text
    assert "Begin anew" in browser.post("/account/totp", data={"code": _now(ada)}).text


def test_a_role_that_needs_codes_opens_its_desk_once_they_are_set_up(
    sign_in: Callable[[Person], FlaskClient], make: Factory, clock: SetClock
) -> None:
    editor, auditor = make.editor(), make.staff(Role.AUDITOR)
    browser = sign_in(editor)
    with changed_settings(totp_required="editor, admin"):
        assert sign_in(auditor).get("/desk").status_code in {200, 403}
        assert browser.get("/desk").location == "/account/totp"
        assert ">Desk<" not in browser.get("/").text
        assert "The desk opens once they are set up." in browser.get("/account/totp").text
        browser.post("/account/totp/begin")
        browser.post("/account/totp", data={"code": _now(editor)})
        assert browser.get("/desk").status_code == 200
        assert ">Desk<" in browser.get("/").text
        clock.advance(seconds=60)
        refused = browser.post("/account/totp/off", data={"code": _now(editor)})
        assert refused.status_code == 403
        assert second_factor.is_on(editor.id)


def test_a_role_without_its_codes_decides_nothing_by_way_of_the_object_either(
    sign_in: Callable[[Person], FlaskClient], make: Factory
) -> None:
    submission, browser = make.submission(), sign_in(make.editor())
    path = f"/submissions/{submission.ref}"
    assert browser.get(path).status_code != 404
    with changed_settings(totp_required="editor"):
        assert browser.get(path).status_code == 404


def test_a_setting_that_names_no_role_stops_the_boot() -> None:
    with (
        changed_settings(totp_required="editor, king"),
        pytest.raises(ValueError, match="names no standing role: king"),
    ):
        init_access(Flask("bare"))


def test_a_secret_is_locked_and_somebodys(db: Database, make: Factory) -> None:
    person = make.person()
    for secret in ("A" * 32, "1." + "A" * 77, "2." + "A" * 80):
        with refused_by(db, "ck_second_factors_secret_locked"):
            db.add(SecondFactor(person_id=person.id, secret=secret))
    with refused_by(db, "fk_second_factors_person_id_people"):
        db.add(SecondFactor(person_id=999_999, secret="1." + "A" * 78))


def test_a_recovery_code_is_kept_once_and_is_somebodys(db: Database, make: Factory) -> None:
    person = make.person()
    db.add(RecoveryCode(person_id=person.id, code_hash="a" * 64))
    with refused_by(db, "uq_recovery_codes_once"):
        db.add(RecoveryCode(person_id=person.id, code_hash="a" * 64))
    with refused_by(db, "fk_recovery_codes_person_id_people"):
        db.add(RecoveryCode(person_id=999_999, code_hash="a" * 64))
