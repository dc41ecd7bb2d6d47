"""Reading sets no cookie; choosing a language takes no token, but comes from our own pages only."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import locales
from reviewhub.accounts.models import Person
from reviewhub.taxonomy.queries import catalogue
from tests.factories import Factory
from tests.library.shelf import put


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forms need their token, as outside the tests; two languages are on offer."""
    monkeypatch.setattr(locales, "offered", lambda: ("en", "fr"))
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.lasting
@pytest.mark.usefixtures("guarded")
def test_reading_sets_no_cookie(client: FlaskClient, db: scoped_session[Session]) -> None:
    resource = put("Handbook of consular practice")
    db.flush()
    topics = catalogue().topic_slug
    pages = ["/", "/library", "/library?q=handbook", f"/resources/{resource.slug}"]
    for path in [*pages, f"/{topics}", f"/{topics}/14", "/how-we-review", "/no/page/here"]:
        response = client.get(path)
        assert response.status_code == (404 if path == "/no/page/here" else 200), path
        assert "Set-Cookie" not in response.headers, path
        assert 'action="/language"' in response.text, path


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://localhost"},
    ],
)
def test_a_language_is_chosen_without_a_token(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.post("/language", data={"locale": "fr"}, headers=headers)
    assert response.status_code == 302
    assert client.get_cookie("locale").value == "fr"


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_another_site_chooses_nobodys_language(
    sign_in: Callable[[Person], FlaskClient], make: Factory, headers: dict[str, str]
) -> None:
    ada = make.person()
    browser = sign_in(ada)
    response = browser.post("/language", data={"locale": "fr"}, headers=headers)
    assert response.status_code == 403
    assert browser.get_cookie("locale") is None
    assert ada.locale == "en"


@pytest.mark.usefixtures("guarded")
def test_every_other_form_still_needs_its_token(client: FlaskClient) -> None:
    for path in ("/sign-in", "/sign-out", "/register", "/reset", "/suggest"):
        assert client.post(path, data={"email": "ada@host.example"}).status_code == 400, path
