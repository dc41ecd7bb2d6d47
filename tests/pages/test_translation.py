"""Nothing a person reads is left out of translation: pages, mails, and the code's sentences.

A made-up catalogue marks every text of the program, so what stands outside the marks and is no
data was not given to a translator.
"""

import ast
import os
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from click.testing import CliRunner
from jinja2 import Environment, nodes
from lxml import etree, html

from reviewhub.cli import main, translations
from reviewhub.cli.translations import CLOSE, OPEN, PACKAGE
from reviewhub.core import catalogues
from reviewhub.core.db import db
from reviewhub.notifications import rendering
from reviewhub.notifications.mails import mails
from reviewhub.notifications.models import Message
from tests.pages.conftest import BROWSER, Site
from tests.pages.known import Known
from tests.pages.pages import BY_NAME

LOCALE = "fr"
SPOKEN = ("aria-label", "title", "placeholder", "alt", "label", "data-filterable", "data-nothing")
NOT_READ = ("script", "style", "kbd", "code", "svg")
MARKS = {"_", "_l", "gettext", "ngettext"}


@pytest.fixture(scope="module")
def known(site: Site) -> Known:
    """Everything that is data, read before the first page is asked for."""
    site.speak(LOCALE)
    with site.app.app_context():
        found = Known(LOCALE)
    found.texts.add(BROWSER.casefold())
    return found


@pytest.fixture(scope="module")
def template() -> Catalog:
    """Every text of the program; nothing here writes to it."""
    return translations.template()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_text_of_a_page_can_be_translated(name, site, find, known):
    text = site.get(find(BY_NAME[name]), locale=LOCALE)
    tree = html.document_fromstring(text)
    assert tree.get("lang") == LOCALE
    assert sorted(set(_unmarked(tree, known))) == []


def _unmarked(tree: html.HtmlElement, known: Known) -> Iterator[str]:
    for element in tree.iter(etree.Element):
        spoken = [element.get(name, "") for name in SPOKEN]
        if element.tag == "input" and element.get("type") in {"submit", "button"}:
            spoken.append(element.get("value", ""))
        for value in spoken:
            if left := known.unmarked(value):
                yield left
        if element.tag not in NOT_READ and element.text:
            yield from _left(element, element.text, known)
        parent = element.getparent()
        if element.tail and parent is not None and parent.tag not in NOT_READ:
            yield from _left(parent, element.tail, known)


def _left(element: html.HtmlElement, text: str, known: Known) -> Iterator[str]:
    left = known.unmarked(text)
    if left and not (_is_set_apart(element) and known.is_part_of_data(text)):
        yield left


def _is_set_apart(element: html.HtmlElement) -> bool:
    """Whether the text stands where somebody else's words stand."""
    return bool(element.xpath("ancestor-or-self::*[self::bdi or @dir='auto' or @lang]"))


@pytest.mark.slow
def test_every_text_of_a_mail_can_be_translated(site, known):
    with site.app.app_context():
        latest = sa.select(sa.func.max(Message.id)).group_by(Message.event)
        messages = db.session.scalars(sa.select(Message).where(Message.id.in_(latest))).all()
        assert len(messages) > 15
        assert not {
            message.event: left for message in messages if (left := _in_mail(message, known))
        }


def _in_mail(message: Message, known: Known) -> list[str]:
    mail = rendering.render(message)
    body = mail.get_body(("plain",))
    assert body is not None
    lines = [mail["Subject"], *body.get_content().splitlines()]
    return [left for line in lines if (left := known.unmarked(line.removeprefix("- ")))
            and not known.is_part_of_data(line.removeprefix("- "))]  # fmt: skip


def test_every_mail_has_words_for_the_outbox():
    templates = (PACKAGE / "templates" / "email").glob("*/*.txt")
    events = {f"{path.parent.name}/{path.stem}" for path in templates}
    assert events == set(mails())


@pytest.mark.slow
def test_every_mark_is_found_and_holds_a_text(template):
    """Whatever `_` is given is a text that stands there, so that extraction sees it."""
    extracted = set()
    for message in template:
        extracted |= set(message.id if isinstance(message.id, tuple) else (message.id,))
    marked = [*_marks_in_code(), *_marks_in_templates()]
    assert len(marked) > 1000
    assert not [where for where, text in marked if text is None], "marks without a text"
    assert not [(where, text) for where, text in marked if text not in extracted]


def _marks_in_code() -> Iterator[tuple[str, str | None]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == PACKAGE / "core" / "i18n.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (
                node.func.id in MARKS
            ):  # fmt: skip
                first = node.args[0]
                text = first.value if isinstance(first, ast.Constant) else None
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


