"""The headers that every response carries, whatever came of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.second_app import changed_settings

KINDS = [
    ("GET", "/healthz", 200),
    ("GET", "/static/css/base.css", 200),
    ("GET", "/away", 302),
    ("GET", "/notices", 302),
    ("GET", "/no/such/page/here", 404),
    ("GET", "/a/sample/note", 405),
    ("GET", "/raise/state", 409),
    ("GET", "/raise/bug", 500),
    ("GET", "/raise/database", 503),
    ("OPTIONS", "/a/sample/note", 200),
    ("HEAD", "/healthz", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), KINDS)
def test_every_kind_of_response_is_guarded(
    browser: FlaskClient, method: str, path: str, status: int
) -> None:
    response = browser.open(path, method=method)
    response.close()
    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert not [rule for rule in policy if "unsafe" in rule or "*" in rule]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Cache-Control" in response.headers


def test_a_signed_in_persons_pages_are_kept_by_no_cache(browser: FlaskClient) -> None:
    browser.set_cookie("reviewhub_session", "a token")
    assert browser.get("/healthz").headers["Cache-Control"] == "no-store"


def test_a_visitors_pages_are_kept_by_no_shared_cache(browser: FlaskClient) -> None:
    assert browser.get("/healthz").headers["Cache-Control"] == "private, no-cache"


def test_browsers_are_held_to_encryption_where_the_site_is_encrypted(browser: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in browser.get("/healthz").headers
    with changed_settings(base_url="https://hub.example"):
        value = browser.get("/healthz").headers["Strict-Transport-Security"]
    assert value.startswith("max-age=31536000")


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(
    browser: FlaskClient, sample: Flask
) -> None:
    cookie = browser.get("/remember/7").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
