"""Sessions that the server keeps: what a cookie is worth, and how it ends."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import operations, sessions
from reviewhub.accounts.models import BrowserSession, Identity, Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.core.db import db as database
from reviewhub.taxonomy import queries
from reviewhub.taxonomy.models import Hub
from tests.conftest import LATEST, SetClock
from tests.constraints import refused_by
from tests.factories import Factory
from tests.second_app import second_app

COOKIE = "reviewhub_session"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(make: Factory) -> Person:
    """Somebody with a real password."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


def _sign_in(client: FlaskClient, agent: str = "Browser 1") -> str:
    """Sign Ada in through the page; returns the token."""
    response = client.post(
        "/sign-in",
        data={"email": "ada@host.example", "password": PASSWORD},
        headers={"User-Agent": agent},
    )
    assert response.status_code == 302
    return str(client.get_cookie(COOKIE).value)


def _rows(db: scoped_session[Session]) -> list[BrowserSession]:
    return list(db.scalars(sa.select(BrowserSession).order_by(BrowserSession.id)))


def test_the_cookie_is_a_random_token_of_which_the_database_holds_the_hash_only(
    client: FlaskClient, ada: Person, db: scoped_session[Session]
) -> None:
    first, second = _sign_in(client), _sign_in(client)
    assert first != second
    assert len(second) >= 43
    (row,) = _rows(db)  # what the browser held before is over
    assert row.person_id == ada.id
    stored = [value for value in vars(row).values() if isinstance(value, str)]
    assert not [value for value in stored if second in value]
    assert sessions.find(first) is None
    assert sessions.find(second).person is ada


def test_signing_out_ends_the_session_and_a_kept_copy_of_the_cookie_opens_nothing(
    client: FlaskClient, ada: Person, db: scoped_session[Session]
) -> None:
    token = _sign_in(client)
    assert client.get("/account").status_code == 200
    client.post("/sign-out")
    assert client.get_cookie(COOKIE) is None
    assert _rows(db) == []
    client.set_cookie(COOKIE, token)
    assert client.get("/account").status_code == 302


def test_a_session_ends_by_itself(client: FlaskClient, ada: Person, clock: SetClock) -> None:
    _sign_in(client)
    clock.advance(days=13, hours=23)
    assert client.get("/account").status_code == 200
    clock.advance(hours=1)
    assert client.get("/account").status_code == 302


def test_sessions_that_are_over_are_swept_out_at_the_next_sign_in(
    client: FlaskClient, ada: Person, db: scoped_session[Session], clock: SetClock
) -> None:
    sessions.begin(ada, user_agent="forgotten")
    clock.advance(days=15)
    _sign_in(client)
    assert [row.user_agent for row in _rows(db)] == ["Browser 1"]


def test_reading_writes_nothing_and_sending_notes_the_use_once_an_hour(
    client: FlaskClient, ada: Person, db: scoped_session[Session], clock: SetClock
) -> None:
    _sign_in(client)
    start = core_clock.now()
    clock.advance(hours=2)
    client.get("/account")
    assert _rows(db)[0].seen_at == start
    client.post("/notices/read")
    assert _rows(db)[0].seen_at == start + timedelta(hours=2)
    clock.advance(minutes=59)
    client.post("/notices/read")
    assert _rows(db)[0].seen_at == start + timedelta(hours=2)


def test_the_account_page_lists_the_sessions_and_ends_the_others(
    client: FlaskClient,
    ada: Person,
    make: Factory,
    sign_in: Callable[[Person], FlaskClient],
    db: scoped_session[Session],
) -> None:
    elsewhere = sign_in(ada)
    bob = sign_in(make.person())
    _sign_in(client, agent="<b>Browser</b> 7 " + "x" * 500)
    page = client.get("/account").text
    assert "A browser of the tests" in page
    assert "&lt;b&gt;Browser&lt;/b&gt; 7" in page
    assert page.count("this one") == 1
    assert client.get("/account/sessions/end").status_code in {404, 405}
    assert client.post("/account/sessions/end").location == "/account"
    assert elsewhere.get("/account").status_code == 302
    assert bob.get("/account").status_code == 200
    assert "Sign out everywhere else" not in client.get("/account").text


def test_a_visitor_has_no_account_page(client: FlaskClient) -> None:
    assert client.get("/account").status_code == 302
    assert client.post("/account/sessions/end").status_code == 302


