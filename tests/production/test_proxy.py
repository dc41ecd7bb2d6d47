"""Behind a proxy: who asks, under which host and path, and what a Host header can't do."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Blueprint, Flask, jsonify, request, url_for
from flask.testing import FlaskClient

from reviewhub.accounts.access import PUBLIC, SIGNED_IN, allow
from reviewhub.app import create_app
from reviewhub.core.db import db as handle
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from tests.factories import Factory
from tests.second_app import second_app

BASE = "https://hub.example/hub"
LINKS = re.compile(r"""(?:href|src|action|formaction|content)="((?:https?:/|/)[^"]*)\"""")


def _blueprint() -> Blueprint:
    bp = Blueprint("seen", __name__)

    @bp.get("/seen")
    @allow(PUBLIC)
    def seen() -> object:
        here = url_for("seen.seen", _external=True)
        return jsonify(from_=request.remote_addr, here=here, local=url_for("seen.seen"))

    @bp.get("/seen/by/members")
    @allow(SIGNED_IN)
    def members() -> str:
        return "in"

    return bp


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    """A browser at a hub with these settings; it need not be on this machine."""
    open_ones = []

    def start(**settings: Any) -> FlaskClient:
        given = {"base_url": "https://hub.example", "check_host": True, **settings}
        made = second_app(tmp_path / "var", _blueprint(), **given)
        app = made.__enter__()
        open_ones.append(made)
        return app.test_client()

    yield start
    for made in reversed(open_ones):
        made.__exit__(None, None, None)


def seen(client: FlaskClient, path: str = "/seen", **headers: str) -> dict[str, Any]:
    """What the application makes of a request."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.get(path, headers=names)
    assert response.status_code == 200, response.text
    return dict(response.json or {})


@pytest.mark.lasting
def test_absolute_addresses_are_those_of_the_public_one_whatever_the_proxy_says(
    hub: Callable[..., FlaskClient],
) -> None:
    client = hub()
    assert seen(client, Host="hub.example")["here"] == "https://hub.example/seen"
    assert seen(client, Host="HUB.example:8443")["here"] == "https://hub.example/seen"


