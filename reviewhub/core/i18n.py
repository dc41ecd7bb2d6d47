"""Marking texts for translation, for code that must not know of HTTP."""

from functools import cache
from typing import Any

import flask_babel
from babel import Locale
from flask import g
from flask_babel import force_locale
from flask_babel.speaklater import LazyString

__all__ = ["_", "_l", "direction", "force_locale", "get_locale", "ngettext", "translations"]


def _(text: str, **values: Any) -> str:
    """The text in the reader's language, with `%(name)s` filled in."""
    found: str = translations().ugettext(text)
    return found % values if values else found


def _l(text: str) -> str:
    """Like `_`, but looked up when it is shown: for texts that a module holds."""
    return LazyString(_, text)  # type: ignore[no-any-return]  # behaves as a str


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The form that the language uses for `num`, which is `%(num)d` in the text."""
    return str(flask_babel.ngettext(one, many, num, **values))


def translations() -> Any:
    """The reader's catalogue, found once per request: a page asks for it a hundred times."""
    try:
        context = g._flask_babel  # noqa: SLF001 -- where Flask-Babel keeps what it found
    except (AttributeError, RuntimeError):  # not asked for yet; or outside of an application
        context = None
    found = getattr(context, "babel_translations", None)  # which force_locale puts aside
    if found is None:
        found = flask_babel.get_translations()
        if context is not None:
            context.babel_translations = found
    return found


@cache
def direction(code: str) -> str:
    """How a language is written: "rtl" or "ltr"."""
    return str(Locale.parse(code).text_direction)


def get_locale() -> str:
    """The reader's language code; English where there is no reader."""
    return str(flask_babel.get_locale() or "en")
