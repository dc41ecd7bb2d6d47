"""How often one may try: counted by the broker for all processes, by each for itself without it.

A limit that is reached answers 429 and says when to come back. What counts is what was tried in
vain (a password) or what sent a mail; whoever is signed in sends mails only in their own name.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from reviewhub.accounts import browser
from reviewhub.accounts.access import viewer
from reviewhub.core.config import Settings
from reviewhub.core.text import normalise_email

P = ParamSpec("P")
T = TypeVar("T")

limiter = Limiter(
    get_remote_address,
    key_prefix="reviewhub-limit",
    strategy="fixed-window",
    headers_enabled=True,  # Retry-After, above all
    in_memory_fallback_enabled=True,
)


def init_limits(app: Flask, settings: Settings) -> None:
    """Count in the broker, if there is one. Tests are limited only where they ask for it."""
    app.config["RATELIMIT_STORAGE_URI"] = _storage(settings.redis_url)
    if settings.redis_url:
        timeouts = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}
        app.config["RATELIMIT_STORAGE_OPTIONS"] = timeouts
    limiter.enabled = True  # or the hooks are left out for good
    limiter.init_app(app)
    limiter.enabled = not settings.testing


def _storage(redis_url: str) -> str:
    """The broker's address as this library writes it."""
    return redis_url.replace("redis+socket://", "redis+unix://", 1) or "memory://"


def _sent_address() -> str:
    return normalise_email(request.form.get("email", ""))[:254] or "none"


def _address_from_here() -> str:
    return f"{get_remote_address()} {_sent_address()}"


def _person() -> str:
    held = browser.held()
    return f"person {held.person.id}" if held else get_remote_address()


def _was_in_vain(response: Response) -> bool:
    return response.status_code != 302


def _led_on(response: Response) -> bool:
    return response.status_code == 302


def _is_signed_in() -> bool:
    return viewer() is not None


_tries_from_here = limiter.limit("100 per 15 minutes", methods=["POST"])
_tries_of_one = limiter.limit(
    "10 per 15 minutes", key_func=_address_from_here, methods=["POST"], deduct_when=_was_in_vain
)
_tries_of_all = limiter.limit(
    "50 per hour", key_func=_sent_address, methods=["POST"], deduct_when=_was_in_vain
)
_codes = limiter.limit(
    "10 per 15 minutes;50 per day", key_func=_person, methods=["POST"], deduct_when=_was_in_vain
)
_mails_from_here = limiter.shared_limit(
    "100 per hour", "mails", methods=["POST"], deduct_when=_led_on, exempt_when=_is_signed_in
)
_mails_to_one = limiter.shared_limit(
    "20 per hour",
    "mails to one",
    key_func=_sent_address,
    methods=["POST"],
    deduct_when=_led_on,
    exempt_when=_is_signed_in,
)

_look_ups = limiter.shared_limit(
    "30 per hour;100 per day",
    "look-ups",
    key_func=_person,
    methods=["POST"],
    exempt_when=lambda: request.form.get("then") != "look_up",
)
_uploads = limiter.shared_limit("200 per hour", "uploads", methods=["POST"])
_chunks = limiter.limit("5000 per hour", methods=["POST"])
_departures = limiter.limit("60 per 15 minutes", methods=["POST"])


def passwords(view: Callable[P, T]) -> Callable[P, T]:
    """Limit the tries at passwords: from one place, for one address, and for it from anywhere."""
    return _tries_from_here(_tries_of_one(_tries_of_all(view)))


def codes(view: Callable[P, T]) -> Callable[P, T]:
    """Limit the tries at the codes of a second factor, wherever they are sent from."""
    return _codes(view)


def mails(view: Callable[P, T]) -> Callable[P, T]:
    """Limit the mails that a visitor has sent: from one place, and to one address."""
    return _mails_from_here(_mails_to_one(view))


def departures(view: Callable[P, T]) -> Callable[P, T]:
    """Limit how often one place leaves for a provider: each time is a row, and asks it."""
    return _departures(view)


def uploads(view: Callable[P, T]) -> Callable[P, T]:
    """Limit the files that are begun to be sent from one place: each takes room on the disk."""
    return _uploads(view)


def chunks(view: Callable[P, T]) -> Callable[P, T]:
    """Limit the pieces of files from one place."""
    return _chunks(view)


def look_ups(view: Callable[P, T]) -> Callable[P, T]:
    """Limit how often somebody has us read other people's pages."""
    return _look_ups(view)
