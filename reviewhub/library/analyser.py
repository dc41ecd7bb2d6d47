"""Words reduced to what their forms have in common: one analyser for what is stored and asked.

A text is cut into words by `library.words`; here each word becomes the stems it is filed under.
What is asked is spread over every stem that its word could have been filed under, so neither side
has to know the other's language. Change a rule, and raise VERSION: the index is made anew then.
"""

import re
from functools import cache, lru_cache
from typing import Any

from reviewhub.library.words import UNSPACED, normal

VERSION = "1"
LONGEST = 60  # characters of a stem
MOST_NEEDS = 36
_PIECES = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
_LATIN = {"en": "english", "fr": "french", "es": "spanish"}
# In these a Latin word is a name or a loan, and English the best guess of its forms.
_OTHER_SCRIPTS = frozenset({"", "ar", "fa", "ur", "zh", "ja", "ko", "th", "ru", "uk", "be", "bg"})
_RAW = ""
_IRREGULAR = {"children": "child", "women": "woman", "men": "man", "people": "person"}

_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال")
_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_SHORTEST = 2  # letters that must be left of an Arabic word
# Arabic plurals that change the word inside, by their singular.
_PLURALS_OF = {
    "عامل": "عمال", "طفل": "اطفال", "قانون": "قوانين", "دوله": "دول", "بلد": "بلدان بلاد",
    "حق": "حقوق", "حد": "حدود", "امراه": "نساء", "اسره": "اسر", "مدينه": "مدن",
    "تقرير": "تقارير", "وثيقه": "وثائق", "برنامج": "برامج", "مشروع": "مشاريع",
    "عقد": "عقود", "اجر": "اجور", "منطقه": "مناطق", "مركز": "مراكز", "شخص": "اشخاص",
    "فرد": "افراد", "رجل": "رجال", "طالب": "طلاب طلبه", "لاجي": "لاجئون", "عضو": "اعضاء",
    "جهد": "جهود", "ضحيه": "ضحايا", "قضيه": "قضايا", "هدف": "اهداف", "مبدا": "مبادي",
    "معيار": "معايير", "تدبير": "تدابير", "مصدر": "مصادر", "مورد": "موارد", "ميناء": "مواني",
    "مطار": "مطارات", "طريق": "طرق", "سبب": "اسباب", "خطر": "اخطار مخاطر", "جريمه": "جرائم",
    "شبكه": "شبكات", "وضع": "اوضاع", "حال": "احوال", "مال": "اموال", "سوق": "اسواق",
    "عمل": "اعمال", "نظام": "نظم انظمه", "دليل": "ادله", "قاعده": "قواعد", "شرط": "شروط",
    "فرصه": "فرص", "مهاره": "مهارات", "خبير": "خبراء", "شريك": "شركاء", "مجتمع": "مجتمعات",
    "جنس": "اجناس", "عنصر": "عناصر", "مدرسه": "مدارس", "معهد": "معاهد", "بيت": "بيوت",
    "سجن": "سجون", "قرار": "قرارات", "حاجه": "حوائج", "مرحله": "مراحل", "نموذج": "نماذج",
    "مفهوم": "مفاهيم", "تجربه": "تجارب", "فكره": "افكار", "رساله": "رسائل", "خدمه": "خدمات",
    "شاب": "شباب", "ولد": "اولاد", "ابن": "ابناء", "بنت": "بنات", "اب": "اباء", "ام": "امهات",
    "عائله": "عوائل", "زوج": "ازواج", "حاجز": "حواجز", "ماده": "مواد", "اداه": "ادوات",
    "اقليم": "اقاليم", "رسم": "رسوم", "كتاب": "كتب", "بحث": "بحوث ابحاث", "درس": "دروس",
    "وسيله": "وسائل", "ظرف": "ظروف", "عائد": "عوائد", "رقم": "ارقام", "نمط": "انماط",
    "شكل": "اشكال", "نوع": "انواع", "حل": "حلول", "دور": "ادوار", "سفاره": "سفارات",
}  # fmt: skip

Need = tuple[str, ...]  # stems of which one must be there


def indexed(text: str, language: str) -> set[str]:
    """The stems that a text in its normal form is filed under; `language` is its own."""
    own = _own(language)
    return {stem for word in text.split() for stem in _filed(word, own)}