def _marks_in_templates() -> Iterator[tuple[str, str | None]]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted((PACKAGE / "templates").rglob("*.*")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for node in tree.find_all(nodes.Call):
            if isinstance(node.node, nodes.Name) and node.node.name in MARKS:
                first = node.args[0]
                text = first.value if isinstance(first, nodes.Const) else None
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


SENTENCES = {"flash", "InvalidInput", "NotAllowed", "NotFound", "WrongState", "LinkExpired",
             "DomainError"}  # fmt: skip


@pytest.mark.lasting
def test_every_sentence_for_a_person_is_marked():
    """What is flashed or raised for a person is never a text that no translator sees."""
    bare = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name not in {"cli", "launcher"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id in SENTENCES and node.args
        and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
        and not _is_only_data(node.args[0])
    ]  # fmt: skip
    assert not bare


def _is_only_data(node: ast.Constant | ast.JoinedStr) -> bool:
    if isinstance(node, ast.Constant):
        return not any(c.isalpha() for c in str(node.value))
    return not any(
        isinstance(part, ast.Constant) and any(c.isalpha() for c in str(part.value))
        for part in node.values
    )


@pytest.mark.slow
def test_catalogues_are_extracted_begun_updated_and_compiled(tmp_path):
    run = CliRunner()
    at = ["--folder", str(tmp_path)]
    assert run.invoke(main, ["translations", "extract", *at]).exit_code == 0
    with (tmp_path / "messages.pot").open("rb") as file:
        assert len(read_po(file)) > 1000
    begun = run.invoke(main, ["translations", "update", "ar", *at])
    assert begun.exit_code == 0, begun.output
    path = tmp_path / "ar" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale="ar")
    assert catalog.num_plurals == 6
    catalog["Sign in"].string = "تسجيل الدخول"
    translations._write(catalog, path)
    updated = run.invoke(main, ["translations", "update", *at])
    assert updated.output.startswith("ar: ")
    assert "تسجيل الدخول" in path.read_text(encoding="utf-8")
    assert run.invoke(main, ["translations", "compile", *at]).exit_code == 0
    assert path.with_suffix(".mo").exists()


def _written(path: Path) -> tuple[int, ...]:
    """What changes of a file when it is written; the time of reading it changes by itself."""
    now = path.stat()
    return now.st_ino, now.st_size, now.st_mtime_ns


@pytest.mark.slow
def test_what_a_translator_leaves_is_compiled_when_the_application_starts(
    tmp_path, caplog, template
):
    made = translations.pseudo(template, "fr")
    path = catalogues.path_of(tmp_path, "fr")
    translations._write(made, path)
    catalogues.compile_new(tmp_path)
    compiled = path.with_suffix(".mo")
    first = _written(compiled)
    with compiled.open("rb") as file:
        assert GNUTranslations(file).gettext("Sign in") == made["Sign in"].string
    catalogues.compile_new(tmp_path)
    assert _written(compiled) == first, "what is compiled stays"
    made["Error %(status)s"].string = "Erreur %(number)s"
    translations._write(made, path)
    os.utime(path, ns=(first[-1] + 10**9,) * 2)
    catalogues.compile_new(tmp_path)
    assert "Error %(status)s" in caplog.text
    assert _written(compiled) == first, "the pages go on as they were"


@pytest.mark.slow
def test_a_catalogue_with_a_wrong_placeholder_is_refused(tmp_path):
    run = CliRunner()
    at = ["--folder", str(tmp_path)]
    run.invoke(main, ["translations", "update", "fr", *at])
    path = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale="fr")
    catalog["Error %(status)s"].string = "Erreur %(number)s"
    translations._write(catalog, path)
    refused = run.invoke(main, ["translations", "compile", *at])
    assert refused.exit_code == 1
    assert "Error %(status)s" in refused.output


@pytest.mark.slow
def test_a_made_up_catalogue_marks_texts_and_keeps_their_placeholders(template):
    made = translations.pseudo(template, "ar")
    text = made["Error %(status)s"].string
    assert text.startswith(f"{OPEN}Error %(status)s ")
    assert text.endswith(CLOSE)
    assert len(text) >= 1.4 * len("Error %(status)s")
    assert len(made["in %(num)d day"].string) == 6
    run = CliRunner().invoke(
        main, ["translations", "pseudo", "ar", "--folder", str(translations.FOLDER)]
    )
    assert run.exit_code == 1
