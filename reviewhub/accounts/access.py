"""Who is asking, and whether a route lets them in. A route that declares nothing stops the boot.

@bp.get("/desk")
@allow(Role.EDITOR, Role.AUDITOR)     # one of these standing roles
@allow(PUBLIC)                        # everybody
@allow(SIGNED_IN)                     # everybody with an account
@allow(BY_OBJECT)                     # the view asks its package's policy about the object
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs

from flask import Flask, Request, current_app, g, has_request_context, redirect, request, url_for
from flask_babel import Babel
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from reviewhub.accounts import browser, links, locales, second_factor, sessions
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import catalogues, config
from reviewhub.core.db import begin_reading
from reviewhub.core.errors import NotAllowed
from reviewhub.core.i18n import _, direction, get_locale

P = ParamSpec("P")
T = TypeVar("T")


class Door(StrEnum):
    """Who may come in without a standing role."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    BY_OBJECT = "by_object"


PUBLIC, SIGNED_IN, BY_OBJECT = Door.PUBLIC, Door.SIGNED_IN, Door.BY_OBJECT
READS = frozenset({"GET", "HEAD", "OPTIONS"})

login_manager = LoginManager()
login_manager.session_protection = None  # our sessions are rows, not what Flask signs
babel = Babel()


def allow(*who: Door | Role) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Declare who may use a route; the innermost decorator of a view."""

    def declare(view: Callable[P, T]) -> Callable[P, T]:
        view.allowed = frozenset(who)  # type: ignore[attr-defined]  # read by check_routes
        return view

    return declare


def actor() -> Actor:
    """Who is asking: account, standing roles, and the link in hand (`?key=` or a `key` field)."""
    if "actor" not in g:
        person = viewer()
        key = _sent_key()
        g.actor = Actor(
            person_id=person.id if person else None,
            roles=person.roles if person and not lacks_second_factor() else frozenset(),
            grant=links.resolve(key) if key else None,
        )
    return g.actor  # type: ignore[no-any-return]  # g is untyped


def viewer() -> Person | None:
    """The signed-in person, if any; nobody outside a request."""
    if not has_request_context():
        return None
    person = current_user._get_current_object()  # noqa: SLF001 -- a proxy's one way out
    return person if person.is_authenticated else None


def lacks_second_factor() -> bool:
    """Whether the viewer has a role that opens nothing before a second factor is set up."""
    held, person = browser.held(), viewer()
    if held is None or person is None or held.has_second_factor:
        return False
    return bool(person.roles & second_factor.required_roles())


def is_known_admin() -> bool:
    """Whether an administrator asks, as far as this request has found out; it makes no query."""
    return "actor" in g and Role.ADMIN in g.actor.roles


def link_key() -> str:
    """The key of this request's link, to be carried on to the next address."""
    if actor().grant is None:
        return ""
    return _sent_key()


def use_key(text: str) -> None:
    """Let the key in `text`, an address that was pasted, say who is asking from here on."""
    key = parse_qs(text.partition("?")[2].partition("#")[0].strip()).get("key", [""])[0]
    if key:
        g.pasted_key = key
        g.pop("actor", None)


def _sent_key() -> str:
    if "pasted_key" in g:
        return str(g.pasted_key)
    try:
        return request.args.get("key") or request.form.get("key") or ""
    except HTTPException:  # a body too large to be read must still get its error page
        return ""


def check_routes(app: Flask) -> None:
    """Raise RuntimeError for every route that does not say who may use it."""
    silent = sorted(
        name
        for name, view in app.view_functions.items()
        if name != "static" and not hasattr(view, "allowed")
    )
    if silent:
        raise RuntimeError(f"routes that declare no access: {', '.join(silent)}")


def init_access(app: Flask) -> None:
    """Sign-in, language and zone of the viewer, and the guard in front of every view."""
    second_factor.required_roles()  # a setting that names no role stops the boot
    login_manager.init_app(app)
    catalogues.compile_new(catalogues.FOLDER)
    babel.init_app(
        app,
        default_translation_directories="translations",
        locale_selector=_locale,
        timezone_selector=_timezone,
    )
    app.url_value_preprocessor(_prepare)
    app.before_request(_guard)
    app.before_request(_see)
    app.teardown_request(lambda _error: begin_reading(False))
    app.context_processor(_context)


@login_manager.request_loader
def _load(_request: Request) -> Person | None:
    held = browser.held()
    return held.person if held is not None and held.totp_passed else None


def _prepare(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything else looks at the request: how its unit of work begins, and its body."""
    begin_reading(request.method in READS)
    if request.mimetype != "multipart/form-data":  # whose text parts Werkzeug counts by itself
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if request.method not in READS:
        request.form  # noqa: B018 -- read the whole body before the write lock is taken
        request.get_data()  # what is no form as well


def _guard() -> Response | None:
    view = app_view()
    allowed = getattr(view, "allowed", frozenset({PUBLIC}))
    if allowed & {PUBLIC, BY_OBJECT}:
        return None
    person = viewer()
    if person is None:
        target = request.script_root + request.full_path if request.method in READS else None
        return redirect(url_for("accounts.sign_in", next=target))
    if SIGNED_IN in allowed:
        return None
    if allowed & person.roles:
        return redirect(url_for("accounts.totp")) if lacks_second_factor() else None
    raise NotAllowed(_("This page is for other roles than yours."))


def _see() -> None:
    """Note when a session was last used; a GET never writes, and leaves it as it is."""
    if request.method not in READS and viewer() is not None:
        held = browser.held()
        if held is not None:
            sessions.see(held)


def app_view() -> Callable[..., Any] | None:
    """The view function that this request is for."""
    return current_app.view_functions.get(request.endpoint or "")


def _locale() -> str:
    if not has_request_context():
        return locales.SOURCE
    person = viewer()
    if person is not None:
        return locales.best([person.locale])
    chosen = request.cookies.get("locale", "")
    return locales.best([chosen, *request.accept_languages.values()])


def _timezone() -> str:
    person = viewer()
    return person.timezone if person else config.current().timezone


@dataclass(frozen=True)
class Viewer:
    """What the layout shows of whoever is looking."""

    is_signed_in: bool = False
    is_staff: bool = False
    name: str = ""
    unread: int = 0


@dataclass(frozen=True)
class PageLocale:
    """The language of the page, for its lang and dir attributes."""

    lang: str
    dir: str
    choices: tuple[tuple[str, str], ...]


def _context() -> dict[str, Any]:
    lang = get_locale()
    return {
        "actor": actor(),
        "viewer": _viewer_once(),
        "key": link_key(),
        "locale": PageLocale(lang, direction(lang), _offered()),
        "demo": config.current().demo,
    }


def _viewer_once() -> Viewer:
    """Asked for once per request: a page of notices renders many small templates."""
    if "viewer" not in g:
        g.viewer = _viewer_context()
    return g.viewer  # type: ignore[no-any-return]  # g is untyped


def _viewer_context() -> Viewer:
    held, person = browser.held(), viewer()
    if held is None or person is None:
        return Viewer()
    return Viewer(True, bool(actor().roles), person.shown_name, held.unread)


def _offered() -> tuple[tuple[str, str], ...]:
    return tuple((code, locales.autonym(code)) for code in locales.offered())
