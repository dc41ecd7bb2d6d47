"""The vocabularies as values: what pages, forms, mails and exports read, without the database."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from babel import Locale

from reviewhub.core import config
from reviewhub.core.text import fold
from reviewhub.core.workdays import Workdays
from reviewhub.taxonomy.calendars import workdays_of

# Letters that a language sorts on their own, after the letter they would fold to.
_OWN_LETTERS = {"es": {"ñ": "n"}, "ru": {"й": "и"}}
_AFTER_ANY_LETTER = "\uffff"
_IGNORED = frozenset("'’‘ʼ`*.,()ـ")  # the last one is the Arabic tatweel


@dataclass(frozen=True)
class Label:
    """A text and the language it is really in, for the page's lang attribute."""

    text: str
    lang: str

    def __str__(self) -> str:
        return self.text


def localised(labels: Mapping[str, str | None], locale: Locale | str, default: str) -> Label:
    """The text in the reader's language, or in the hub's default one where none is stored.

    "pt-BR" is served by "pt". Raises KeyError when the default language has no text either.
    """
    wanted = str(locale).replace("_", "-")
    for lang in (wanted, wanted.split("-")[0]):
        text = labels.get(lang)
        if text:
            return Label(text, lang)
    return Label(labels[default] or "", default)


def collation_key(text: str, locale: Locale | str) -> tuple[str | bytes, str]:
    """Sorts texts the way a reader of the language expects, as far as plain Python goes.

    Accents, case and Arabic letter variants are folded; Spanish ñ and Russian й keep their
    own place; Chinese follows GB 18030, whose common characters stand in pinyin order.
    """
    language = str(locale).replace("_", "-").split("-")[0]
    if language == "zh":
        return text.encode("gb18030"), text
    prepared = unicodedata.normalize("NFC", text.casefold()).replace("-", " ")
    for letter, base in _OWN_LETTERS.get(language, {}).items():
        prepared = prepared.replace(letter, base + _AFTER_ANY_LETTER)
    return "".join(c for c in fold(prepared) if c not in _IGNORED), text


@dataclass(frozen=True)
class TermView:
    """One entry of a vocabulary; `data` has whatever its kind says beyond the label."""

    id: int
    vocabulary: str
    code: str
    position: int
    labels: Mapping[str, str | None] = field(compare=False)
    data: Mapping[str, Any] = field(compare=False)
    parent_code: str | None = None
    deprecated: bool = False
    default_locale: str = "en"

    def label(self, locale: Locale | str) -> Label:
        """The label for the reader, with the language it is really in."""
        return localised(self.labels, locale, self.default_locale)

    def text(self, key: str, locale: Locale | str) -> Label | None:
        """Another translated text of the entry, such as its title or summary; None without."""
        texts = self.data.get(key)
        return localised(texts, locale, self.default_locale) if texts else None


