"""Marking texts for translation, for code that must not know of HTTP."""

from typing import Any

import flask_babel
from flask_babel import force_locale

__all__ = ["_", "_l", "force_locale", "get_locale", "ngettext"]


def _(text: str, **values: Any) -> str:
    """The text in the reader's language, with `%(name)s` filled in."""
    return str(flask_babel.gettext(text, **values))


def _l(text: str) -> str:
    """Like `_`, but looked up when it is shown: for texts that a module holds."""
    return flask_babel.lazy_gettext(text)  # type: ignore[no-any-return]  # behaves as a str


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The form that the language uses for `num`, which is `%(num)d` in the text."""
    return str(flask_babel.ngettext(one, many, num, **values))


def get_locale() -> str:
    """The reader's language code; English where there is no reader."""
    return str(flask_babel.get_locale() or "en")
