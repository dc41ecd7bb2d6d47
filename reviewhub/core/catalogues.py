"""The catalogues of the pages' languages: a text file for people, a compiled one for the program.

translations/ar/LC_MESSAGES/messages.po     written by translators
translations/ar/LC_MESSAGES/messages.mo     made from it, when the application starts
"""

import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER = Path(__file__).parent.parent / "translations"
DOMAIN = "messages"

log = logging.getLogger("reviewhub.translations")


class WrongCatalogue(ValueError):
    """A translation whose placeholders are not those of its text; the message names each."""


def known(folder: Path) -> list[str]:
    """The codes of the languages that have a catalogue in the folder."""
    return sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def path_of(folder: Path, code: str) -> Path:
    """Where the catalogue of a language stands."""
    return folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(path: Path, code: str) -> "Catalog":
    """A catalogue as its translators wrote it."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 -- at a start it is seldom needed

    with path.open("rb") as file:
        return read_po(file, locale=code, domain=DOMAIN)


def write_compiled(catalog: "Catalog", folder: Path) -> Path:
    """Write what the program reads, and return where it is. Raises OSError."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 -- the same

    path = path_of(folder, str(catalog.locale)).with_suffix(".mo")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: several processes may start at once.
    number, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(number, "wb") as file:
        write_mo(file, catalog)
    Path(name).chmod(0o644)
    Path(name).replace(path)
    return path


def compile_one(folder: Path, code: str) -> Path:
    """Compile a language. Raises WrongCatalogue, OSError."""
    catalog = read(path_of(folder, code), code)
    wrong = [f"{message.id}: {error}" for message, errors in catalog.check() for error in errors]
    if wrong:
        raise WrongCatalogue(f"{code}: " + "\n".join(wrong))
    return write_compiled(catalog, folder)


def compile_new(folder: Path) -> None:
    """Compile what was written since it was last compiled.

    A catalogue that can't be is logged, and the pages go on without it: in the language that it
    would have replaced, or as it was before.
    """
    for code in known(folder):
        source = path_of(folder, code)
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            compile_one(folder, code)
        except (WrongCatalogue, OSError) as error:
            log.error("no new catalogue: %s", error)
