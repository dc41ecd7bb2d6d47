"""Who is let in: each door and role, tried on routes of its own."""

from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, Flask, jsonify
from flask.testing import FlaskClient

from reviewhub.accounts import links, queries, sessions
from reviewhub.accounts.access import (
    BY_OBJECT,
    PUBLIC,
    SIGNED_IN,
    Door,
    actor,
    allow,
    check_routes,
    link_key,
)
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person, StandingRole
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.core import clock
from reviewhub.core.db import db, reading
from tests.factories import UNUSABLE
from tests.second_app import second_app

DOORS: dict[str, tuple[Door | Role, ...]] = {
    "public": (PUBLIC,),
    "object": (BY_OBJECT,),
    "signed-in": (SIGNED_IN,),
    "editors": (Role.EDITOR,),
    "watchers": (Role.EDITOR, Role.AUDITOR),
    "nobody": (),
}
PEOPLE: dict[str, tuple[Role, ...]] = {
    "plain": (),
    "editor": (Role.EDITOR,),
    "auditor": (Role.AUDITOR,),
    "manager": (Role.ROSTER_MANAGER,),
    "admin": (Role.ADMIN,),
    "everything": tuple(STANDING),
}
# Who comes in where, apart from the doors that are open to all.
ENTERS = {
    "signed-in": set(PEOPLE),
    "editors": {"editor", "everything"},
    "watchers": {"editor", "auditor", "everything"},
    "nobody": set(),
}


def _blueprint() -> Blueprint:
    bp = Blueprint("doors", __name__, url_prefix="/doors/to")
    for name, who in DOORS.items():

        def view() -> object:
            me = actor()
            grant = me.grant.object_id if me.grant else None
            return jsonify(
                person=me.person_id,
                acting=me.acting_person_id,
                roles=sorted(me.roles),
                grant=grant,
                key=link_key(),
            )

        bp.add_url_rule(f"/{name}", name, allow(*who)(view), methods=["GET", "POST"])
    return bp


@pytest.fixture(scope="module")
def doors(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with one route per door, and one person per set of roles."""
    with second_app(tmp_path_factory.mktemp("doors"), _blueprint()) as second:
        second.config["WTF_CSRF_ENABLED"] = False
        with second.app_context():
            for name, roles in (*PEOPLE.items(), ("suspended", (Role.EDITOR,)), ("guest", ())):
                person = Person(
                    email=f"{name}@host.example",
                    confirmed_at=clock.now(),
                    password_hash=None if name == "guest" else UNUSABLE,
                    suspended_at=clock.now() if name == "suspended" else None,
                )
                person.grants = [StandingRole(role=role) for role in roles]
                db.session.add(person)
            db.session.commit()
        yield second


def _id(app: Flask, name: str) -> int:
    with app.app_context(), reading():
        query = db.select(Person.id).where(Person.email == f"{name}@host.example")
        found: int = db.session.scalars(query).one()
        return found


@pytest.fixture
def browser(doors: Flask) -> Callable[[str], FlaskClient]:
    """A browser signed in as one of the people, or as nobody for an empty name."""

    def sign_in(name: str) -> FlaskClient:
        client = doors.test_client()
        if name:
            number = _id(doors, name)
            with doors.app_context():
                token = sessions.begin(queries.get(number), user_agent="")
                db.session.commit()
            client.set_cookie("reviewhub_session", token)
        return client

    return sign_in


@pytest.mark.lasting
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", PEOPLE)
def test_each_role_comes_in_exactly_where_it_is_named(
    browser: Callable[[str], FlaskClient], name: str, door: str, method: str
) -> None:
    response = browser(name).open(f"/doors/to/{door}", method=method)
    expected = 200 if name in ENTERS.get(door, PEOPLE) else 403
    assert response.status_code == expected
    if expected == 403:
        assert "This page is for other roles than yours." in response.text


@pytest.mark.parametrize("name", ["", "suspended", "guest"])
@pytest.mark.parametrize("door", DOORS)
def test_who_is_not_signed_in_is_asked_to_and_comes_back_afterwards(
    browser: Callable[[str], FlaskClient], name: str, door: str
) -> None:
    response = browser(name).get(f"/doors/to/{door}?page=2")
    if door in {"public", "object"}:
        assert response.json["person"] is None
        assert response.json["roles"] == []
    else:
        assert response.status_code == 302
        assert response.location == f"/sign-in?next=/doors/to/{door}?page%3D2"


def test_what_was_being_sent_is_not_sent_again_after_signing_in(
    browser: Callable[[str], FlaskClient],
) -> None:
    assert browser("").post("/doors/to/editors").location == "/sign-in"


@pytest.mark.parametrize("token", ["", "0", "x", "²", "1 OR 1=1", "a" * 43, "a" * 3000])
def test_a_token_of_no_session_is_nobody(doors: Flask, token: str) -> None:
    client = doors.test_client()
    client.set_cookie("reviewhub_session", token)
    assert client.get("/doors/to/public").json["person"] is None


def test_a_link_acts_for_its_person_and_carries_its_key_on(
    doors: Flask, browser: Callable[[str], FlaskClient]
) -> None:
    guest = _id(doors, "guest")
    with doors.app_context():
        key = links.token(links.ensure(Capability.SUBMISSION, 7, person_id=guest))
        db.session.commit()
    by_address = browser("").get("/doors/to/object", query_string={"key": key}).json
    by_form = browser("").post("/doors/to/object", data={"key": key}).json
    assert by_address == by_form
    assert by_address == {"person": None, "acting": guest, "roles": [], "grant": 7, "key": key}


def test_a_link_in_a_signed_in_browser_acts_for_the_links_person(
    doors: Flask, browser: Callable[[str], FlaskClient]
) -> None:
    guest = _id(doors, "guest")
    with doors.app_context():
        key = links.token(links.ensure(Capability.SUBMISSION, 8, person_id=guest))
        db.session.commit()
    seen = browser("editor").get("/doors/to/object", query_string={"key": key}).json
    assert (seen["person"], seen["acting"]) == (_id(doors, "editor"), guest)


def test_a_wrong_key_gives_nothing_and_goes_no_further(
    browser: Callable[[str], FlaskClient],
) -> None:
    seen = browser("").get("/doors/to/object?key=1.wrong").json
    assert (seen["grant"], seen["key"]) == (None, "")


def test_a_link_opens_no_door_that_asks_for_an_account(
    doors: Flask, browser: Callable[[str], FlaskClient]
) -> None:
    with doors.app_context():
        link = links.ensure(Capability.ACCOUNT, 1, person_id=_id(doors, "editor"))
        key = links.token(link)
        db.session.commit()
    for door in ("signed-in", "editors"):
        assert browser("").get(f"/doors/to/{door}", query_string={"key": key}).status_code == 302


def test_a_route_that_declares_nothing_stops_the_boot() -> None:
    app = Flask("silent")

    @app.get("/declared")
    @allow(PUBLIC)
    def declared() -> str:
        return ""

    check_routes(app)
    app.add_url_rule("/silent", "silent", lambda: "")
    with pytest.raises(RuntimeError, match="declare no access: silent"):
        check_routes(app)


def test_every_route_of_the_application_declares_who_may_use_it(app: Flask) -> None:
    check_routes(app)
