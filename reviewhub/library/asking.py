"""The words that a reader asks for, as bitmaps of the resources that have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pyroaring import BitMap

from reviewhub.core.db import db
from reviewhub.library.analyser import Need, indexed, needs
from reviewhub.library.index import postings
from reviewhub.library.index.memory import Memory
from reviewhub.library.index.postings import TEXT, TITLE
from reviewhub.library.models import Resource
from reviewhub.library.words import normal, pattern, phrases, words
from reviewhub.library.workflow import ResourceState
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.models import Vocabulary

_SHORTEST_BEGINNING = 3
_FEW = 500  # candidates of a phrase whose texts are looked at one by one
# By whose names a resource that is filed under them is found.
_NAMED = (Vocabulary.TOPICS, Vocabulary.COUNTRIES, Vocabulary.THEMES, Vocabulary.REGIONS)


@dataclass(frozen=True)
class Word:
    """One thing asked for: the resources with it in their text or title, and terms named so."""

    text: BitMap
    title: BitMap
    term_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Asked:
    """Everything asked for in words; `phrases` has those with all of the phrases, if any."""

    words: Sequence[Word] = ()
    phrases: BitMap | None = None

    def narrowed(self, memory: Memory) -> BitMap:
        """What is shown and has all of it."""
        parts = [
            BitMap.union(word.text, *(memory.filed_under(id) for id in word.term_ids))
            for word in self.words
        ]
        if self.phrases is not None:
            parts.append(self.phrases)
        return BitMap.intersection(memory.shown, *parts) if parts else memory.shown


def ask(text: str, hub: Catalogue, *, beginnings: bool = False) -> Asked:
    """Look the words up; a word that is nowhere is taken for the beginning of one.

    With `beginnings` every word may be one.
    """
    wanted = [need for word in words(text) for need in needs(word)]
    if not wanted:
        return Asked()
    names = _names(hub)
    stored = _stored(wanted)
    found = []
    for need in wanted:
        term_ids = tuple(dict.fromkeys(id for stem in need for id in names.get(stem, ())))
        word = Word(_any(stored, TEXT, need), _any(stored, TITLE, need), term_ids)
        if beginnings or not (word.text or term_ids):
            word = _or_beginning(word, need)
        found.append(word)
    return Asked(found, _with_phrases(phrases(text)))


def _stored(wanted: Iterable[Need]) -> dict[str, BitMap]:
    stems = {stem for need in wanted for stem in need}
    return postings.under([f"{kind}{stem}" for kind in (TEXT, TITLE) for stem in stems])


def _any(stored: Mapping[str, BitMap], kind: str, need: Need) -> BitMap:
    terms = (f"{kind}{stem}" for stem in need)
    return BitMap.union(BitMap(), *(stored[term] for term in terms if term in stored))


def _or_beginning(word: Word, need: Need) -> Word:
    """The first stem of a need is its word itself."""
    if len(need[0]) < _SHORTEST_BEGINNING:
        return word
    text, title = f"{TEXT}{need[0]}", f"{TITLE}{need[0]}"
    found = postings.beginning([text, title])
    return Word(
        word.text | found.get(text, BitMap()),
        word.title | found.get(title, BitMap()),
        word.term_ids,
    )


def _with_phrases(wanted: Sequence[str]) -> BitMap | None:
    """The resources that have every phrase word by word: the index narrows, the text decides."""
    if not wanted:
        return None
    asked_for = [need for phrase in wanted for word in phrase.split() for need in needs(word)]
    stored = _stored(asked_for)
    candidates = BitMap.intersection(*(_any(stored, TEXT, need) for need in asked_for))
    rows = sa.select(Resource.id).where(Resource.state == ResourceState.PUBLISHED)
    for phrase in wanted:
        rows = rows.where(Resource.search_text.like(pattern(phrase), escape="\\"))
    if len(candidates) <= _FEW:
        rows = rows.where(Resource.id.in_(list(candidates)))
    return candidates & BitMap(db.session.scalars(rows))


_names_of: dict[str, dict[str, list[int]]] = {}  # by the catalogue's stamp; one at most


def _names(hub: Catalogue) -> dict[str, list[int]]:
    """Which terms have a word in one of their names, by stem."""
    known = _names_of.get(hub.stamp)
    if known is None:
        known = {}
        for vocabulary in _NAMED:
            for term in hub.vocabulary(vocabulary):
                for stem in _stems_of_names(term):
                    known.setdefault(stem, []).append(term.id)
        _names_of.clear()
        _names_of[hub.stamp] = known
    return known


def _stems_of_names(term: TermView) -> set[str]:
    found: set[str] = set()
    for labels in (term.labels, term.data.get("short_label") or {}):
        for language, label in labels.items():
            found |= indexed(normal(label or ""), language)
    return found
