"""Every error is a page with the right status, a sentence and a way on."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db
from tests.factories import UNUSABLE
from tests.second_app import second_app

ESCAPED = "This &lt;b&gt;sentence&lt;/b&gt; is for you &amp; me."


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("domain", 400),
        ("input", 422),
        ("allowed", 403),
        ("found", 404),
        ("state", 409),
        ("link", 410),
    ],
)
def test_what_the_domain_refuses_is_told_in_its_own_sentence_as_text(
    browser: FlaskClient, name: str, status: int
) -> None:
    response = browser.get(f"/raise/{name}")
    assert response.status_code == status
    assert ESCAPED in response.text


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("row", 404, "There is no page here."),
        ("stale", 409, "Somebody else changed this first."),
        ("contradiction", 409, "contradicts what is already recorded"),
        ("unfit", 400, "This request can't be understood."),
        ("database", 503, "The database does not answer right now."),
        ("limit", 429, "That was a lot of tries."),
        ("bug", 500, "Something broke on our side."),
    ],
)
def test_what_goes_wrong_inside_is_told_without_its_secrets(
    browser: FlaskClient, name: str, status: int, words: str
) -> None:
    response = browser.get(f"/raise/{name}")
    assert response.status_code == status
    assert words in response.text
    assert "secret" not in response.text


@pytest.mark.parametrize("name", ["domain", "stale", "database", "limit", "bug"])
def test_every_error_page_has_a_heading_a_title_and_a_way_on(
    browser: FlaskClient, name: str
) -> None:
    page = browser.get(f"/raise/{name}").text
    assert "<h1></h1>" not in page
    assert "<title> " not in page
    assert '<a class="button" href="/">' in page


def test_a_database_that_is_away_says_when_to_come_back(browser: FlaskClient) -> None:
    assert browser.get("/raise/database").headers["Retry-After"] == "10"


@pytest.mark.lasting
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_database_that_is_really_away_is_a_503_too(
    app: Flask, tmp_path: Path, signed_in: bool
) -> None:
    with second_app(tmp_path / "var") as second:
        second.config["PROPAGATE_ERRORS"] = False
        browser = second.test_client()
        if signed_in:
            browser.set_cookie("reviewhub_session", "a token")
        with second.app_context():
            db.session.add(
                Person(email="a@b.example", confirmed_at=clock.now(), password_hash=UNUSABLE)
            )
            db.session.commit()
            assert browser.get("/healthz").status_code == 200
            db.session.remove()
            db.engine.dispose()
        (tmp_path / "var").rename(tmp_path / "gone")
        response = browser.get("/healthz")
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "10"
        assert "The database does not answer right now." in response.text
        assert "no-store" in response.headers["Cache-Control"] or not signed_in
        (tmp_path / "gone").rename(tmp_path / "var")


def test_an_address_that_leads_nowhere_is_a_404(browser: FlaskClient) -> None:
    response = browser.get("/no/such/page/here")
    assert response.status_code == 404
    assert "There is no page here." in response.text


def test_an_address_used_the_wrong_way_is_a_405_that_names_the_right_one(
    browser: FlaskClient,
) -> None:
    response = browser.get("/a/sample/note")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert "be used that way." in response.text


def test_ten_megabytes_in_one_field_are_a_413(browser: FlaskClient) -> None:
    response = browser.post("/a/sample/note", data={"title": "x" * 10_000_000})
    assert response.status_code == 413
    assert "This is more than we take in one go." in response.text


def test_ten_megabytes_of_a_form_with_files_are_a_413(browser: FlaskClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n%b\r\n--x--\r\n'
    response = browser.post(
        "/a/sample/note",
        data=part % (b"x" * 10_000_000),
        content_type="multipart/form-data; boundary=x",
    )
    assert response.status_code == 413


def test_a_forged_form_is_refused_and_changes_nothing(sample: Flask, browser: FlaskClient) -> None:
    sample.config["WTF_CSRF_ENABLED"] = True
    try:
        response = browser.post("/a/sample/note", data={"title": "forged"})
    finally:
        sample.config["WTF_CSRF_ENABLED"] = False
    assert response.status_code == 400
    assert "This form was open for too long or came from elsewhere." in response.text


@pytest.mark.parametrize(
    "path", ["/%ff", "/library?q=%ff%fe", "/library?q=%00", "/healthz?key=%ff"]
)
def test_broken_addresses_never_break_the_application(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code in {200, 400, 404}


def test_a_bug_is_raised_where_tests_want_to_see_it(sample: Flask, browser: FlaskClient) -> None:
    sample.config["PROPAGATE_ERRORS"] = True
    try:
        with pytest.raises(ZeroDivisionError):
            browser.get("/raise/bug")
    finally:
        sample.config["PROPAGATE_ERRORS"] = False
