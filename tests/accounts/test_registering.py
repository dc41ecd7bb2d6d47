"""Opening an account and setting a password anew, by links in mails."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import links, operations, queries
from reviewhub.accounts.models import BrowserSession, Link, Person
from reviewhub.core import clock as core_clock
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from tests.conftest import SetClock
from tests.factories import Factory

PASSWORD = "correct horse battery staple"
OTHER = "a kettle sings beside the stairs"
Mails = Callable[[], list[tuple[str, str]]]
Database = scoped_session[Session]


@pytest.fixture
def ada(make: Factory) -> Person:
    """Somebody with a real password."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


def _register(client: FlaskClient, address: str = "new@host.example") -> object:
    return client.post("/register", data={"name": "New Person", "email": address})


def _address_in_mail(db: Database) -> str:
    """The address that stands in the newest mail."""
    message = db.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    body = render(message).get_body(("plain",)).get_content()
    return re.search(r"^http://localhost(/choose-password\S+)$", body, re.MULTILINE).group(1)


@pytest.mark.lasting
def test_registering_sends_a_link_behind_which_a_password_opens_the_account(
    client: FlaskClient, db: Database, mails: Mails
) -> None:
    assert _register(client, "New@Host.example").location == "/look-in-your-mail"
    assert mails() == [("accounts/register", "new@host.example")]
    address = _address_in_mail(db)
    assert "new@host.example" in client.get(address).text
    response = client.post(address, data={"password": PASSWORD})
    assert (response.status_code, response.location) == (302, "/")
    person = queries.by_email("new@host.example")
    assert (person.name, person.is_active) == ("New Person", True)
    assert person.confirmed_at is not None
    assert client.get("/account").status_code == 200
    assert mails() == [("accounts/register", "new@host.example")]


@pytest.mark.lasting
def test_following_the_link_changes_nothing(client: FlaskClient, db: Database) -> None:
    _register(client)
    address = _address_in_mail(db)
    for method in ("GET", "HEAD", "GET"):
        assert client.open(address, method=method).status_code == 200
    person = queries.by_email("new@host.example")
    assert (person.confirmed_at, person.password_hash) == (None, None)
    assert client.get("/account").status_code == 302


@pytest.mark.lasting
def test_a_guests_suggestions_are_in_the_account_they_open_later(
    client: FlaskClient, make: Factory, db: Database
) -> None:
    guest = make.person("Gia Guest", email="gia@host.example", password_hash=None)
    submission = make.submission(state=State.SUBMITTED, submitter_id=guest.id)
    title = submission.title
    _register(client, "gia@host.example")
    client.post(_address_in_mail(db), data={"password": PASSWORD})
    assert title in client.get("/suggestions").text
    assert queries.by_email("gia@host.example").name == "Gia Guest"
    assert db.scalar(sa.select(sa.func.count()).select_from(Submission)) == 1


@pytest.mark.slow
def test_the_answer_is_the_same_for_known_and_unknown_addresses(
    client: FlaskClient, ada: Person, make: Factory, mails: Mails
) -> None:
    make.person(email="gone@host.example", suspended_at=core_clock.now())
    make.person(email="guest@host.example", password_hash=None)
    for path in ("/register", "/reset"):
        answers = set()
        for name in ("ada", "unknown", "gone", "guest"):
            data = {"name": "A Name", "email": f"{name}@host.example"}
            response = client.post(path, data=data, headers={"X-Request-ID": "the-same-for-all"})
            headers = tuple(sorted(response.headers.items()))
            answers.add((response.status_code, headers, response.data))
        assert len(answers) == 1, path
    assert [(event, address.split("@")[0]) for event, address in mails()] == [
        ("accounts/reset", "ada"),
        ("accounts/register", "unknown"),
        ("accounts/register", "guest"),
    ]


@pytest.mark.lasting
def test_a_reset_sets_another_password_signs_out_everywhere_else_and_says_so(
    client: FlaskClient,
    ada: Person,
    sign_in: Callable[[Person], FlaskClient],
    db: Database,
    mails: Mails,
) -> None:
    elsewhere = sign_in(ada)
    client.post("/reset", data={"email": "ada@host.example"})
    assert operations.check_password("ada@host.example", PASSWORD) is ada
    client.post(_address_in_mail(db), data={"password": OTHER})
    assert operations.check_password("ada@host.example", PASSWORD) is None
    assert operations.check_password("ada@host.example", OTHER) is ada
    assert elsewhere.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    assert db.scalar(sa.select(sa.func.count()).select_from(BrowserSession)) == 1
    assert [event for event, _address in mails()] == ["accounts/reset", "accounts/password_changed"]