def needs(word: str) -> list[Need]:
    """What a word in its normal form asks for: each of these, in any of its forms."""
    found: list[Need] = []
    for piece in _PIECES.findall(word):
        if _is_unspaced(piece):
            pairs = [piece[i : i + 2] for i in range(len(piece) - 1)] or [piece]
            found += [(pair,) for pair in dict.fromkeys(pairs)]
        else:
            found.append(_forms(piece))
    return found[:MOST_NEEDS]


def possible(text: str) -> set[str]:
    """Every stem that a text in its normal form could be filed under, whatever its language."""
    return {
        stem
        for word in text.split()
        for piece in _PIECES.findall(word)
        for stem in (_grams(piece) if _is_unspaced(piece) else _forms(piece))
    }


def _own(language: str) -> str:
    """The language by whose rules a text's Latin words are reduced; _RAW for none."""
    code = language.partition("-")[0].lower()
    if code in _LATIN:
        return code
    return "en" if code in _OTHER_SCRIPTS else _RAW


@lru_cache(maxsize=20_000)
def _filed(word: str, own: str) -> tuple[str, ...]:
    found: list[str] = []
    for piece in _PIECES.findall(word):
        if _is_unspaced(piece):
            found += _grams(piece)
        else:
            found.append(_stem(piece, own))
    return tuple(found)


def _grams(piece: str) -> list[str]:
    """Every character, and every two side by side: words of these scripts have no end mark."""
    return [*piece, *(piece[i : i + 2] for i in range(len(piece) - 1))]


@lru_cache(maxsize=2_000)
def _forms(piece: str) -> Need:
    return tuple(dict.fromkeys(_stem(piece, own) for own in (_RAW, *_LATIN)))


def _stem(piece: str, own: str) -> str:
    first = piece[0]
    if "\u0600" <= first <= "\u06ff":
        return _arabic(piece)[:LONGEST]
    if "\u0400" <= first <= "\u04ff":
        return _russian(piece)[:LONGEST]
    if own == _RAW:
        return piece[:LONGEST]
    if own == "en":
        piece = _IRREGULAR.get(piece, piece)
    return str(_stemmer(_LATIN[own]).stemWord(piece))[:LONGEST]


def _russian(word: str) -> str:
    """Snowball, with what it does not know of nouns.

    The normal form has lost the mark of й, which the rules of the endings need. A noun in -та is
    not a verb in -ите, and a vowel that comes and goes (ребёнок, ребёнка) is left out.
    """
    if len(word) > 2 and word[-1] == "и" and word[-2] in "ыиое":
        word = word[:-1] + "й"
    elif len(word) > 4 and word.endswith("ите"):
        word = word[:-1] + "а"
    stem = str(_stemmer("russian").stemWord(word))
    fleeting = len(stem) > 4 and stem.endswith(("ок", "ек", "ец"))
    return stem[:-2] + stem[-1] if fleeting else stem


def _arabic(word: str) -> str:
    """Without article, conjunction and the endings of number, gender and possession."""
    bare = _without_and(word)
    for prefix in _PREFIXES:
        if bare.startswith(prefix) and len(bare) >= len(prefix) + _SHORTEST:
            bare = _without_and(bare[len(prefix) :])
            break
    bare = _singulars().get(bare, bare)
    for suffix in _SUFFIXES:
        if bare.endswith(suffix) and len(bare) >= len(suffix) + _SHORTEST:
            bare = bare[: -len(suffix)]
    return bare


def _without_and(word: str) -> str:
    """Without a conjunction in front, or a first letter like it: nobody can tell them apart."""
    return word[1:] if word[0] == "و" and len(word) > _SHORTEST + 1 else word


@cache
def _singulars() -> dict[str, str]:
    return {
        _without_and(normal(plural)): _without_and(normal(one))
        for one, plurals in _PLURALS_OF.items()
        for plural in plurals.split()
    }


def _is_unspaced(piece: str) -> bool:
    return _PIECES.match(piece) is not None and re.match(f"[{UNSPACED}]", piece) is not None


@cache
def _stemmer(name: str) -> Any:
    """Loaded when first needed: most pages of the desk never are."""
    import Stemmer  # noqa: PLC0415 -- desk pages do without

    return Stemmer.Stemmer(name)
