"""The account page: what a person says of themselves, and another password."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import links, operations, queries
from reviewhub.accounts.models import Link, Person
from reviewhub.audit.queries import history
from tests.conftest import SetClock
from tests.factories import Factory

PASSWORD = "correct horse battery staple"
OTHER = "a kettle sings beside the stairs"
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Somebody with a real password."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


def _answers(**changes: str) -> dict[str, str]:
    return {
        "name": "Ada B. Example",
        "organisation": "Institute of Examples",
        "locale": "en",
        "timezone": "Asia/Tokyo",
        "away_until": "2026-03-20",
        **changes,
    }


@pytest.mark.lasting
def test_a_person_changes_what_they_say_of_themselves(sign_in: SignIn, ada: Person) -> None:
    browser = sign_in(ada)
    assert browser.post("/account", data=_answers()).location == "/account"
    assert (ada.name, ada.timezone, ada.locale) == ("Ada B. Example", "Asia/Tokyo", "en")
    assert queries.organisation_of(ada) == "Institute of Examples"
    assert ada.away_until == datetime(2026, 3, 19, 15, 0, tzinfo=UTC)  # midnight in Tokyo
    page = browser.get("/account").text
    for shown in ("Ada B. Example", "Institute of Examples", 'value="2026-03-20"'):
        assert shown in page
    assert [event.verb for event in history("people", ada.id)][-1] == "edit_profile"


def test_what_is_left_empty_is_taken_away_and_a_day_gone_by_means_nothing(
    sign_in: SignIn, ada: Person
) -> None:
    browser = sign_in(ada)
    browser.post("/account", data=_answers())
    browser.post("/account", data=_answers(organisation="", away_until=""))
    assert (ada.organisation_id, ada.away_until) == (None, None)
    browser.post("/account", data=_answers(away_until="2026-03-01"))
    assert ada.away_until is None


def test_joining_an_organisation_by_name_makes_it_no_other(
    sign_in: SignIn, ada: Person, make: Factory
) -> None:
    office = make.organisation("Office of Examples", internal=True)
    number = office.id
    sign_in(ada).post("/account", data=_answers(organisation=" office  of examples"))
    assert ada.organisation_id == number
    assert queries.organisation_named("Office of Examples").internal is True


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"organisation": "x"},
        {"locale": "xx"},
        {"timezone": "Middle/Earth"},
        {"away_until": "soon"},
    ],
)
def test_what_can_not_be_is_asked_for_again(
    sign_in: SignIn, ada: Person, changes: dict[str, str]
) -> None:
    response = sign_in(ada).post("/account", data=_answers(**changes))
    assert response.status_code == 200
    assert "There is something to mend" in response.text
    assert (ada.name, ada.timezone) == ("Ada Example", "UTC")


def test_another_password_signs_out_everywhere_else_and_is_told_by_mail(
    sign_in: SignIn, ada: Person, mails: Callable[[], list[tuple[str, str]]]
) -> None:
    browser, elsewhere = sign_in(ada), sign_in(ada)
    response = browser.post("/account/password", data={"old": PASSWORD, "new": OTHER})
    assert response.location == "/account"
    assert browser.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert operations.check_password("ada@host.example", OTHER) is ada
    assert operations.check_password("ada@host.example", PASSWORD) is None
    assert mails() == [("accounts/password_changed", "ada@host.example")]


@pytest.mark.lasting
def test_another_password_makes_an_unused_link_from_a_mail_worthless(
    sign_in: SignIn, client: FlaskClient, ada: Person, db: scoped_session[Session]
) -> None:
    client.post("/reset", data={"email": "ada@host.example"})
    key = links.token(db.scalars(sa.select(Link)).one())
    sign_in(ada).post("/account/password", data={"old": PASSWORD, "new": OTHER})
    assert client.get(f"/choose-password?key={key}").status_code == 410


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("wrong horse battery staple", OTHER, "This is not your present password."),
        (PASSWORD, "too short", "at least 15 characters"),
        (PASSWORD, "passwordpassword", "tried first"),
        ("", OTHER, "Enter your password."),
    ],
)
def test_a_password_is_changed_by_whoever_knows_it_to_a_good_one_only(
    sign_in: SignIn, ada: Person, old: str, new: str, sentence: str
) -> None:
    response = sign_in(ada).post("/account/password", data={"old": old, "new": new})
    assert response.status_code == 200
    assert sentence in response.text
    assert operations.check_password("ada@host.example", PASSWORD) is ada


def test_a_visitor_changes_nothing(client: FlaskClient) -> None:
    for path in ("/account", "/account/password"):
        assert client.get(path).status_code == 302
        assert client.post(path).status_code == 302
