"""Letters as they stand on paper: Arabic ones joined, and those found that a font has not got.

A browser does this by itself. What is drawn into a PDF has to be in its final form and order: each
Arabic letter in the form that its neighbours ask for, each line from left to right as it is seen.
"""

import unicodedata
from collections.abc import Container
from functools import cache

MISSING = "[…]"  # stands for letters that can't be drawn
_FORMS = (range(0xFB50, 0xFC00), range(0xFE80, 0xFEFD))  # where Unicode keeps the joined forms
_STRETCHES = frozenset("\u0640\u200d")  # they join on both sides and have one form
_LAM = "\u0644"
# Vowel signs, which ordinary print leaves out and which would have to be placed by the font.
_VOWELS = frozenset(map(chr, [*range(0x064B, 0x0660), 0x0670]))


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Of each letter, or of lam and an alef: "isolated", "final", "initial", "medial"."""
    found: dict[str, dict[str, str]] = {}
    for number in (one for block in _FORMS for one in block):
        kind, *parts = unicodedata.decomposition(chr(number)).split() or [""]
        letters = "".join(chr(int(part, 16)) for part in parts)
        if len(letters) == 1 or (len(letters) == 2 and letters[0] == _LAM):
            found.setdefault(letters, {}).setdefault(kind.strip("<>"), chr(number))
    return found


def joined(text: str) -> str:
    """The text with each Arabic letter in the form in which it is written here."""
    letters = _with_ligatures([one for one in text if one not in _VOWELS])
    written = []
    for place, letter in enumerate(letters):
        forms = _forms().get(letter)
        if forms is None:
            written.append(letter)
            continue
        before = place > 0 and _goes_on(letters[place - 1]) and _takes_up(letter)
        after = place + 1 < len(letters) and _goes_on(letter) and _takes_up(letters[place + 1])
        kind = {(0, 0): "isolated", (1, 0): "final", (0, 1): "initial", (1, 1): "medial"}
        written.append(forms.get(kind[int(before), int(after)], letter))
    return "".join(written)


def _with_ligatures(letters: list[str]) -> list[str]:
    found: list[str] = []
    for letter in letters:
        if found and found[-1] == _LAM and _LAM + letter in _forms():
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _goes_on(letter: str) -> bool:
    """Whether it joins the letter that follows."""
    return letter in _STRETCHES or "initial" in _forms().get(letter, {})


def _takes_up(letter: str) -> bool:
    """Whether it joins the letter before it."""
    return letter in _STRETCHES or "final" in _forms().get(letter, {})


def drawable(text: str, known: Container[int]) -> str:
    """The text in which every run of letters that are not `known` is replaced by a sign."""
    parts: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) == "Cf":  # directions and the like: nothing to be seen
            parts.append(letter)
        elif letter.isspace() or ord(letter) in known:
            parts.append(" " if letter.isspace() else letter)
        elif not parts or parts[-1] != MISSING:
            parts.append(MISSING)
    return "".join(parts)


def is_drawable(text: str, known: Container[int]) -> bool:
    """Whether nothing of it has to be replaced."""
    return MISSING not in drawable(text.replace(MISSING, ""), known)
