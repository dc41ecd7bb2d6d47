"""Limits on tries and mails: counted by the broker, and by the process while it is away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewhub.accounts import operations
from reviewhub.accounts.limits import init_limits, limiter
from reviewhub.accounts.models import Person
from reviewhub.accounts.views import registering
from reviewhub.core import config
from reviewhub.core.db import db as database
from tests.factories import Factory
from tests.second_app import second_app

PASSWORD = "correct horse battery staple"
WRONG = {"email": "ada@host.example", "password": "wrong horse battery staple"}
RIGHT = {"email": "ada@host.example", "password": PASSWORD}


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits as they hold outside the tests, counted from nothing; answers come at once."""
    monkeypatch.setattr(registering, "_LEAST_TIME", 0)
    init_limits(app, config.current())
    limiter.reset()
    limiter.enabled = True
    yield
    limiter.enabled = False


@pytest.fixture
def ada(make: Factory) -> Person:
    """Somebody with a real password."""
    person = make.person(email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


@pytest.mark.usefixtures("limited", "ada")
def test_a_password_is_tried_in_vain_ten_times_then_not_even_the_right_one_is_looked_at(
    client: FlaskClient,
) -> None:
    assert {client.post("/sign-in", data=WRONG).status_code for _try in range(10)} == {200}
    refused = client.post("/sign-in", data=RIGHT)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "Wait a few minutes, then try again." in refused.text
    assert '<a class="button" href="/">' in refused.text
    assert client.get("/sign-in").status_code == 200


@pytest.mark.lasting
@pytest.mark.usefixtures("limited", "ada")
def test_one_address_that_is_tried_too_often_locks_out_no_other(
    client: FlaskClient, make: Factory
) -> None:
    operations.set_password(make.person(email="bob@host.example"), PASSWORD)
    for _try in range(11):
        client.post("/sign-in", data=WRONG)
    other = {"email": "bob@host.example", "password": PASSWORD}
    assert client.post("/sign-in", data=other).status_code == 302


@pytest.mark.lasting
@pytest.mark.usefixtures("limited", "ada")
def test_who_is_tried_from_everywhere_is_protected_too(client: FlaskClient) -> None:
    answers = [
        client.post(
            "/sign-in", data=WRONG, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}
        ).status_code
        for number in range(51)
    ]
    assert answers == [200] * 50 + [429]


@pytest.mark.lasting
@pytest.mark.usefixtures("limited", "ada")
def test_signing_in_rightly_counts_as_no_try_in_vain(client: FlaskClient) -> None:
    assert {client.post("/sign-in", data=RIGHT).status_code for _try in range(15)} == {302}


@pytest.mark.lasting
@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("path", ["/register", "/reset"])
@pytest.mark.parametrize("name", ["ada", "unknown"])
def test_mails_to_one_address_are_limited_known_or_not(
    client: FlaskClient, ada: Person, path: str, name: str
) -> None:
    data = {"name": "A Name", "email": f"{name}@Host.example"}
    answers = [client.post(path, data=data).status_code for _try in range(21)]
    assert answers == [302] * 20 + [429]


@pytest.mark.lasting
@pytest.mark.usefixtures("limited")
def test_mails_from_one_place_are_limited_over_all_pages_together(client: FlaskClient) -> None:
    for number in range(50):
        data = {"name": "A Name", "email": f"n{number}@host.example"}
        assert client.post("/register", data=data).status_code == 302
        assert client.post("/reset", data=data).status_code == 302
    for path in ("/register", "/reset", "/suggest", "/roster/apply"):
        assert client.post(path, data={"email": "z@host.example"}).status_code == 429, path
        assert client.get(path).status_code == 200, path


@pytest.mark.lasting
@pytest.mark.usefixtures("limited")
def test_a_form_that_has_to_be_mended_sends_no_mail_and_is_not_counted(
    client: FlaskClient,
) -> None:
    answers = {client.post("/reset", data={"email": "ada"}).status_code for _try in range(101)}
    assert answers == {200}


@pytest.mark.lasting
def test_without_its_broker_signing_in_works_and_is_limited(tmp_path: Path) -> None:
    dead = "redis://127.0.0.1:1/0"
    with second_app(tmp_path / "var", redis_url=dead) as second:
        second.config["WTF_CSRF_ENABLED"] = False
        with second.app_context():
            person = operations.know("ada@host.example")
            operations.confirm(person)
            operations.set_password(person, PASSWORD)
            database.session.commit()
        limiter.enabled = True
        try:
            browser = second.test_client()
            assert browser.post("/sign-in", data=RIGHT).status_code == 302
            answers = [browser.post("/sign-in", data=WRONG).status_code for _try in range(12)]
        finally:
            limiter.enabled = False
    assert answers[:9] == [200] * 9
    assert answers[-1] == 429


def test_the_suite_itself_is_not_limited(client: FlaskClient, ada: Person) -> None:
    assert {client.post("/sign-in", data=WRONG).status_code for _try in range(12)} == {200}
