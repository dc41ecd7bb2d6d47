"""The pages on which a person says which mails they want; a mail program's one click among them."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Link, Person
from reviewhub.accounts.queries import recipient
from reviewhub.core import clock as core_clock
from reviewhub.notifications.choices import choices_of
from reviewhub.notifications.kinds import How, Kind
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import page, tell
from reviewhub.notifications.rendering import render
from tests.conftest import SetClock
from tests.factories import Factory

Database = scoped_session[Session]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
AT_ONCE, CAN_WAIT = "reviews/cancel", "reviews/outcome"


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Somebody without an account, who reviews."""
    return make.person(email="ada@host.example")


@pytest.fixture
def mail(db: Database, ada: Person) -> Callable[..., EmailMessage]:
    """A mail to her, as it is sent."""

    def rendered(event: str, occurrence: str = "1") -> EmailMessage:
        tell(
            event, recipient(ada), ada, target=page("library.front"), occurrence=occurrence,
            title="T", name="Ada", decided="approved", released=[],
        )  # fmt: skip
        db.commit()
        return render(db.scalars(sa.select(Message).order_by(Message.id.desc())).first())  # type: ignore[arg-type]

    return rendered


def address(mail: EmailMessage) -> str:
    """The address in List-Unsubscribe, on our own site."""
    found = str(mail["List-Unsubscribe"])
    assert found.startswith("<http://localhost/")
    assert found.endswith(">")
    return found[len("<http://localhost") : -1]


def key_of(db: Database, person: Person) -> str:
    link = links.ensure(Capability.MAIL, person.id, person_id=person.id)
    db.commit()
    return links.token(link)


# -- one click --


def test_only_what_can_wait_can_be_stopped(mail: Any) -> None:
    assert "List-Unsubscribe" not in mail(AT_ONCE)
    assert "List-Unsubscribe-Post" not in mail(AT_ONCE, "2")
    assert mail(CAN_WAIT, "3")["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_stops_the_kind_and_nothing_else(
    mail: Any, client: FlaskClient, ada: Person
) -> None:
    answer = client.post(address(mail(CAN_WAIT)), data=ONE_CLICK)
    assert answer.status_code == 200  # a mail program follows no redirection
    assert "Set-Cookie" not in answer.headers
    found = choices_of(ada.id)
    assert found.pop(Kind.OUTCOMES) is How.NONE
    assert How.NONE not in found.values()


def test_opening_the_address_changes_nothing(
    db: Database, mail: Any, client: FlaskClient, ada: Person
) -> None:
    where = address(mail(CAN_WAIT))
    for method in ("get", "head", "options"):
        assert getattr(client, method)(where).status_code == 200
    assert choices_of(ada.id)[Kind.OUTCOMES] is How.DIGEST
    text = client.get(where).text
    assert "ada@host.example" in text
    assert "Nothing has changed yet" in text


def test_one_click_twice_is_one(mail: Any, client: FlaskClient, ada: Person) -> None:
    where = address(mail(CAN_WAIT))
    assert client.post(where, data=ONE_CLICK).status_code == 200
    assert client.post(where, data=ONE_CLICK).status_code == 200
    assert choices_of(ada.id)[Kind.OUTCOMES] is How.NONE


@pytest.mark.parametrize("key", ["", "1.0", "x", "99999999999.0"])
def test_a_wrong_key_stops_nothing(client: FlaskClient, ada: Person, key: str) -> None:
    assert client.post(f"/mail/stop/outcomes?key={key}", data=ONE_CLICK).status_code == 410
    assert choices_of(ada.id)[Kind.OUTCOMES] is How.DIGEST


def test_the_link_to_something_else_stops_nothing(
    db: Database, client: FlaskClient, ada: Person
) -> None:
    link = links.ensure(Capability.ACCOUNT, ada.id, person_id=ada.id)
    db.commit()
    where = f"/mail/stop/outcomes?key={links.token(link)}"
    assert client.post(where, data=ONE_CLICK).status_code == 410


