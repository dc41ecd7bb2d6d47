"""Which passwords are too easy to guess: those made of common words, or of what is known of one.

No rules about digits or capitals: length and not being guessable are what counts.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from reviewhub.core.i18n import _
from reviewhub.core.text import fold

SHORTEST = 15  # characters
LONGEST = 200
_LEAST_OF_ITS_OWN = 8  # letters and digits that no common or personal word accounts for
_LEAST_DIFFERENT = 5
_SHORTEST_WORD = 3

_LIST = Path(__file__).parent / "common_passwords.txt"


def weakness(password: str, *, about: Iterable[str]) -> str:
    """A sentence on what is wrong with a password, or nothing.

    `about` is what a guesser would try first: names and addresses of the person and the site.
    """
    if len(password) < SHORTEST:
        return _("A password needs at least %(number)d characters.", number=SHORTEST)
    if len(password) > LONGEST:
        return _("A password has at most %(number)d characters.", number=LONGEST)
    bare = _bare(password)
    if len(set(bare or password)) < _LEAST_DIFFERENT:
        return _("This repeats a few characters: that is guessed quickly. Choose another.")
    if len(_without(bare, _common())) < _LEAST_OF_ITS_OWN <= len(bare):
        return _("This is among the passwords that are tried first. Choose another.")
    if len(_without(bare, _words(about))) < _LEAST_OF_ITS_OWN <= len(bare):
        return _("This is little more than your name, your address or ours. Choose another.")
    return ""


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def _words(texts: Iterable[str]) -> set[str]:
    words = {word for text in texts for word in re.split(r"[\W_]+", fold(text))}
    return {word for word in words if len(word) >= _SHORTEST_WORD}


@cache
def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text(encoding="utf-8").split())
