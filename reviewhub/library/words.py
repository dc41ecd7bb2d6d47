"""How text is cut into words: the same for what is stored and what is asked."""

import re
from functools import lru_cache

from reviewhub.core.text import fold

MOST_WORDS = 12
MOST_PHRASES = 3
# Scripts whose words carry no space between them.
UNSPACED = "\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af"
_PARTS = re.compile(r"\w+")
_ARABIC = str.maketrans({"ـ": None, "ى": "ي", "ة": "ه"})
_ANYWHERE = re.compile(f"[\u0600-\u06ff{UNSPACED}]")
_QUOTED = re.compile(r'"([^"]+)"|“([^“”]+)”|«([^«»]+)»|„([^„“”]+)[“”]')
# Words that hold a sentence together and are in almost every text; folded, as they are asked.
_EMPTY = frozenset(
    word
    for words in (
        "a an and are as at by for from in into is it of on or that the to with",
        "au aux dans de des du en est et l d la le les par pour sur un une",
        "al con del e el las los para por que se su una y",
        "в во и из к на о об от по с со",
        "في من علي الي عن و",
    )
    for word in words.split()
)


def normal(text: str) -> str:
    """Folded words with single spaces between: what is stored for searching and for sorting."""
    folded = fold(fold(text))  # the first round may open capitals up, as in ㎐
    return " ".join(_PARTS.findall(folded.translate(_ARABIC).replace("_", " ")))


@lru_cache(maxsize=100)
def words(text: str) -> tuple[str, ...]:
    """What a question asks for: its words in order, each once, at most twelve.

    Words like "of" are left out where others are there.
    """
    found = dict.fromkeys(normal(text).split())
    telling = [word for word in found if word not in _EMPTY]
    return tuple(telling or found)[:MOST_WORDS]


def phrases(text: str) -> tuple[str, ...]:
    """What a question puts in quotation marks: words that must stand side by side."""
    found = (normal("".join(match)) for match in _QUOTED.findall(text))
    return tuple(dict.fromkeys(one for one in found if one))[:MOST_PHRASES]


def pattern(words: str) -> str:
    """The LIKE pattern (escape character: backslash) for text that begins with a space.

    Matched from the beginning of a word, but anywhere in scripts without spaces, and in Arabic,
    whose articles stand in front of a word.
    """
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if _ANYWHERE.search(words) else f"% {escaped}%"