@pytest.mark.lasting
def test_a_link_sets_one_password_only(client: FlaskClient, ada: Person, db: Database) -> None:
    client.post("/reset", data={"email": "ada@host.example"})
    address = _address_in_mail(db)
    client.post(address, data={"password": OTHER})
    client.post("/sign-out")
    for response in (client.get(address), client.post(address, data={"password": PASSWORD})):
        assert response.status_code == 410
        assert "This link has been used, or it is too old." in response.text
    assert operations.check_password("ada@host.example", OTHER) is ada


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("path", "address", "hours"), [("/reset", "ada", 1), ("/register", "new", 24)]
)
def test_a_link_is_good_for_a_while_and_stays_dead_when_another_is_asked_for(
    client: FlaskClient,
    ada: Person,
    db: Database,
    clock: SetClock,
    path: str,
    address: str,
    hours: int,
) -> None:
    data = {"name": "A Name", "email": f"{address}@host.example"}
    client.post(path, data=data)
    first = _address_in_mail(db)
    clock.advance(hours=hours, seconds=-1)
    assert client.get(first).status_code == 200
    clock.advance(seconds=1)
    assert client.get(first).status_code == 410
    client.post(path, data=data)
    second = _address_in_mail(db)
    assert second != first
    assert client.get(second).status_code == 200
    assert client.get(first).status_code == 410


@pytest.mark.lasting
def test_asking_again_and_again_floods_no_mailbox(
    client: FlaskClient, ada: Person, mails: Mails, clock: SetClock
) -> None:
    for _time in range(5):
        client.post("/reset", data={"email": "ada@host.example"})
    assert len(mails()) == 1
    clock.advance(minutes=10)
    client.post("/reset", data={"email": "ada@host.example"})
    assert len(mails()) == 2


@pytest.mark.lasting
def test_who_is_suspended_can_not_come_back_by_a_link(
    client: FlaskClient, ada: Person, db: Database
) -> None:
    client.post("/reset", data={"email": "ada@host.example"})
    address = _address_in_mail(db)
    ada.suspended_at = core_clock.now()
    assert client.post(address, data={"password": OTHER}).status_code == 410


def test_a_link_of_another_kind_sets_no_password(
    client: FlaskClient, ada: Person, make: Factory
) -> None:
    link = links.ensure(links.Capability.SUBMISSION, ada.id, person_id=ada.id)
    response = client.post(f"/choose-password?key={links.token(link)}", data={"password": OTHER})
    assert response.status_code == 410
    assert client.get("/choose-password").status_code == 410


def test_whoever_is_signed_in_is_led_from_the_notice_to_the_account(
    sign_in: Callable[[Person], FlaskClient], ada: Person
) -> None:
    assert sign_in(ada).get("/choose-password").location == "/account"
    assert sign_in(ada).get("/register").location == "/account"


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Enter your password."),
        ("fourteen lette", "at least 15 characters"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats a few characters"),
        ("passwordpassword", "tried first"),
        ("Ada Example, host, ada ada", "little more than your name"),
    ],
)
def test_a_password_that_is_easily_guessed_is_asked_for_again_and_the_link_still_works(
    client: FlaskClient, ada: Person, db: Database, password: str, sentence: str
) -> None:
    client.post("/reset", data={"email": "ada@host.example"})
    address = _address_in_mail(db)
    response = client.post(address, data={"password": password})
    assert response.status_code == 200
    assert sentence in response.text
    assert operations.check_password("ada@host.example", PASSWORD) is ada
    assert client.post(address, data={"password": OTHER}).status_code == 302


@pytest.mark.parametrize("path", ["/register", "/reset"])
@pytest.mark.parametrize("address", ["", "ada", "ada@", "a\x00@b.example"])
def test_what_is_no_address_is_asked_for_again(
    client: FlaskClient, mails: Mails, path: str, address: str
) -> None:
    response = client.post(path, data={"name": "A Name", "email": address})
    assert response.status_code == 200
    assert "There is something to mend" in response.text
    assert mails() == []


@pytest.mark.lasting
def test_an_account_has_one_link(client: FlaskClient, ada: Person, db: Database) -> None:
    for _time in range(3):
        client.post("/reset", data={"email": "ada@host.example"})
    assert db.scalar(sa.select(sa.func.count()).select_from(Link)) == 1