def test_the_state_of_the_vocabularies_comes_with_the_session(
    ada: Person, db: scoped_session[Session]
) -> None:
    token = sessions.begin(ada, user_agent="Browser 1")
    queries.forget_catalogue()
    asked: list[str] = []

    def count(*args: object) -> None:
        asked.append(str(args[2]))

    bind = database.session.get_bind()
    database.event.listen(bind, "before_cursor_execute", count)
    try:
        assert sessions.find(token) is not None
        assert queries.catalogue().stamp == db.scalar(sa.select(Hub.stamp))
        assert len(asked) == 2
        queries.forget_catalogue()  # as a load does: what came along counts no more
        asked.clear()
        assert queries.catalogue().stamp
        assert len(asked) == 1
    finally:
        database.event.remove(bind, "before_cursor_execute", count)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_account_page_asks_the_same_number_of_questions_at_any_length(
    sign_in: Callable[[Person], FlaskClient], ada: Person, rows: int
) -> None:
    for _number in range(rows - 1):
        sign_in(ada)
    browser = sign_in(ada)
    browser.get("/account")
    asked: list[str] = []

    def count(*args: object) -> None:
        if str(args[2]).startswith("SELECT"):
            asked.append(str(args[2]))

    bind = database.session.get_bind()
    database.event.listen(bind, "before_cursor_execute", count)
    try:
        browser.get("/account")
    finally:
        database.event.remove(bind, "before_cursor_execute", count)
    assert len(asked) == QUESTIONS, "\n".join(asked)


QUESTIONS = 4


@pytest.mark.parametrize("roles", [(), (Role.EDITOR,), (Role.EDITOR, Role.ADMIN, Role.AUDITOR)])
def test_who_is_signed_in_is_one_question_with_their_roles(
    make: Factory, db: scoped_session[Session], roles: tuple[Role, ...]
) -> None:
    person = make.staff(*roles, password_hash=None)
    db.add(Identity(person_id=person.id, issuer="https://one.example", subject="1"))
    token = sessions.begin(person, user_agent="")
    db.commit()
    db.expunge_all()
    asked: list[str] = []

    def count(*args: object) -> None:
        asked.append(str(args[2]))

    bind = database.session.get_bind()
    database.event.listen(bind, "before_cursor_execute", count)
    try:
        held = sessions.find(token)
        assert held.person.roles == set(roles)
        assert held.person.is_active
    finally:
        database.event.remove(bind, "before_cursor_execute", count)
    assert len([text for text in asked if text.startswith("SELECT")]) == 1, "\n".join(asked)


@pytest.mark.lasting
def test_over_encryption_the_cookies_are_bound_to_this_host(tmp_path: Path) -> None:
    with second_app(tmp_path / "var", base_url="https://hub.example") as second:
        second.config["WTF_CSRF_ENABLED"] = False
        with second.app_context():
            person = operations.know("ada@host.example")
            operations.confirm(person)
            operations.set_password(person, PASSWORD)
            database.session.commit()
        response = second.test_client().post(
            "https://hub.example/sign-in",
            data={"email": "ada@host.example", "password": PASSWORD},
        )
        (cookie,) = response.headers.getlist("Set-Cookie")
        assert cookie.startswith("__Host-reviewhub=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_a_token_is_kept_as_a_hash_of_its_own(db: scoped_session[Session], make: Factory) -> None:
    person = make.person()
    values = {"person_id": person.id, "expires_at": LATEST}
    with refused_by(db, "ck_sessions_token_hashed"):
        db.add(BrowserSession(token_hash="a token", **values))
    db.add(BrowserSession(token_hash="a" * 64, **values))
    with refused_by(db, "uq_sessions_token_hash"):
        db.add(BrowserSession(token_hash="a" * 64, **values))


def test_a_session_is_somebodys_and_ends_after_it_began(
    db: scoped_session[Session], make: Factory
) -> None:
    person = make.person()
    with refused_by(db, "fk_sessions_person_id_people"):
        db.add(BrowserSession(token_hash="b" * 64, person_id=999_999, expires_at=LATEST))
    with refused_by(db, "ck_sessions_expires_later"):
        db.add(
            BrowserSession(
                token_hash="c" * 64, person_id=person.id, created_at=LATEST, expires_at=LATEST
            )
        )
