"""Pieces of pages that are written once."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from markupsafe import Markup

from reviewhub.accounts.actor import SYSTEM
from reviewhub.core.i18n import get_locale
from reviewhub.library import operations
from reviewhub.library.views import kept
from tests.library.shelf import put


def test_an_entry_is_written_once_and_anew_when_it_changed(client: FlaskClient, db: Any) -> None:
    resource = put("The first study", description="An early word")
    assert "An early word" in client.get("/library").text
    pieces = dict(kept._pieces)
    assert "An early word" in client.get("/library").text
    assert dict(kept._pieces) == pieces
    operations.correct(resource, by=SYSTEM, changes={"description": "A late word"}, note="")
    page = client.get("/library").text
    assert "A late word" in page
    assert "An early word" not in page


def test_each_language_has_its_own(app: Flask, db: Any) -> None:
    def macro(number: int) -> Markup:
        return Markup(f"{number} {get_locale()}")

    macro.name = "of a test"  # type: ignore[attr-defined]
    with app.test_request_context("/"):
        for locale in ("en", "ar", "en"):
            with force_locale(locale):
                assert kept.kept(macro, 1) == f"1 {locale}"


def test_there_is_an_end_to_what_is_kept(client: FlaskClient, db: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    kept._pieces.clear()
    for number in range(6):
        put(f"Study {number}")
    assert client.get("/library").text.count('class="entry-title"') == 6
    assert len(kept._pieces) == 3


def test_a_whole_page_is_written_once_for_all_and_anew_after_a_publication(
    client: FlaskClient, db: Any, sign_in: Any, make: Any, monkeypatch: Any
) -> None:
    put("The first study")
    first = client.get("/library")
    assert "The first study" in first.text
    kept._pages[next(reversed(kept._pages))] = "the kept page"
    assert client.get("/library").text == "the kept page"
    assert client.get("/library?q=study").text != "the kept page"
    with monkeypatch.context() as patched:
        patched.setattr(kept, "get_locale", lambda: "ar")
        assert client.get("/library").text != "the kept page"
    signed_in = sign_in(make.person("Nadia Reader")).get("/library")
    assert "Nadia Reader" in signed_in.text, "who is signed in gets a page of their own"
    put("The second study")
    assert "The second study" in client.get("/library").text
    assert "Nadia Reader" not in client.get("/library").text


def test_a_page_with_a_word_for_one_reader_is_kept_for_nobody(client: FlaskClient, db: Any) -> None:
    put("The first study")
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "Only for you.")]
    assert "Only for you." in client.get("/library").text
    assert "Only for you." not in client.application.test_client().get("/library").text  # type: ignore[attr-defined]


def test_there_is_an_end_to_the_pages_kept(client: FlaskClient, db: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(kept, "MOST_PAGES", 3)
    kept._pages.clear()
    for word in "abcdef":
        client.get(f"/library?q={word}")
    assert len(kept._pages) == 3
    monkeypatch.setattr(kept, "LONGEST", 10)
    kept._pages.clear()
    client.get("/library")
    assert not kept._pages
