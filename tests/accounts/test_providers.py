"""Signing in with a provider: a real one, which runs beside the tests."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pyotp
import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session
from werkzeug.test import TestResponse

from reviewhub.accounts import identities, links, oidc, operations, second_factor, sessions
from reviewhub.accounts.limits import init_limits, limiter
from reviewhub.accounts.models import Identity, Link, Person, ProviderVisit
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.core import config
from tests.accounts import provider as providers
from tests.accounts.provider import Provider
from tests.conftest import SetClock
from tests.constraints import refused_by
from tests.factories import Factory
from tests.second_app import changed_settings, second_app

BACK = "http://localhost/sign-in/with/office/back"
PASSWORD = "correct horse battery staple"
Database = scoped_session[Session]
Mails = Callable[[], list[tuple[str, str]]]


@pytest.fixture(scope="module")
def _running() -> Iterator[Provider]:
    with providers.running(BACK) as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider, clock: SetClock, db: Database) -> Iterator[Provider]:
    """The provider as new, and the hub told of it."""
    fresh = Provider(BACK, _running.issuer)
    for name, value in vars(fresh).items():
        setattr(_running, name, value)
    oidc.forget()
    with changed_settings(oidc=(_running.settings(),)):
        yield _running
    oidc.forget()


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Somebody with a real password and the address that the provider speaks of."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


def _leave(client: FlaskClient, target: str = "") -> str:
    """Press the button; returns where the browser is led."""
    response = client.post("/sign-in/with/office", query_string={"next": target} if target else {})
    assert response.status_code == 200, response.text
    before, _, url = response.headers["Refresh"].partition("url=")
    assert before == "0; "
    assert url.replace("&", "&amp;") in response.text
    return url


def _agree(url: str) -> str:
    """What a browser does at the provider; returns the address it is sent back to."""
    response = requests.get(url, allow_redirects=False, timeout=5)
    assert response.status_code == 302, response.text
    return response.headers["Location"].removeprefix("http://localhost")


def _arrive(client: FlaskClient, target: str = "") -> TestResponse:
    """All the way there and back."""
    return client.get(_agree(_leave(client, target)))


def _is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def _connect(person: Person, provider: Provider) -> None:
    """The person has connected their identity before."""
    identity = Identity(
        person_id=person.id, issuer=provider.issuer, subject=provider.person.subject
    )
    identities.db.session.add(identity)
    identities.db.session.flush()


# -- the way there and back --


def test_without_a_provider_there_is_no_button_and_no_such_page(client: FlaskClient) -> None:
    assert "Without a password here" not in client.get("/sign-in").text
    assert client.post("/sign-in/with/office").status_code == 404
    assert client.get("/sign-in/with/office/back?code=1&state=2").status_code == 404


@pytest.mark.lasting
def test_an_identity_that_is_known_signs_in(
    client: FlaskClient, ada: Person, provider: Provider, db: Database, clock: SetClock
) -> None:
    _connect(ada, provider)
    clock.advance(days=1)
    assert "Sign in with Example Login" in client.get("/sign-in").text
    response = _arrive(client, "/suggestions")
    assert response.location == "/suggestions"
    assert _is_in(client)
    assert len(sessions.of_person(ada.id)) == 1
    (identity,) = identities.of_person(ada.id)
    assert identity.used_at == clock.moment
    assert db.scalars(sa.select(ProviderVisit)).all() == []
    assert client.get_cookie("reviewhub_session_visit") is None


def test_what_is_sent_along_is_new_each_time_and_bound_to_this_browser(
    client: FlaskClient, provider: Provider, db: Database
) -> None:
    first = dict(parse_qsl(_leave(client).partition("?")[2]))
    second = dict(parse_qsl(_leave(client).partition("?")[2]))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(second[name]) == 43
    assert second["code_challenge_method"] == "S256"
    assert second["scope"] == "openid email profile"
    cookie = client.get_cookie("reviewhub_session_visit")
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    kept = str([vars(row) for row in db.scalars(sa.select(ProviderVisit))])
    for secret in (
        cookie.value,
        second["state"],
        second["nonce"],
        *identities.question(cookie.value).__dict__.values(),
    ):
        assert secret not in kept
    assert client.get_cookie("reviewhub_form") is None  # nothing stands in the signed cookie


def test_leaving_is_a_post_and_so_is_nothing_that_a_link_does(
    client: FlaskClient, provider: Provider, db: Database
) -> None:
    assert client.get("/sign-in/with/office").status_code == 405
    client.get("/sign-in")
    assert db.scalars(sa.select(ProviderVisit)).all() == []


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_site_afterwards(
    client: FlaskClient, ada: Person, provider: Provider, target: str
) -> None:
    _connect(ada, provider)
    assert _arrive(client, target).location == "/"


def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(
    client: FlaskClient, ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    provider.wants_secret_in_body = True
    url = _leave(client)
    oidc.forget()  # another process takes the answer
    client.get(_agree(url))
    assert _is_in(client)


@pytest.mark.lasting
@pytest.mark.parametrize("taken_away", [True, False])
def test_the_way_back_is_the_public_address_also_under_a_path(
    provider: Provider, tmp_path: Path, taken_away: bool
) -> None:
    public = {"base_url": "https://hub.example/hub", "oidc": (provider.settings(),)}
    with second_app(tmp_path / "var", **public) as second:
        second.config["WTF_CSRF_ENABLED"] = False
        path = "/sign-in/with/office" if taken_away else "/hub/sign-in/with/office"
        response = second.test_client().post(path, base_url="https://hub.example")
    query = response.headers["Refresh"].partition("?")[2]
    back = "https://hub.example/hub/sign-in/with/office/back"
    assert dict(parse_qsl(query))["redirect_uri"] == back
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-reviewhub_visit=")
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in cookie


# -- what is not to be trusted --


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["reviewhub", "somebody-else"], "azp": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"at_hash": "another"},
    ],
    ids=str,
)
def test_a_token_with_anything_wrong_signs_nobody_in(
    client: FlaskClient, ada: Person, provider: Provider, claims: dict[str, Any]
) -> None:
    _connect(ada, provider)
    provider.more = claims
    response = _arrive(client)
    assert response.status_code == 400
    assert "can&#39;t be trusted" in response.text
    assert "Sign in another way" in response.text
    assert not _is_in(client)


def test_a_token_that_somebody_else_signed_signs_nobody_in(
    client: FlaskClient, ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    stranger = providers._key()
    for kid in (stranger.kid, provider.keys[0].kid):
        provider.signs_with = providers.ECKey.import_key(
            {**stranger.as_dict(private=True), "kid": kid}
        )
        assert _arrive(client).status_code == 400
        assert not _is_in(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS256 with the public key", "rubbish"])
def test_a_token_without_a_signature_of_its_own_signs_nobody_in(
    client: FlaskClient, ada: Person, provider: Provider, algorithm: str
) -> None:
    _connect(ada, provider)
    published = provider.keys[0]
    known = {"HS256": providers.CLIENT_SECRET.encode()}
    key = known.get(algorithm, published.as_pem(private=False))

    def forge(claims: dict[str, Any]) -> str:
        if algorithm == "rubbish":
            return "a.b"
        header = {"alg": algorithm.split(maxsplit=1)[0], "kid": published.kid}
        text = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        is_signed = algorithm != "none"
        signature = hmac.new(key, text.encode(), "sha256").digest() if is_signed else b""
        return f"{text}.{_encoded(signature)}"

    provider.forges = forge
    assert _arrive(client).status_code == 400
    assert not _is_in(client)


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).decode().rstrip("=")


def test_a_key_that_was_changed_meanwhile_is_read_anew(
    client: FlaskClient, ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    url = _leave(client)
    provider.rotate()
    client.get(_agree(url))
    assert _is_in(client)


def test_a_state_that_is_not_this_browsers_signs_nobody_in(
    app: Flask, client: FlaskClient, ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    back = _agree(_leave(client))
    other = app.test_client()
    assert other.get(back).status_code == 410  # it never left
    _leave(other)
    assert other.get(back).status_code == 410  # it left with another state
    for spoilt in (back.replace("state=", "state=x"), back.replace("state=", "estate=")):
        assert client.get(spoilt).status_code == 410
    assert not _is_in(other)
    assert client.get(back).status_code == 302  # and all that has spoilt nothing
    assert _is_in(client)


def test_an_answer_is_taken_once(client: FlaskClient, ada: Person, provider: Provider) -> None:
    _connect(ada, provider)
    back = _agree(_leave(client))
    token = client.get_cookie("reviewhub_session_visit").value
    assert client.get(back).status_code == 302
    client.post("/sign-out")
    client.set_cookie("reviewhub_session_visit", token)
    response = client.get(back)
    assert response.status_code == 410
    assert "was used already" in response.text
    assert not _is_in(client)


def test_a_code_that_was_used_elsewhere_is_refused_by_the_provider(
    client: FlaskClient, ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    back = _agree(_leave(client))
    provider.codes.clear()
    response = client.get(back)
    assert response.status_code == 400
    assert "did not confirm this sign-in" in response.text
    assert client.get(back).status_code == 410  # the answer is taken, however it ended
    assert not _is_in(client)


def test_a_visit_is_over_after_a_quarter_of_an_hour(
    client: FlaskClient, ada: Person, provider: Provider, clock: SetClock, db: Database
) -> None:
    _connect(ada, provider)
    back = _agree(_leave(client))
    clock.advance(minutes=15)
    assert client.get(back).status_code == 410
    _leave(client)
    assert len(db.scalars(sa.select(ProviderVisit)).all()) == 1  # what was over is swept out


def test_who_does_not_agree_is_told_that_nothing_has_changed(
    client: FlaskClient, provider: Provider
) -> None:
    provider.denies = True
    response = _arrive(client)
    assert response.status_code == 400
    assert "You did not agree at Example Login" in response.text


@pytest.mark.parametrize("spoilt", [{"iss": "https://evil.example"}, {"code": ""}], ids=str)
def test_an_answer_without_a_code_or_from_another_provider_is_refused(
    client: FlaskClient, ada: Person, provider: Provider, spoilt: dict[str, str]
) -> None:
    _connect(ada, provider)
    back = _agree(_leave(client))
    path, _, query = back.partition("?")
    response = client.get(f"{path}?{urlencode({**dict(parse_qsl(query)), **spoilt})}")
    assert response.status_code == 400
    assert "could not sign you in" in response.text
    assert not _is_in(client)


def test_a_provider_that_is_down_is_said_to_be_so(
    client: FlaskClient, ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    provider.is_broken = True
    response = client.post("/sign-in/with/office")
    assert response.status_code == 503
    assert "does not answer as it should" in response.text
    provider.is_broken = False
    back = _agree(_leave(client))
    provider.is_broken = True
    assert client.get(back).status_code == 503
    with changed_settings(oidc=(provider.settings(issuer="http://127.0.0.1:9"),)):
        assert client.post("/sign-in/with/office").status_code == 503


def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    client: FlaskClient, provider: Provider
) -> None:
    with changed_settings(oidc=(provider.settings(issuer=provider.issuer + "/"),)):
        assert client.post("/sign-in/with/office").status_code == 503


# -- whose identity it is --


def test_who_is_new_gets_an_account_with_the_verified_address(
    client: FlaskClient, provider: Provider, db: Database, mails: Mails, clock: SetClock
) -> None:
    provider.person.email = "New@Host.example"
    provider.only_userinfo = True
    assert _arrive(client).location == "/"
    person = db.scalars(sa.select(Person).where(Person.email == "new@host.example")).one()
    assert (person.name, person.confirmed_at) == ("Ada Example", clock.moment)
    assert person.is_active
    assert _is_in(client)
    assert mails() == [("accounts/identity_connected", "new@host.example")]
    verbs = [event.verb for event in history("people", person.id)]
    assert verbs == ["confirm", "connect_identity"]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": None, "given_name": "Nia", "family_name": "New"}, "Nia New"),
        ({"name": None, "family_name": "New"}, "New"),
        ({"name": " Nia\n New "}, "Nia New"),
        ({"name": "x" * 300}, "x" * 200),
    ],
    ids=str,
)
def test_a_name_is_taken_as_the_provider_has_it(
    client: FlaskClient, provider: Provider, db: Database, claims: dict[str, Any], name: str
) -> None:
    provider.more, provider.person.name = claims, ""
    assert _arrive(client).location == "/"
    assert (
        db.scalars(sa.select(Person.name).where(Person.email == "ada@host.example")).one() == name
    )


@pytest.mark.lasting
def test_a_hub_may_open_no_accounts_that_way(
    client: FlaskClient, provider: Provider, db: Database, mails: Mails, make: Factory
) -> None:
    with changed_settings(oidc_register=False, oidc=(provider.settings(),)):
        assert _arrive(client).location == "/sign-in/connect"
        assert "opens an account" not in client.get("/sign-in/connect").text
        make.person(email="guest@host.example", password_hash=None)
        for email in ("ada@host.example", "guest@host.example"):
            response = client.post("/sign-in/connect/mail", data={"email": email})
            assert response.location == "/look-in-your-mail"
    assert mails() == []
    assert db.scalars(sa.select(Person).where(Person.email == "ada@host.example")).all() == []


def test_a_verified_address_alone_does_not_open_the_account_that_has_it(
    client: FlaskClient, ada: Person, provider: Provider, db: Database
) -> None:
    assert _arrive(client).location == "/sign-in/connect"
    assert not _is_in(client)
    page = client.get("/sign-in/connect").text
    assert 'value="ada@host.example"' in page
    assert client.post("/sign-in/connect").status_code == 200  # there is nobody to connect it with
    assert identities.of_person(ada.id) == []


def test_neither_does_it_give_what_a_guest_has_sent(
    client: FlaskClient, make: Factory, provider: Provider
) -> None:
    guest = make.person(email="ada@host.example", password_hash=None)
    assert _arrive(client).location == "/sign-in/connect"
    assert identities.of_person(guest.id) == []


@pytest.mark.parametrize("verified", [False, None, "false", 0, "yes"])
def test_an_address_that_was_not_verified_is_worth_nothing(
    client: FlaskClient, provider: Provider, db: Database, verified: object
) -> None:
    provider.person.email_verified = verified
    assert _arrive(client).location == "/sign-in/connect"
    assert "ada@host.example" not in client.get("/sign-in/connect").text
    assert db.scalars(sa.select(Identity)).all() == []


def test_an_address_and_its_verification_come_from_the_same_answer(
    client: FlaskClient, provider: Provider, db: Database
) -> None:
    provider.only_userinfo = True  # which says: verified
    provider.more = {"email": "boss@host.example"}
    assert _arrive(client).location == "/sign-in/connect"
    assert "boss@host.example" not in client.get("/sign-in/connect").text


@pytest.mark.lasting
def test_the_password_connects_it_and_next_time_it_signs_in(
    client: FlaskClient, ada: Person, provider: Provider, mails: Mails
) -> None:
    _arrive(client, "/suggestions")
    sign_in = client.post(
        "/sign-in?next=/sign-in/connect", data={"email": ada.email, "password": PASSWORD}
    )
    assert sign_in.location == "/sign-in/connect"
    assert identities.of_person(ada.id) == []  # not before the button
    assert "Connect and sign in" not in client.get("/sign-in/connect").text
    assert client.post("/sign-in/connect").location == "/suggestions"
    assert mails() == [("accounts/identity_connected", "ada@host.example")]
    client.post("/sign-out")
    assert _arrive(client).status_code == 302
    assert _is_in(client)


def _mailed(client: FlaskClient, email: str, db: Database) -> str:
    """Ask for the mail; returns the address of its button."""
    response = client.post("/sign-in/connect/mail", data={"email": email})
    assert response.location == "/look-in-your-mail"
    link = db.scalars(sa.select(Link).order_by(Link.id.desc())).first()
    return f"/sign-in/connect?key={links.token(link)}"


@pytest.mark.lasting
def test_a_mail_connects_it_in_the_same_browser_only(
    app: Flask, client: FlaskClient, ada: Person, provider: Provider, db: Database, mails: Mails
) -> None:
    _arrive(client, "/suggestions")
    address = _mailed(client, "ada@host.example", db)
    assert mails() == [("accounts/connect_identity", "ada@host.example")]
    elsewhere = app.test_client()
    assert elsewhere.get(address).status_code == 410
    assert elsewhere.post(address).status_code == 410
    assert "Connect and sign in" in client.get(address).text
    assert identities.of_person(ada.id) == []
    key = address.partition("key=")[2]
    assert client.post("/sign-in/connect", data={"key": key}).location == "/suggestions"
    assert _is_in(client)
    assert [one.subject for one in identities.of_person(ada.id)] == ["ada-0001"]
    assert links.resolve(key) is None  # used up


@pytest.mark.lasting
def test_a_mail_opens_an_account_for_who_has_none(
    client: FlaskClient, provider: Provider, db: Database, clock: SetClock
) -> None:
    provider.person.email_verified = False
    _arrive(client)
    address = _mailed(client, "new@host.example", db)
    person = db.scalars(sa.select(Person).where(Person.email == "new@host.example")).one()
    assert (person.confirmed_at, person.is_active) == (None, False)
    client.post(address)
    db.expire_all()
    assert (person.confirmed_at, person.is_active) == (clock.moment, True)
    assert _is_in(client)


@pytest.mark.lasting
def test_who_is_signed_in_connects_on_the_account_page(
    sign_in: Callable[[Person], FlaskClient], ada: Person, provider: Provider
) -> None:
    browser = sign_in(ada)
    assert "Connect Example Login" in browser.get("/account").text
    provider.person.email = "another@host.example"
    assert _arrive(browser).location == "/account"
    page = browser.get("/account").text
    assert "another@host.example" in page
    assert "From now on you can sign in with Example Login." in page
    assert _arrive(browser).location == "/account"  # a second time changes nothing
    assert len(identities.of_person(ada.id)) == 1


def test_who_signs_out_meanwhile_connects_nothing(
    sign_in: Callable[[Person], FlaskClient], ada: Person, make: Factory, provider: Provider,
    app: Flask,
) -> None:  # fmt: skip
    browser = sign_in(ada)
    back = _agree(_leave(browser))
    browser.set_cookie(app.config["SIGN_IN_COOKIE"], sessions.begin(make.person(), user_agent=""))
    assert browser.get(back).status_code == 409
    assert identities.of_person(ada.id) == []


def test_what_is_anothers_is_not_connected_twice(
    sign_in: Callable[[Person], FlaskClient], ada: Person, make: Factory, provider: Provider
) -> None:
    _connect(ada, provider)
    bob = make.person()
    response = _arrive(sign_in(bob))
    assert response.status_code == 409
    assert "connected with another account" in response.text
    assert identities.of_person(bob.id) == []


@pytest.mark.lasting
@pytest.mark.parametrize("known", [True, False])
def test_the_suspended_are_refused(
    client: FlaskClient, ada: Person, provider: Provider, known: bool, db: Database, mails: Mails
) -> None:
    if known:
        _connect(ada, provider)
    ada.suspended_at = core_clock.now()
    response = _arrive(client)
    if known:
        assert response.status_code == 403
        assert "This account is suspended" in response.text
    else:
        client.post("/sign-in/connect/mail", data={"email": "ada@host.example"})
        assert mails() == []
    assert not _is_in(client)


def test_an_identity_goes_with_its_person(
    client: FlaskClient, provider: Provider, db: Database, make: Factory
) -> None:
    person = make.person(organisation_id=None, organisation=None)
    _connect(person, provider)
    db.execute(sa.delete(Person).where(Person.id == person.id))
    assert db.scalars(sa.select(Identity)).all() == []


# -- parting --


def test_parting_takes_that_way_in_away(
    client: FlaskClient, sign_in: Callable[[Person], FlaskClient], ada: Person, provider: Provider
) -> None:
    _connect(ada, provider)
    browser = sign_in(ada)
    (identity,) = identities.of_person(ada.id)
    response = browser.post("/account/identities/part", data={"identity": identity.id})
    assert response.location == "/account"
    assert identities.of_person(ada.id) == []
    assert history("people", ada.id)[-1].verb == "part_identity"
    assert _arrive(client).location == "/sign-in/connect"


def test_the_last_way_in_stays(
    sign_in: Callable[[Person], FlaskClient], make: Factory, provider: Provider
) -> None:
    person = make.person(password_hash=None)
    _connect(person, provider)
    browser = sign_in(person)
    (identity,) = identities.of_person(person.id)
    browser.post("/account/identities/part", data={"identity": identity.id})
    page = browser.get("/account").text
    assert "This is your only way to sign in." in page
    assert "Your account has no password." in page
    assert len(identities.of_person(person.id)) == 1


def test_anothers_identity_is_not_there(
    sign_in: Callable[[Person], FlaskClient], ada: Person, make: Factory, provider: Provider
) -> None:
    _connect(ada, provider)
    (identity,) = identities.of_person(ada.id)
    browser = sign_in(make.person())
    for number in (identity.id, 999_999, 2**40, "x"):
        response = browser.post("/account/identities/part", data={"identity": number})
        assert response.status_code == 404
    assert len(identities.of_person(ada.id)) == 1


@pytest.mark.lasting
def test_who_has_no_password_may_have_a_link_sent_to_set_one(
    client: FlaskClient,
    sign_in: Callable[[Person], FlaskClient],
    make: Factory,
    provider: Provider,
    mails: Mails,
) -> None:
    person = make.person(email="ada@host.example", password_hash=None)
    _connect(person, provider)
    assert sign_in(person).get("/account/password").location == "/reset"
    client.post("/reset", data={"email": "ada@host.example"})
    client.post("/register", data={"email": "ada@host.example", "name": "Ada"})
    assert {event for event, _to in mails()} == {"accounts/reset"}


# -- the second factor --


@pytest.mark.parametrize(
    ("believed", "claims", "asked"),
    [
        (False, {}, True),
        (False, {"amr": ["pwd", "mfa"]}, True),
        (True, {}, True),
        (True, {"amr": ["pwd"], "acr": "1"}, True),
        (True, {"amr": ["pwd", "mfa"]}, False),
        (True, {"amr": "pwd"}, True),
        (True, {"amr": "mfa"}, False),
        (True, {"acr": "https://refeds.org/profile/mfa"}, False),
    ],
)
def test_a_code_is_asked_for_unless_the_provider_is_believed_to_have_done_so(
    client: FlaskClient, ada: Person, provider: Provider, clock: SetClock, believed: bool,
    claims: dict[str, Any], asked: bool,
) -> None:  # fmt: skip
    _connect(ada, provider)
    factor = second_factor.begin(ada)
    generator = pyotp.TOTP(second_factor.secret_of(factor))
    second_factor.set_up(ada, generator.at(core_clock.now()), here=None)
    clock.advance(minutes=1)
    provider.more = claims
    with changed_settings(oidc=(provider.settings(mfa=believed),)):
        response = _arrive(client, "/suggestions")
        if not asked:
            assert response.location == "/suggestions"
            assert _is_in(client)
            return
        assert response.location == "/sign-in/code?next=/suggestions"
        assert not _is_in(client)
        code = generator.at(core_clock.now())
        assert client.post(response.location, data={"code": code}).location == "/suggestions"
        assert _is_in(client)


# -- limits and rows --


@pytest.mark.lasting
def test_leaving_is_limited_per_place(app: Flask, client: FlaskClient, provider: Provider) -> None:
    init_limits(app, config.current())
    limiter.reset()
    limiter.enabled = True
    try:
        answers = [client.post("/sign-in/with/office").status_code for _try in range(61)]
    finally:
        limiter.enabled = False
    assert answers == [200] * 60 + [429]


def test_an_identity_is_one_persons_and_is_given(db: Database, make: Factory) -> None:
    person = make.person()
    db.add(Identity(person_id=person.id, issuer="https://one.example", subject="1"))
    with refused_by(db, "uq_identities_once"):
        db.add(Identity(person_id=person.id, issuer="https://one.example", subject="1"))
    for issuer, subject in (("", "1"), ("https://one.example", "")):
        with refused_by(db, "ck_identities_identity_given"):
            db.add(Identity(person_id=person.id, issuer=issuer, subject=subject))
    with refused_by(db, "fk_identities_person_id_people"):
        db.add(Identity(person_id=999_999, issuer="https://one.example", subject="2"))


def test_a_visit_has_a_hash_an_end_and_an_answer_before_a_name(db: Database) -> None:
    now = core_clock.now()

    def visit(**values: Any) -> ProviderVisit:
        right = {
            "token_hash": "a" * 64,
            "provider": "office",
            "expires_at": now + timedelta(days=1),
        }
        return ProviderVisit(**{**right, **values})

    db.add(visit())
    with refused_by(db, "uq_provider_visits_token_hash"):
        db.add(visit())
    with refused_by(db, "ck_provider_visits_visit_token_hashed"):
        db.add(visit(token_hash="short"))
    with refused_by(db, "ck_provider_visits_visit_expires_later"):
        db.add(visit(token_hash="b" * 64, created_at=now, expires_at=now))
    with refused_by(db, "ck_provider_visits_answered_first"):
        db.add(visit(token_hash="b" * 64, subject="1"))
    with refused_by(db, "fk_provider_visits_person_id_people"):
        db.add(visit(token_hash="b" * 64, person_id=999_999))
