"""`reviewhub translations`: the catalogues of the pages' languages, from the code to the program.

reviewhub translations extract           every marked text, into messages.pot
reviewhub translations update fr ar      the catalogues brought up to date, new ones begun
reviewhub translations compile           what the application reads; it does so at its start too
reviewhub translations pseudo ar         a made-up catalogue that shows what nobody marked
"""

import configparser
import re
from pathlib import Path

import click
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from reviewhub.core import catalogues
from reviewhub.core.catalogues import DOMAIN, FOLDER

PACKAGE = FOLDER.parent
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None}  # `_`, `_l` and `ngettext` are how texts are marked
COMMENTS = ("Translators:",)

# What a made-up translation begins and ends with; what stands on a page outside was not marked.
OPEN, CLOSE = "⟦", "⟧"
LONGER = 0.4  # translations of English are up to this much longer
_FILLING = {"ltr": "ěščřž", "rtl": "ابجدهو"}
_LINE_END = re.compile(r"(\n+)$")


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(translations)


@click.group()
def translations() -> None:
    """Extract texts, update and compile the languages' catalogues."""


_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=FOLDER,
    show_default="the package's own",
    help="Where the catalogues stand.",
)


@translations.command()
@_folder
def extract(folder: Path) -> None:
    """Write every marked text to messages.pot."""
    catalog = template()
    _write(catalog, folder / f"{DOMAIN}.pot")
    click.echo(f"{len(catalog)} texts in {folder / DOMAIN}.pot")


@translations.command()
@click.argument("locales", nargs=-1)
@_folder
def update(locales: tuple[str, ...], folder: Path) -> None:
    """Bring catalogues up to date, all of them or the LOCALES named; new ones are begun."""
    source = template()
    for code in locales or catalogues.known(folder):
        path = catalogues.path_of(folder, code)
        catalog = (
            catalogues.read(path, code) if path.exists() else Catalog(locale=code, domain=DOMAIN)
        )
        catalog.update(source, no_fuzzy_matching=True)
        _write(catalog, path)
        waiting = sum(1 for message in catalog if message.id and not _is_translated(message))
        click.echo(f"{code}: {len(catalog)} texts, {waiting} without a translation")


@translations.command(name="compile")
@_folder
def compile_(folder: Path) -> None:
    """Compile every catalogue; refuses one whose placeholders differ from the text's."""
    for code in catalogues.known(folder):
        try:
            catalogues.compile_one(folder, code)
        except catalogues.WrongCatalogue as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{code}: compiled")


@translations.command(name="pseudo")
@click.argument("code", metavar="LOCALE")
@click.option("--folder", type=click.Path(path_type=Path), required=True,
              help="Where to; never the package's own.")  # fmt: skip
def pseudo_(code: str, folder: Path) -> None:
    """Write and compile a made-up catalogue of LOCALE."""
    if folder.resolve() == FOLDER.resolve():
        raise click.ClickException("A made-up catalogue must not stand among the real ones.")
    path = catalogues.write_compiled(pseudo(template(), code), folder)
    click.echo(f"{path}")


def template() -> Catalog:
    """Every marked text of the package, with where it stands."""
    methods, options = _mapping()
    catalog = Catalog(project="ReviewHub", domain=DOMAIN)
    found = extract_from_dir(
        PACKAGE,
        method_map=methods,
        options_map=options,
        keywords=KEYWORDS,
        comment_tags=COMMENTS,
        strip_comment_tags=True,
    )
    for filename, line, text, comments, context in found:
        catalog.add(text, locations=[(filename, line)], auto_comments=comments, context=context)
    return catalog


def pseudo(source: Catalog, code: str) -> Catalog:
    """A catalogue whose every text is marked, and longer by `LONGER`."""
    made = Catalog(locale=code, domain=DOMAIN, fuzzy=False)
    filling = _FILLING[Locale.parse(code).text_direction]
    for message in source:
        if not message.id:
            continue
        if isinstance(message.id, str):
            made.add(message.id, _marked(message.id, filling), context=message.context)
        else:
            forms = [message.id[0], *[message.id[1]] * (made.num_plurals - 1)]
            made.add(
                message.id,
                tuple(_marked(form, filling) for form in forms),
                context=message.context,
            )
    return made


def _marked(text: str, filling: str) -> str:
    """The text between the marks, with letters of the language's script added at its end."""
    wanted = max(1, round(len(text) * LONGER))
    more = (filling * (wanted // len(filling) + 1))[:wanted]
    body, line_end = _LINE_END.sub("", text), "".join(_LINE_END.findall(text))
    return f"{OPEN}{body} {more}{CLOSE}{line_end}"


def _mapping() -> tuple[list[tuple[str, str]], dict[str, dict[str, str]]]:
    """Which file is read how, from babel.cfg."""
    parser = configparser.ConfigParser()
    parser.read(FOLDER / "babel.cfg", encoding="utf-8")
    methods, options = [], {}
    for section in parser.sections():
        method, pattern = (part.strip() for part in section.split(":", 1))
        methods.append((pattern, method))
        options[pattern] = dict(parser.items(section))
    return methods, options


def _is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(texts)


def _write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, sort_by_file=True)
