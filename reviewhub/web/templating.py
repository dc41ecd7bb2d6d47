"""How moments, days and deadlines read, in the viewer's language and zone; and what is kept.

The frame is the same on many pages: what `written_once` is given is written once for each key.
"""

from collections.abc import Callable, Hashable, Iterable, MutableMapping
from datetime import date, datetime
from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any, TypeVar

import babel.dates
from flask import Flask
from flask.templating import Environment
from flask_babel import format_date, to_user_timezone
from jinja2 import FileSystemBytecodeCache, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from reviewhub.core import clock, config
from reviewhub.core.i18n import _, get_locale, ngettext, translations
from reviewhub.web.addresses import absolute

T = TypeVar("T")

COMPILED = "templates"  # a folder in var; where it is there, templates are compiled once for all


def format_moment(moment: datetime) -> str:
    """Day and time in the viewer's zone: "24 Nov 2026, 14:05"."""
    local = to_user_timezone(moment)
    return f"{_written_day(local.date(), get_locale())}, {local:%H:%M}"


def format_day(day: date | datetime) -> str:
    """Day only, in the viewer's zone where it is a moment: "24 Nov 2026"."""
    if isinstance(day, datetime):
        day = to_user_timezone(day).date()
    return _written_day(day, get_locale())


@lru_cache(maxsize=4096)
def _written_day(day: date, locale: str) -> str:
    """Kept, because a list repeats few days many times."""
    return str(babel.dates.format_date(day, "d MMM y", locale=locale))


def due_words(due: datetime, now: datetime | None = None) -> str:
    """How far away a deadline is: "in 3 days", "today", "overdue by 2 days"."""
    return _written_distance((due.date() - (now or clock.now()).date()).days, get_locale())


@lru_cache(maxsize=4096)
def _written_distance(days: int, _locale: str) -> str:
    """Kept for each language, as days are."""
    if days > 0:
        return str(ngettext("in %(num)d day", "in %(num)d days", days))
    if days == 0:
        return str(_("today"))
    return str(ngettext("overdue by %(num)d day", "overdue by %(num)d days", -days))


def format_partial_date(text: str) -> str:
    """A publication date of which only the year, or year and month, may be known."""
    parts = [int(part) for part in text.split("-") if part.isdigit()]
    if len(parts) == 3:
        return str(format_date(date(*parts), "d MMMM y"))
    if len(parts) == 2:
        return str(format_date(date(parts[0], parts[1], 1), "MMMM y"))
    return text


def upper_first(text: object) -> str:
    """The text with its first letter in upper case: a word of the hub at the start of a line."""
    words = str(text)
    return words[:1].upper() + words[1:]


def iso_day(text: str) -> str:
    """A day given as ISO text, as it stands in a mail's context."""
    return format_day(date.fromisoformat(text[:10]))


class PageContext(Context):
    """What a template is drawn with; it calls macros and functions by a shorter way than Jinja's.

    A page calls two hundred of them, and Jinja looks at each from all sides first.
    """

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What a macro or a function answers; whatever else can be called, Jinja calls."""
        kind = type(called)
        if kind is not Macro:
            if kind is not FunctionType and kind is not MethodType:
                return super().call(called, *args, **kwargs)
            wanted = getattr(called, "jinja_pass_arg", None)
            if wanted is not None and wanted is not _BY_EVAL_CONTEXT:
                return super().call(called, *args, **kwargs)
            if wanted is None:
                return called(*args, **_own(kwargs))
        return called(self.eval_ctx, *args, **_own(kwargs))


def _own(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Without what compiled templates hand along for functions that ask for the context."""
    if kwargs:
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
    return kwargs


class PageEnvironment(Environment):
    """Where templates are kept, whose globals are all there before the first is loaded.

    So each gets them as one dict. Jinja's layers of them, which can still grow, are compared key by
    key whenever a template imports macros: eight times on a page of the desk.
    """

    context_class = PageContext

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of one template, with further ones of its own."""
        return {**self.globals, **(d or {})}


class WrittenOnce:
    """Pieces of pages by their keys; when there are too many, it begins anew.

    {% call written_once('footer', locale.lang, hub.stamp) %}…{% endcall %}

    The key must name everything that the piece depends on: what is one viewer's has no place in
    it but by the key.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: dict[tuple[object, ...], Markup] = {}

    def __call__(self, *key: object, caller: Callable[[], Markup]) -> Markup:
        """The piece of this key, written by `caller` where there is none yet."""
        piece = self._pieces.get(key)
        return self._keep(key, caller()) if piece is None else piece

    def each(
        self,
        things: Iterable[tuple[Hashable, T]],
        read: Callable[[T], object],
        *key: object,
        caller: Callable[[object], Markup],
    ) -> Markup:
        """The pieces of many things in a row, each by a key of its own beside the common one.

        Only what is not there yet is read, and handed to `caller`.
        """
        found = []
        for own, thing in things:
            whole = (own, *key)
            piece = self._pieces.get(whole)
            found.append(self._keep(whole, caller(read(thing))) if piece is None else piece)
        return Markup("".join(found))  # noqa: S704 -- of such pieces only

    def _keep(self, key: tuple[object, ...], piece: Markup) -> Markup:
        if len(self._pieces) >= self._most:
            self._pieces.clear()
        self._pieces[key] = piece
        return piece


def _init_translations(app: Flask) -> None:
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of an extension
        gettext=lambda text: translations().ugettext(text),
        ngettext=lambda one, many, num: translations().ungettext(one, many, num),
        newstyle=True,
    )
    # A page asks for some seventy texts: the extension's own way to them takes twice as long.
    app.jinja_env.globals.update(_=_translated, gettext=_translated)


@pass_eval_context
def _translated(place: EvalContext, text: str, /, **values: object) -> str:
    """A text in the reader's language, with `%(name)s` filled in and escaped where it has to be."""
    found: str = translations().ugettext(text)
    if place.autoescape:
        found = Markup(found)  # noqa: S704 -- a text of ours, or of its translators
    return found % values if "%" in found else found


_BY_EVAL_CONTEXT = _translated.jinja_pass_arg  # type: ignore[attr-defined]  # set by its decorator


def init_templating(app: Flask) -> None:
    """Give the filters to every template. After the languages: their texts are looked up here."""
    _init_translations(app)
    if (folder := config.current().var / COMPILED).is_dir():
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))
    app.jinja_env.filters.update(
        format_moment=format_moment,
        format_day=format_day,
        due_words=due_words,
        partial_date=format_partial_date,
        iso_day=iso_day,
        upper_first=upper_first,
    )
    app.jinja_env.globals.update(
        now=clock.now,
        absolute=absolute,
        written_once=WrittenOnce(500),
        row_written_once=WrittenOnce(1_000),  # about 1 KB each
        filter_written_once=WrittenOnce(200),  # about 4 KB each
        large_written_once=WrittenOnce(6),  # a hundred times that
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
