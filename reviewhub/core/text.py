"""Text as people send it: cleaned, folded and cut the same way everywhere."""

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2028\u2029\ufeff]")
_BLANKS = re.compile(r"[ \t\u00a0]+")


def clean(text: str) -> str:
    """Trimmed, NFC, without control characters; line breaks are kept as newlines."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()


def clean_line(text: str) -> str:
    """`clean`, on one line: every run of white space becomes one space."""
    return _BLANKS.sub(" ", clean(text).replace("\n", " ")).strip()


def fold(text: str) -> str:
    """A form for comparing: compatibility-folded, without accents and case."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def normalise_email(address: str) -> str:
    """The form under which a person is known: trimmed, NFC and lower case."""
    return clean_line(address).lower()


def shorten(text: str, length: int = 300) -> str:
    """At most `length` characters, cut at a word, with an ellipsis where something was cut."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
