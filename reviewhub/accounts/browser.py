"""The cookie by which a browser is known: it carries a session's random token, nothing else."""

from flask import current_app, g, request
from werkzeug.wrappers import Response

from reviewhub.accounts import sessions
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


def close_session(response: Response) -> None:
    """Sign out with this answer."""
    _end_held()
    response.delete_cookie(
        _name(),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _end_held() -> None:
    before = held()
    if before is not None:
        sessions.end(before.id)


def _name() -> str:
    return str(current_app.config["SIGN_IN_COOKIE"])
