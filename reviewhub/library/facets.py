"""The facets a reader may filter by: their vocabularies, and their names in addresses."""

import re
from dataclasses import dataclass
from functools import lru_cache

from reviewhub.core.text import fold
from reviewhub.library.models import Resource
from reviewhub.taxonomy.catalogue import Catalogue, Label, TermView
from reviewhub.taxonomy.models import Vocabulary

RESERVED = frozenset(
    {"q", "theme", "region", "country", "type", "section", "language", "global", "sort", "page"}
)


@dataclass(frozen=True)
class Facet:
    """One facet: `name` in code, `vocabulary` it takes its values from.

    `column` names the resource's own column where each resource has one value at most;
    without it the filing is asked.
    """

    name: str
    vocabulary: Vocabulary
    column: str = ""

    def param(self, hub: Catalogue) -> str:
        """The name in addresses: plain and never translated; the topics' one is the hub's."""
        return topic_param(hub) if self.name == "topic" else self.name

    def values(self, hub: Catalogue) -> tuple[TermView, ...]:
        """What one may choose, in the hub's order."""
        return hub.vocabulary(self.vocabulary)


TOPIC = Facet("topic", Vocabulary.TOPICS)
THEME = Facet("theme", Vocabulary.THEMES)
REGION = Facet("region", Vocabulary.REGIONS)
COUNTRY = Facet("country", Vocabulary.COUNTRIES)
TYPE = Facet("type", Vocabulary.DOCUMENT_TYPES, Resource.document_type_id.key)
SECTION = Facet("section", Vocabulary.SECTIONS, Resource.section_id.key)
LANGUAGE = Facet("language", Vocabulary.LANGUAGES)

# In the order of the page and of a canonical address.
FACETS = (TOPIC, SECTION, TYPE, THEME, REGION, COUNTRY, LANGUAGE)
# The two that a wider resource answers as well, where the reader includes global ones.
PLACES = frozenset({REGION, COUNTRY})


@lru_cache(maxsize=10)
def topic_param(hub: Catalogue) -> str:
    """What one topic is called in addresses: the hub's own singular, "topic" if it is taken."""
    name = slug(hub.topic_label(hub.default_locale).text)
    return "topic" if not name or name in RESERVED else name


def slug(text: str, length: int = 80) -> str:
    """Lower-case Latin letters, digits and hyphens, cut at a hyphen; "" where none are left."""
    hyphened = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
    return hyphened if len(hyphened) <= length else hyphened[: length + 1].rpartition("-")[0]


def short_label(term: TermView, locale: str) -> Label:
    """The short label where the term has one, else its label."""
    return term.text("short_label", locale) or term.label(locale)
