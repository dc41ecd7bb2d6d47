"""Signing in and out, choosing a language, and notices, as a browser sees them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import demo, locales, operations, sessions
from reviewhub.accounts.demo import DemoLogin
from reviewhub.accounts.models import Person
from reviewhub.accounts.queries import recipient
from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.core import config
from reviewhub.core.db import db as database
from reviewhub.notifications.outbox import page, tell
from tests.conftest import SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(make: Factory) -> Person:
    """Somebody with a real password."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


def _sign_in(
    client: FlaskClient, password: str = PASSWORD, address: str = "ada@host.example", to: str = ""
) -> object:
    query = {"next": to} if to else {}
    return client.post(
        "/sign-in", query_string=query, data={"email": address, "password": password}
    )


def _who(client: FlaskClient) -> int | None:
    cookie = client.get_cookie("reviewhub_session")
    held = sessions.find(cookie.value) if cookie else None
    return held.person.id if held else None


def test_the_right_password_signs_in(client: FlaskClient, ada: Person) -> None:
    number = ada.id
    response = _sign_in(client, address=" Ada@Host.Example ".strip())
    assert (response.status_code, response.location) == (302, "/")
    assert _who(client) == number
    assert client.get("/notices").status_code == 200


def test_staff_arrive_at_their_desk(client: FlaskClient, make: Factory) -> None:
    editor = make.editor(email="ada@host.example")
    operations.set_password(editor, PASSWORD)
    assert _sign_in(client).location == "/desk"


def test_a_wrong_password_and_an_unknown_address_look_the_same(
    client: FlaskClient, ada: Person
) -> None:
    wrong = _sign_in(client, password="wrong horse battery staple")
    unknown = _sign_in(client, address="bob@host.example")
    assert wrong.status_code == unknown.status_code == 200
    assert "This address and password do not match." in wrong.text
    assert _same(wrong.text, "ada") == _same(unknown.text, "bob")
    assert _who(client) is None


def _same(text: str, name: str) -> str:
    text = text.replace(f"{name}@host.example", "…")
    return re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", text)


@pytest.mark.parametrize("state", ["suspended", "without a password", "with a spoilt hash"])
def test_who_may_not_sign_in_learns_no_more_than_with_a_wrong_password(
    client: FlaskClient, ada: Person, state: str
) -> None:
    if state == "suspended":
        ada.suspended_at = core_clock.now()
    else:
        ada.password_hash = None if state == "without a password" else "$argon2id$spoilt"
    wrong = _sign_in(client, address="bob@host.example")
    response = _sign_in(client)
    assert response.status_code == 200
    assert _same(response.text, "ada") == _same(wrong.text, "bob")
    assert _who(client) is None


def test_a_person_who_is_suspended_is_signed_in_no_longer(
    sign_in: Callable[[Person], FlaskClient], ada: Person
) -> None:
    browser = sign_in(ada)
    assert browser.get("/notices").status_code == 200
    ada.suspended_at = core_clock.now()
    assert browser.get("/notices").status_code == 302


@pytest.mark.parametrize(
    ("address", "password"),
    [("", PASSWORD), ("ada", PASSWORD), ("ada@host.example", ""), ("a\x00@b", "x" * 300)],
)
def test_what_can_be_no_sign_in_is_asked_for_again(
    client: FlaskClient, ada: Person, address: str, password: str
) -> None:
    response = _sign_in(client, password=password, address=address)
    assert response.status_code == 200
    assert "There is something to mend" in response.text


@pytest.mark.parametrize("path", ["/notices", "/library?q=a%20b&page=2", "/desk"])
def test_signing_in_leads_back_to_where_one_wanted_to_go(
    client: FlaskClient, ada: Person, path: str
) -> None:
    assert _sign_in(client, to=path).location == path


FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "//[",
    "/\t/[evil",
    "javascript:alert(1)",
    "evil.example",
    "",
]


@pytest.mark.parametrize("target", FOREIGN)
def test_signing_in_never_leads_to_another_site(
    client: FlaskClient, ada: Person, target: str
) -> None:
    response = _sign_in(client, to=target)
    assert (response.status_code, response.location) == (302, "/")


@pytest.mark.parametrize("target", FOREIGN)
def test_choosing_a_language_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    response = client.post("/language", data={"locale": "en", "next": target})
    assert (response.status_code, response.location) == (302, "/")


def test_signing_out_forgets_the_person(
    sign_in: Callable[[Person], FlaskClient], ada: Person
) -> None:
    browser = sign_in(ada)
    assert browser.post("/sign-out").location == "/"
    assert _who(browser) is None


