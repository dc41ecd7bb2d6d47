"""What is written once and kept: a list's entries, and whole pages for readers who see the same.

What a piece is kept under is everything that decides it, so it is never out of date.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from flask import current_app, request
from markupsafe import Markup

from reviewhub.accounts.access import link_key
from reviewhub.core import clock, filling
from reviewhub.core.i18n import get_locale
from reviewhub.library.index import changes
from reviewhub.taxonomy.queries import catalogue

MOST = 600  # pieces, of about a thousand characters each
MOST_PAGES = 80  # of at most LONGEST characters each
LONGEST = 60_000
_pieces: OrderedDict[Hashable, Markup] = OrderedDict()
_pages: OrderedDict[Hashable, str] = OrderedDict()
_lock = Lock()

View = TypeVar("View", bound=Callable[..., Any])


def kept(write: Callable[..., Markup], *shown: Hashable) -> Markup:
    """What `write` (a macro) makes of values that decide, with the reader's language, all of it."""
    key = (write.name, shown, str(get_locale()), catalogue().stamp, request.script_root)  # type: ignore[attr-defined]
    piece = _pieces.get(key)
    if piece is None:
        piece = write(*shown)
        with _lock:
            _pieces[key] = piece
            if len(_pieces) > MOST:
                _pieces.popitem(last=False)
    return piece


def for_everybody(view: View) -> View:
    """A page of the library that all readers who are nobody in particular see alike.

    It is written again once anything is published or changed, in any process: what the database
    says of the library and of the hub is asked each time.
    """

    @wraps(view)
    def answer(**values: Any) -> Any:
        key = _what_decides()
        if key is None:
            return view(**values)
        page = _pages.get(key)
        if page is None:
            page = view(**values)
            if isinstance(page, str) and len(page) <= LONGEST:
                _keep(key, page)
        return page

    return answer  # type: ignore[return-value]  # wraps keeps the signature


def _what_decides() -> Hashable | None:
    """Everything that the page depends on; None for whoever may be shown something of their own."""
    cookies = (current_app.config["SIGN_IN_COOKIE"], current_app.config["SESSION_COOKIE_NAME"])
    if link_key() or any(name in request.cookies for name in cookies):
        return None
    return (
        request.full_path, request.script_root, str(get_locale()), catalogue().stamp,
        changes.current(), clock.today(), filling.is_going_on(),
    )  # fmt: skip


def _keep(key: Hashable, page: str) -> None:
    with _lock:
        _pages[key] = page
        if len(_pages) > MOST_PAGES:
            _pages.popitem(last=False)