def test_the_link_opens_nothing_else(db: Database, client: FlaskClient, ada: Person) -> None:
    key = key_of(db, ada)
    assert client.get(f"/account?key={key}").status_code == 302
    assert client.get(f"/choose-password?key={key}").status_code == 410
    assert client.get(f"/notices?key={key}").status_code == 302


def test_a_session_alone_stops_nothing(
    make: Factory, sign_in: Callable[[Person], FlaskClient]
) -> None:
    editor = make.editor()
    answer = sign_in(editor).post("/mail/stop/desk", data=ONE_CLICK)
    assert answer.status_code == 302
    assert choices_of(editor.id)[Kind.DESK] is How.DIGEST


def test_there_are_no_other_kinds(db: Database, client: FlaskClient, ada: Person) -> None:
    assert client.get(f"/mail/stop/everything?key={key_of(db, ada)}").status_code == 404


# -- the page --


def chosen(**given: str) -> dict[str, str]:
    return {
        "outcomes": "at_once", "library": "none", "timezone": "Africa/Nairobi", "locale": "en",
        **given,
    }  # fmt: skip


def test_without_an_account_the_link_is_enough(
    db: Database, client: FlaskClient, ada: Person
) -> None:
    where = f"/mail?key={key_of(db, ada)}"
    text = client.get(where).text
    assert "ada@host.example" in text
    assert "Is this not your address?" in text
    assert "What is new on your desk" not in text  # that is for staff
    assert client.post(where, data=chosen()).status_code == 302
    found = choices_of(ada.id)
    assert (found[Kind.OUTCOMES], found[Kind.LIBRARY]) == (How.AT_ONCE, How.NONE)
    assert db.get_one(Person, ada.id).timezone == "Africa/Nairobi"


def test_with_an_account_no_link_is_needed(
    make: Factory, sign_in: Callable[[Person], FlaskClient]
) -> None:
    editor = make.editor()
    browser = sign_in(editor)
    text = browser.get("/mail").text
    assert "Is this not your address?" not in text
    assert "What is new on your desk" in text
    given = chosen(arrivals="digest", desk="none", weekly="none")
    assert browser.post("/mail", data=given).status_code == 302
    found = choices_of(editor.id)
    assert (found[Kind.ARRIVALS], found[Kind.WEEKLY]) == (How.DIGEST, How.NONE)


@pytest.mark.parametrize(
    "wrong", [{"outcomes": "hourly"}, {"timezone": "Nowhere/At_all"}, {"locale": "tlh"}]
)
def test_what_is_not_offered_is_not_kept(
    db: Database, client: FlaskClient, ada: Person, wrong: dict[str, str]
) -> None:
    answer = client.post(f"/mail?key={key_of(db, ada)}", data=chosen(**wrong))
    assert answer.status_code == 200
    assert "There is something to mend" in answer.text
    assert choices_of(ada.id)[Kind.LIBRARY] is How.DIGEST


def test_who_has_neither_is_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/mail").status_code == 302


def test_the_page_says_that_mail_comes_back(db: Database, client: FlaskClient, ada: Person) -> None:
    ada.bouncing_since = core_clock.now()
    assert "Mail to this address has come back" in client.get(f"/mail?key={key_of(db, ada)}").text


def test_one_person_has_one_such_link(db: Database, mail: Any, ada: Person) -> None:
    mail(CAN_WAIT, "1")
    mail(CAN_WAIT, "2")
    of_mail = sa.select(sa.func.count(Link.id)).where(Link.capability == Capability.MAIL)
    assert db.scalar(of_mail) == 1


# -- whom an answer reaches --


def test_an_answer_goes_to_the_hub_where_nobody_is_named(mail: Any) -> None:
    from reviewhub.taxonomy.queries import catalogue  # noqa: PLC0415 -- the loaded hub

    assert mail(AT_ONCE)["Reply-To"] == catalogue().contact_email
