"""The terms of a text: words and pairs of neighbours, without the words that say nothing.

Words are runs of letters and digits in any script, in lower case. Two characters are the least;
in scripts written without spaces a single character stands for a word, so that pairs of them count.
Words are cut to their English stems; those of other languages lose an ending here and there, alike
on both sides.
"""

import re
import unicodedata
from collections import Counter
from hashlib import blake2b
from itertools import pairwise

import Stemmer

_WORD = re.compile(r"\w\w+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")

_EMPTY = """
about above after again against all also although am among an and another any are as at be
became because been before being below between both but by can cannot could did do does doing
done down due during each either else et etc even ever every few for from further had has have
having he hence her here hers him his how however if in indeed into is it its itself just less
many may me might more most much must my neither no nor not now of off often on once one only
onto or other others otherwise our ours out over own per perhaps rather same several shall she
should since so some such than that the their theirs them themselves then there thereby
therefore these they this those though through throughout thus to together too toward towards
under until up upon us very via was we well were what whatever when where whereas whether which
while who whom whose why will with within without would yet you your yours
"""

EMPTY_WORDS = frozenset(_EMPTY.split())
"""English words that carry no subject. Those of other languages are left to the counts: what stands
in every document weighs little."""


def words(text: str) -> list[str]:
    """The words that count, in order, as they are spelled but in lower case."""
    plain = _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFKC", text).lower())
    return [word for word in _WORD.findall(plain) if word not in EMPTY_WORDS]


def terms(text: str) -> Counter[str]:
    """How often each stem, and each pair of neighbouring stems, stands in the text."""
    stems = _stems(words(text))
    return Counter(stems) + Counter(_pairs(stems))


def spelled(text: str) -> dict[str, str]:
    """How the text first spells each of its terms."""
    found = words(text)
    stems = _stems(found)
    both = zip([*_pairs(stems), *stems], [*_pairs(found), *found], strict=True)
    return dict(reversed(list(both)))


def key(term: str) -> int:
    """The number a term is known by, the same on every machine: 63 bits of its digest."""
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "big") >> 1


def _stems(found: list[str]) -> list[str]:
    # A stemmer may not be shared between threads.
    stems: list[str] = Stemmer.Stemmer("english").stemWords(found)
    return stems


def _pairs(found: list[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(found)]
