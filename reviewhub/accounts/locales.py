"""The languages that the pages can be shown in: those with a catalogue, and English."""

from collections.abc import Iterable
from functools import cache

from babel import Locale

from reviewhub.core import catalogues

SOURCE = "en"


@cache
def offered() -> tuple[str, ...]:
    """Codes of the languages on offer, the source language first."""
    found = sorted(path.parent.parent.name for path in catalogues.FOLDER.glob("*/LC_MESSAGES/*.mo"))
    return (SOURCE, *(code for code in found if code != SOURCE))


def best(wanted: Iterable[str]) -> str:
    """The first wanted language on offer, by its primary tag, else the source language."""
    for tag in wanted:
        code = tag.replace("_", "-").split("-")[0].lower()
        if code in offered():
            return code
    return SOURCE


@cache
def autonym(code: str) -> str:
    """What the language calls itself."""
    return Locale.parse(code).get_language_name(code) or code