@dataclass(frozen=True)
class Footnote:
    """A note that every page and export showing a marked label must print."""

    marker: str
    labels: Mapping[str, str | None] = field(compare=False)
    default_locale: str = "en"

    def __str__(self) -> str:
        return f"{self.marker}{self.label(self.default_locale)}"

    def label(self, locale: Locale | str) -> Label:
        """The note's text for the reader."""
        return localised(self.labels, locale, self.default_locale)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Everything a hub's data says, in one value that never changes."""

    slug: str
    version: int
    stamp: str
    settings: Mapping[str, Any]
    terms: tuple[TermView, ...]

    # -- terms --

    def vocabulary(self, name: str) -> tuple[TermView, ...]:
        """The terms one may choose from, in the hub's order; deprecated ones are left out."""
        return self._by_vocabulary.get(name, ())

    def sorted_terms(self, name: str, locale: Locale | str) -> tuple[TermView, ...]:
        """The same, in the alphabetical order of the reader's language."""
        key = (name, str(locale))
        if key not in self._sorted:
            self._sorted[key] = tuple(
                sorted(
                    self.vocabulary(name),
                    key=lambda term: collation_key(term.label(locale).text, locale),
                )
            )
        return self._sorted[key]

    def choices(
        self, name: str, locale: str, *, alphabetical: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """Code and label of each, for a list to choose from: in the hub's order or the reader's."""
        key = (name, locale, alphabetical)
        if key not in self._choices:
            found = self.sorted_terms(name, locale) if alphabetical else self.vocabulary(name)
            self._choices[key] = tuple((term.code, term.label(locale).text) for term in found)
        return self._choices[key]

    def term(self, id: int) -> TermView:
        """The term with this id, deprecated or not. Raises KeyError without one."""
        return self._by_id[id]

    def find(self, vocabulary: str, code: str) -> TermView | None:
        """The term with this code, deprecated or not."""
        return self._by_code.get((vocabulary, code))

    def children(self, vocabulary: str, parent_code: str) -> tuple[TermView, ...]:
        """The terms under a parent, such as the countries of a region."""
        return tuple(t for t in self.vocabulary(vocabulary) if t.parent_code == parent_code)

    # -- the hub's words --

    def words(self, labels: Mapping[str, str | None], locale: Locale | str) -> Label:
        """Any labels of the hub's data, such as the review form's, for the reader."""
        return localised(labels, locale, self.default_locale)

    @property
    def hub(self) -> Mapping[str, Any]:
        """hub.json as it is."""
        return self.settings["hub"]  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        """The hub's full name."""
        return str(self.hub["name"])

    @property
    def short_name(self) -> str:
        """What the hub is called in running text."""
        return str(self.hub["short_name"])

    @property
    def contact_email(self) -> str:
        """Where readers may write."""
        return str(self.hub["contact_email"])

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages of the pages, in the order they are offered."""
        return tuple(self.hub["locales"])

    @property
    def default_locale(self) -> str:
        """The language that has every text."""
        return str(self.hub["default_locale"])

    @property
    def topic_slug(self) -> str:
        """What topics are called in addresses and set names."""
        return str(self.hub["topic_vocabulary"]["slug"])

    @property
    def theme_slug(self) -> str:
        """What themes are called in addresses and set names."""
        return str(self.hub["theme_vocabulary"]["slug"])

    def tagline(self, locale: Locale | str) -> Label:
        """One sentence about the hub."""
        return self.words(self.hub["tagline"], locale)

    def topic_label(self, locale: Locale | str, plural: bool = False) -> Label:
        """What this hub calls a topic."""
        return self._noun("topic_vocabulary", locale, plural)

    def theme_label(self, locale: Locale | str, plural: bool = False) -> Label:
        """What this hub calls a theme."""
        return self._noun("theme_vocabulary", locale, plural)

    def internal_label(self, locale: Locale | str) -> Label:
        """What this hub calls reviewers from inside."""
        return self.words(self.hub["internal_label"], locale)

    def external_label(self, locale: Locale | str) -> Label:
        """What this hub calls reviewers from outside."""
        return self.words(self.hub["external_label"], locale)

    # -- footnotes --

    @cached_property
    def footnotes(self) -> tuple[Footnote, ...]:
        """Every note of the hub."""
        return tuple(
            Footnote(note["marker"], note["labels"], self.default_locale)
            for note in self.hub["footnotes"]
        )

    def footnotes_for(self, terms: Iterable[TermView]) -> tuple[Footnote, ...]:
        """The notes that these terms call for, each once."""
        markers = {term.data.get("footnote") for term in terms}
        return tuple(note for note in self.footnotes if note.marker in markers)

    # -- review --

    @property
    def review_form(self) -> Mapping[str, Any]:
        """Gates, criteria with anchors, texts and recommendations."""
        return self.settings["review_form"]  # type: ignore[no-any-return]

    @property
    def reasons(self) -> Mapping[str, Any]:
        """Reason codes by kind: rejection, invitation_decline, application_decline."""
        return self.settings["reasons"]  # type: ignore[no-any-return]

    @property
    def roster_form(self) -> Mapping[str, Any]:
        """The criteria for applications and further terms; empty where the hub has none."""
        return self.settings.get("roster_form", {})  # type: ignore[no-any-return]

    @property
    def policy(self) -> Mapping[str, Any]:
        """The default review policy."""
        return self.settings["policy"]  # type: ignore[no-any-return]

    @cached_property
    def workdays(self) -> Workdays:
        """The hub's calendar, as the value that counts working days."""
        calendar = self.settings.get("calendar", {})
        zone = calendar.get("time_zone") or config.current().timezone
        return workdays_of(calendar, time_zone=zone)

    def reason_label(self, kind: str, code: str, locale: Locale | str) -> Label:
        """What a reason code says. Raises KeyError for an unknown one."""
        for reason in self.reasons[kind]:
            if reason["code"] == code:
                return self.words(reason["labels"], locale)
        raise KeyError(code)

    # -- indexes, made once per catalogue --

    def _noun(self, vocabulary: str, locale: Locale | str, plural: bool) -> Label:
        form = "plural" if plural else "singular"
        labels = self.hub[vocabulary]["labels"]
        return self.words({lang: noun.get(form) for lang, noun in labels.items() if noun}, locale)

    @cached_property
    def _by_id(self) -> dict[int, TermView]:
        return {term.id: term for term in self.terms}

    @cached_property
    def _by_code(self) -> dict[tuple[str, str], TermView]:
        return {(term.vocabulary, term.code): term for term in self.terms}

    @cached_property
    def _by_vocabulary(self) -> dict[str, tuple[TermView, ...]]:
        current: dict[str, list[TermView]] = {}
        for term in self.terms:
            if not term.deprecated:
                current.setdefault(term.vocabulary, []).append(term)
        return {name: tuple(terms) for name, terms in current.items()}

    @cached_property
    def _sorted(self) -> dict[tuple[str, str], tuple[TermView, ...]]:
        return {}

    @cached_property
    def _choices(self) -> dict[tuple[str, str, bool], tuple[tuple[str, str], ...]]:
        return {}
