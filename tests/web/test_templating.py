"""How moments, days and deadlines read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from babel.support import Translations
from flask import Flask, render_template_string
from flask_babel import get_domain
from jinja2 import pass_context
from markupsafe import Markup

from reviewhub.core.i18n import _, force_locale
from reviewhub.web.templating import (
    WrittenOnce,
    due_words,
    format_day,
    format_moment,
    format_partial_date,
    iso_day,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_request(app: Flask) -> Iterator[None]:
    """Somebody is looking."""
    with app.test_request_context():
        yield


@pytest.fixture
def french() -> Iterator[None]:
    """A catalogue of one text."""
    catalogue = Translations()
    catalogue._catalog = {"Library of %(name)s": "Bibliothèque de %(name)s"}
    known = get_domain().cache
    known["fr", "messages"] = catalogue
    yield
    del known["fr", "messages"]


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(days=3), "in 3 days"),
        (timedelta(hours=13), "in 1 day"),
        (timedelta(hours=3), "today"),
        (timedelta(hours=-3), "today"),
        (timedelta(days=-1), "overdue by 1 day"),
        (timedelta(days=-2), "overdue by 2 days"),
    ],
)
def test_a_deadline_says_how_far_away_it_is(away: timedelta, words: str) -> None:
    assert due_words(NOON + away, NOON) == words


def test_days_and_moments_read_in_the_viewers_language() -> None:
    assert format_moment(NOON) == "2 Mar 2026, 12:00"
    assert format_day(NOON) == format_day(date(2026, 3, 2)) == iso_day("2026-03-02") == "2 Mar 2026"
    assert iso_day("2026-03-02T23:59:00+00:00") == "2 Mar 2026"
    with force_locale("fr"):
        assert format_day(NOON) == "2 mars 2026"


@pytest.mark.parametrize(
    ("known", "words"),
    [("2024-05-01", "1 May 2024"), ("2024-05", "May 2024"), ("2024", "2024"), ("", "")],
)
def test_a_date_shows_only_what_is_known_of_it(known: str, words: str) -> None:
    assert format_partial_date(known) == words


def test_a_text_is_looked_up_in_the_language_of_the_moment(french: None) -> None:
    template = "{{ _('Library of %(name)s', name='Ana') }}"
    english = render_template_string(template)
    with force_locale("fr"):
        assert render_template_string(template) == "Bibliothèque de Ana"
        assert _("Library of %(name)s", name="Ana") == "Bibliothèque de Ana"
    assert english == "Library of Ana"
    assert render_template_string(template) == english


def test_a_piece_is_written_once_for_each_key(app: Flask) -> None:
    template = "{% call written_once('test', key) %}<b>{{ word }}</b>{% endcall %}"
    assert render_template_string(template, key=1, word="one") == "<b>one</b>"
    assert render_template_string(template, key=1, word="changed") == "<b>one</b>"
    assert render_template_string(template, key=2, word="two & more") == "<b>two &amp; more</b>"


def test_of_many_things_only_what_is_new_is_read_and_written(app: Flask) -> None:
    read: list[str] = []

    def words(name: str) -> str:
        read.append(name)
        return f"{name} & more"

    template = (
        "{% call(text) row_written_once.each(things, words, 'de') %}<b>{{ text }}</b>{% endcall %}"
    )
    first = render_template_string(template, things=[(1, "a"), (2, "b")], words=words)
    again = render_template_string(template, things=[(2, "b"), (3, "<c>")], words=words)
    assert first == "<b>a &amp; more</b><b>b &amp; more</b>"
    assert again == "<b>b &amp; more</b><b>&lt;c&gt; &amp; more</b>"
    assert read == ["a", "b", "<c>"]


def test_the_pieces_of_things_do_not_grow_without_end() -> None:
    pieces = WrittenOnce(most=3)
    pieces.each([(n, n) for n in range(4)], str, caller=lambda _words: Markup("x"))
    assert len(pieces._pieces) == 1


def test_templates_call_whatever_can_be_called() -> None:
    class Callable:
        def __call__(self, word: str) -> str:
            return f"<{word}>"

        def method(self, word: str, *, end: str = "") -> str:
            return word + end

    @pass_context
    def of_context(context: Any, name: str) -> Any:
        return context[name]

    template = (
        "{% macro mark(word, end='') %}<i>{{ word }}{{ end }}"
        "{% if caller %}{{ caller() }}{% endif %}</i>{% endmacro %}"
        "{% for one in ['a&b'] %}{% set last = one %}"
        "{{ mark(one, end='!') }}{% call mark(one) %}?{% endcall %}"
        "{{ thing(one) }}{{ thing.method(one, end='.') }}{{ of_context('last') }}"
        "{{ dict(a=one).a }}"
        "{% endfor %}"
    )
    assert render_template_string(template, thing=Callable(), of_context=of_context) == (
        "<i>a&amp;b!</i><i>a&amp;b?</i>&lt;a&amp;b&gt;a&amp;b.a&amp;ba&amp;b"
    )


def test_pieces_do_not_grow_without_end() -> None:
    pieces = WrittenOnce(most=3)
    for number in range(4):
        pieces(number, caller=lambda: Markup("x"))
    assert len(pieces._pieces) == 1
