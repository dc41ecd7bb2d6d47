"""How text is cut into words for searching: the same for what is stored and what is asked.

Scripts that put spaces between words are matched from the beginning of a word ("remit" finds
"remittances"); Chinese, Japanese, Korean, Thai and Arabic anywhere, because their words carry
no space, or carry the article in front.
"""

import re

from reviewhub.core.text import fold

MOST_WORDS = 12
_PARTS = re.compile(r"\w+")
_ARABIC = str.maketrans({"ـ": None, "ى": "ي", "ة": "ه"})
_ARTICLE = re.compile(r"^(?:وال|بال|كال|لل|ال)(?=\w{3})")
_ANYWHERE = re.compile("[\u0600-\u06ff\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af]")


def normal(text: str) -> str:
    """Folded words with single spaces between: what is stored for searching and for sorting."""
    folded = fold(fold(text))  # the first round may open capitals up, as in ㎐
    return " ".join(_PARTS.findall(folded.translate(_ARABIC).replace("_", " ")))


def words(text: str) -> tuple[str, ...]:
    """What a question asks for: its words in order, each once, at most twelve."""
    found = (_stem(word) for word in normal(text).split())
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def pattern(word: str) -> str:
    """The LIKE pattern (escape character: backslash) for text that begins with a space."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if _ANYWHERE.search(word) else f"% {escaped}%"


def _stem(word: str) -> str:
    """A plural finds its singular, since a word is matched from its beginning."""
    if _ANYWHERE.search(word):
        return _ARTICLE.sub("", word)
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
