"""The cookies by which a browser is known: each carries a random token, nothing else.

One is for a session, the other for the minutes of a visit to a provider that people sign in with.
"""

from flask import current_app, g, request
from werkzeug.wrappers import Response

from reviewhub.accounts import identities, sessions
from reviewhub.accounts.models import Person
from reviewhub.accounts.sessions import Held


def held() -> Held | None:
    """The session of the browser that asks, if it holds one; looked up once per request."""
    if "held" not in g:
        token = request.cookies.get(_name(), "")
        g.held = sessions.find(token) if token else None
    return g.held  # type: ignore[no-any-return]  # g is untyped


def open_session(response: Response, person: Person, *, totp_passed: bool = True) -> None:
    """Sign the person in with this answer; a session that the browser held before is over."""
    _end_held()
    agent = request.headers.get("User-Agent", "")
    token = sessions.begin(person, user_agent=agent, totp_passed=totp_passed)
    response.set_cookie(
        _name(),
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def visit_token() -> str:
    """What the browser was given when it left for a provider, if it did."""
    return request.cookies.get(_visit_name(), "")


def begin_visit(response: Response, token: str) -> None:
    """Give the browser, with this answer, what it will be known by when it comes back."""
    longest = identities.BACK_WITHIN + identities.CONNECT_WITHIN
    response.set_cookie(
        _visit_name(),
        token,
        max_age=int(longest.total_seconds()),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",  # the way back from the provider is a link from another site
    )


def end_visit(response: Response) -> None:
    """The browser is back and known."""
    _drop(response, _visit_name())


def close_session(response: Response) -> None:
    """Sign out with this answer."""
    _end_held()
    _drop(response, _name())


def _drop(response: Response, name: str) -> None:
    response.delete_cookie(
        name,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _end_held() -> None:
    before = held()
    if before is not None:
        sessions.end(before.id)


def _visit_name() -> str:
    return f"{_name()}_visit"


def _name() -> str:
    return str(current_app.config["SIGN_IN_COOKIE"])
