"""Text as people send it: cleaned, folded and cut the same way everywhere."""

import re
import unicodedata
from itertools import filterfalse

# Everything that some reader, a mail header for one, takes for the end of a line.
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\ufeff]")


def clean(text: str) -> str:
    """Trimmed, NFC, without control characters; line breaks are kept as newlines."""
    text = _CONTROL.sub("", _BREAK.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def clean_line(text: str) -> str:
    """`clean`, on one line: every run of white space becomes one space."""
    return " ".join(clean(text).split())


def fold(text: str) -> str:
    """A form for comparing: compatibility-folded, without accents and case."""
    # Twice, because taking a sign apart may bring out capitals, as in a service mark.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(filterfalse(unicodedata.combining, decomposed))


def normalise_email(address: str) -> str:
    """The form under which a person is known: trimmed, NFC and lower case."""
    return clean_line(address.lower())


def shorten(text: str, length: int = 300) -> str:
    """At most `length` characters, cut at a word, with an ellipsis where something was cut."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