@pytest.mark.lasting
@pytest.mark.parametrize(
    "host", ["evil.example", "hub.example.evil.example", "evil.example:443", "", "[", "127.0.0.1"]
)
def test_another_host_is_refused(hub: Callable[..., FlaskClient], host: str) -> None:
    response = hub().get("/seen", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.text


@pytest.mark.lasting
def test_a_forwarded_host_is_believed_from_a_trusted_proxy_only(
    hub: Callable[..., FlaskClient],
) -> None:
    names = {"Host": "hub.example", "X-Forwarded-Host": "evil.example"}
    assert hub().get("/seen", headers=names).status_code == 200
    assert hub(trusted_proxies=1).get("/seen", headers=names).status_code == 400


@pytest.mark.lasting
@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_what_machines_ask_works_under_any_name(hub: Callable[..., FlaskClient], path: str) -> None:
    assert hub().get(path, headers={"Host": "127.0.0.1:8000"}).status_code == 200


@pytest.mark.lasting
@pytest.mark.parametrize("name", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_a_hub_on_this_machine_knows_its_names(hub: Callable[..., FlaskClient], name: str) -> None:
    client = hub(base_url="http://127.0.0.1:8000")
    assert seen(client, Host=name)["here"] == "http://127.0.0.1:8000/seen"
    assert client.get("/seen", headers={"Host": "evil.example"}).status_code == 400


def test_the_host_is_checked_unless_it_is_a_demo(tmp_path: Path) -> None:
    from reviewhub.core.config import Settings  # noqa: PLC0415

    given = {"var": tmp_path, "secret_key": "k" * 40}
    assert Settings.load(**given).check_host is True
    assert Settings.load(**given, demo=True).check_host is False
    assert Settings.load(**given, check_host=False).check_host is False


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.2"), (2, "203.0.113.1")]
)
def test_who_asks_is_told_by_as_many_proxies_as_are_trusted(
    hub: Callable[..., FlaskClient], proxies: int, address: str
) -> None:
    client = hub(trusted_proxies=proxies)
    forwarded = "198.51.100.66, 203.0.113.1, 203.0.113.2"
    assert seen(client, Host="hub.example", X_Forwarded_For=forwarded)["from_"] == address


@pytest.mark.lasting
@pytest.mark.parametrize("path", ["/seen", "/hub/seen"])
def test_under_a_path_the_proxy_may_take_it_away_or_leave_it(
    hub: Callable[..., FlaskClient], path: str
) -> None:
    client = hub(base_url=BASE)
    found = seen(client, path, Host="hub.example")
    assert (found["here"], found["local"]) == (f"{BASE}/seen", "/hub/seen")


@pytest.mark.lasting
def test_a_prefix_that_the_proxy_names_is_taken(hub: Callable[..., FlaskClient]) -> None:
    client = hub(trusted_proxies=1)
    found = seen(client, Host="hub.example", X_Forwarded_Prefix="/desk")
    assert found["local"] == "/desk/seen"


@pytest.mark.lasting
def test_every_link_of_every_public_page_stays_under_the_path(
    hub: Callable[..., FlaskClient],
) -> None:
    client = hub(base_url=BASE)
    read = 0
    for path in [*public_pages(client.application), "/no/such/page"]:
        response = client.get(f"/hub{path}", headers={"Host": "hub.example"})
        if response.mimetype != "text/html":
            continue
        found = [urlsplit(link) for link in LINKS.findall(response.text)]
        outside = [link.geturl() for link in found if not link.path.startswith("/hub")]
        assert outside == [], path
        assert {link.netloc for link in found} <= {"", "hub.example"}
        read += len(found) > 3
    assert read > 5


def public_pages(app: Flask) -> list[str]:
    """The addresses of the pages that everybody may see and that need no argument."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and PUBLIC in getattr(app.view_functions[rule.endpoint], "allowed", ())
    ]


@pytest.mark.lasting
def test_whoever_must_sign_in_first_comes_back_under_the_path(
    hub: Callable[..., FlaskClient],
) -> None:
    response = hub(base_url=BASE).get("/hub/seen/by/members?a=b", headers={"Host": "hub.example"})
    assert response.status_code == 302
    assert response.location.startswith("/hub/sign-in?next=/hub/seen/by/members?a")


@pytest.mark.lasting
def test_a_mail_leads_under_the_path(hub: Callable[..., FlaskClient]) -> None:
    client = hub(base_url=BASE)
    with client.application.app_context():
        make = Factory(handle.session)
        person = make.person()
        message = Message(
            id=1, event="submissions/confirm", object_type="submissions", object_id=1,
            recipient_id=person.id, address=person.email, locale="en",
            context={"endpoint": "seen.seen", "values": {}, "link_id": None,
                     "title": "A title", "ref": "RH-2026-000001", "due": "2026-03-09"},
        )  # fmt: skip
        handle.session.add(message)
        handle.session.flush()
        text = str(render(message))
        handle.session.rollback()
    assert f"{BASE}/seen" in text
    assert "https://hub.example/seen" not in text


@pytest.mark.parametrize("base_url", ["https://hub.example", "http://203.0.113.5:8000"])
def test_a_demo_does_not_start_at_a_public_address(tmp_path: Path, base_url: str) -> None:
    with pytest.raises(RuntimeError, match="public passwords"):
        create_app(var=tmp_path, demo=True, base_url=base_url, testing=True)


@pytest.mark.lasting
def test_a_demo_on_this_machine_starts(tmp_path: Path) -> None:
    with second_app(tmp_path / "var", demo=True, base_url="http://localhost:8000") as app:
        assert isinstance(app, Flask)