def test_no_picture_or_link_can_sign_anybody_out(
    sign_in: Callable[[Person], FlaskClient], ada: Person
) -> None:
    browser = sign_in(ada)
    assert browser.get("/sign-out").status_code in {404, 405}
    assert _who(browser) is not None


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that offers French, too."""
    monkeypatch.setattr(locales, "offered", lambda: ("en", "fr"))


@pytest.mark.usefixtures("french")
def test_a_visitor_keeps_the_language_they_chose(client: FlaskClient) -> None:
    assert '<html lang="en"' in client.get("/sign-in").text
    response = client.post("/language", data={"locale": "fr", "next": "/sign-in?a=b"})
    assert response.location == "/sign-in?a=b"
    assert '<html lang="fr"' in client.get("/sign-in").text


@pytest.mark.usefixtures("french")
def test_a_persons_language_is_kept_with_their_account(
    sign_in: Callable[[Person], FlaskClient], ada: Person, db: scoped_session[Session]
) -> None:
    browser = sign_in(ada)
    browser.post("/language", data={"locale": "fr"})
    assert ada.locale == "fr"
    assert '<html lang="fr"' in browser.get("/notices").text


@pytest.mark.usefixtures("french")
def test_a_browsers_languages_are_asked_before_anything_was_chosen(client: FlaskClient) -> None:
    headers = {"Accept-Language": "xx;q=1, fr-CA;q=0.8, en;q=0.5"}
    assert '<html lang="fr"' in client.get("/sign-in", headers=headers).text


@pytest.mark.parametrize("code", ["xx", "", "../../etc", "en\r\nX: y"])
def test_a_language_that_is_not_on_offer_is_english(client: FlaskClient, code: str) -> None:
    response = client.post("/language", data={"locale": code})
    assert response.status_code == 302
    assert client.get_cookie("locale").value == "en"


def test_demo_logins_are_shown_in_demo_mode_only(client: FlaskClient) -> None:
    demo.write_logins([DemoLogin("editor", "Edda Demo", "edda@demo.example", PASSWORD)])
    try:
        assert "edda@demo.example" not in client.get("/sign-in").text
        with changed_settings(demo=True):
            shown = client.get("/sign-in").text
    finally:
        demo.logins_file().unlink()
    assert "edda@demo.example" in shown
    assert "Sign in as editor" in shown


def test_demo_mode_without_demo_content_has_no_logins(client: FlaskClient) -> None:
    assert not demo.logins_file().exists()
    assert config.current().demo is False
    with changed_settings(demo=True):
        assert "Try it as" not in client.get("/sign-in").text


def _tell(person: Person, title: str, **values: object) -> None:
    target = page("library.resource", slug=title)
    context = {"name": "A", "days": 3, "answer_by": "2026-03-09", **values}
    tell(
        "reviews/invite",
        recipient(person),
        person,
        target=target,
        occurrence=title,
        title=title,
        **context,
    )


def test_notices_are_ones_own_newest_first_and_never_before_their_time(
    sign_in: Callable[[Person], FlaskClient], ada: Person, make: Factory, clock: SetClock
) -> None:
    bob = make.person()
    target = page("accounts.notices")
    context = {"name": "A", "days": 3, "answer_by": "2026-03-09"}
    later = core_clock.now() + timedelta(days=2)

    def say(person: Person, title: str, at: object = None) -> None:
        tell(
            "reviews/invite", recipient(person), person, target=target,
            occurrence=title, at=at, title=title, **context,
        )  # fmt: skip

    say(ada, "in two days", later)
    say(ada, "first <b>")
    say(bob, "of another")
    clock.advance(hours=1)
    say(ada, "second")
    assert _titles(sign_in(ada).get("/notices").text) == ["second", "first &lt;b&gt;"]
    clock.advance(days=2)
    assert _titles(sign_in(ada).get("/notices").text) == [
        "in two days",
        "second",
        "first &lt;b&gt;",
    ]


def _titles(text: str) -> list[str]:
    return re.findall(r"<bdi>Invitation to review: (.*?)</bdi>", text)


def test_marking_notices_as_read_takes_the_badge_away(
    sign_in: Callable[[Person], FlaskClient], ada: Person, make: Factory, clock: SetClock
) -> None:
    bob = make.person()
    for person in (ada, bob):
        _tell(person, "one")
    browser = sign_in(ada)
    assert '<span class="badge">1</span>' in browser.get("/notices").text
    assert browser.get("/notices/read").status_code in {404, 405}
    assert browser.post("/notices/read").location == "/notices"
    assert "badge" not in browser.get("/notices").text
    assert '<span class="badge">1</span>' in sign_in(bob).get("/notices").text


def test_a_visitor_has_no_notices(client: FlaskClient) -> None:
    assert client.get("/notices").location == "/sign-in?next=/notices?"
    assert client.post("/notices/read").status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_notices_page_asks_the_same_number_of_questions_at_any_length(
    sign_in: Callable[[Person], FlaskClient], ada: Person, rows: int, clock: SetClock
) -> None:
    for number in range(rows):
        _tell(ada, f"title {number}")
    browser = sign_in(ada)
    browser.get("/notices")
    statements: list[str] = []

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    database.event.listen(database.session.get_bind(), "before_cursor_execute", count)
    try:
        browser.get("/notices")
    finally:
        database.event.remove(database.session.get_bind(), "before_cursor_execute", count)
    asked = [text for text in statements if text.startswith("SELECT")]
    assert len(asked) == 2, "\n".join(asked)


def test_an_editors_page_is_not_for_a_reader(
    sign_in: Callable[[Person], FlaskClient], ada: Person, make: Factory
) -> None:
    assert sign_in(ada).get("/desk").status_code == 403
    assert sign_in(make.staff(Role.EDITOR)).get("/desk").status_code == 200
