"""What an editor may send about a resource."""

from typing import Any

from wtforms import SelectField, SelectMultipleField

from reviewhub.core.i18n import _, _l
from reviewhub.library.entries import Entry
from reviewhub.library.facets import short_label
from reviewhub.submissions.dates import clean_date
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.submissions.urls import clean_url, url_key
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.web.forms import Form, line, text

SCOPES = {
    Scope.GLOBAL: _l("Global"),
    Scope.MULTI_REGION: _l("Several regions"),
    Scope.REGIONAL: _l("One region"),
    Scope.NATIONAL: _l("One country"),
    Scope.LOCAL: _l("One place"),
}
BREADTHS = {
    Breadth.COMPREHENSIVE: _l("Comprehensive"),
    Breadth.BROAD: _l("Broad"),
    Breadth.SPECIFIC: _l("Specific"),
}
# What the fields of a difference are called on pages.
FIELDS = {
    "title": _l("Title"),
    "title_en": _l("Title in English"),
    "language": _l("Language"),
    "description": _l("Description"),
    "url": _l("Link"),
    "publisher": _l("Publisher"),
    "authors": _l("Authors"),
    "published_on": _l("Date of publication"),
    "details": _l("Details"),
    "scope": _l("Geographic scope"),
    "breadth": _l("Breadth"),
    "section": _l("Section"),
    "document_type": _l("Document type"),
    "filing": _l("Filed under"),
    "primary": _l("Filed first under"),
}
_FILED = {
    "topics": Vocabulary.TOPICS,
    "themes": Vocabulary.THEMES,
    "regions": Vocabulary.REGIONS,
    "countries": Vocabulary.COUNTRIES,
    "languages": Vocabulary.LANGUAGES,
}


class ArchiveForm(Form):
    """Why a resource is no longer listed; public."""

    note = text(
        _l("Why"), most=500, required=True,
        description=_l("Everybody will read this sentence at the resource's address."),
    )  # fmt: skip


class ReasonForm(Form):
    """Why a resource is removed; public."""

    note = text(
        _l("Why is it removed?"), least=10, most=500, required=True,
        description=_l("Everybody will read this sentence at the resource's address."),
    )  # fmt: skip


class EmptyForm(Form):
    """A button and nothing else."""


class CorrectForm(Form):
    """Every public field of a resource, and why it is changed."""

    title = line(_l("Title"), least=5, most=300, required=True)
    title_en = line(_l("Title in English"), most=300)
    description = text(_l("Description"), most=2000)
    url = line(_l("Link"), most=2000)
    publisher = line(_l("Publisher"), most=200)
    authors = text(_l("Authors, one a line"), most=3000)
    published_on = line(
        _l("Date of publication"), most=10, description=_l("2024, 2024-05 or 2024-05-31")
    )
    section = SelectField(_l("Section"), coerce=int)
    document_type = SelectField(_l("Document type"), coerce=int)
    language = line(_l("Main language, as a code"), most=35)
    languages = SelectMultipleField(_l("Languages"), coerce=int)
    scope = SelectField(_l("Geographic scope"))
    breadth = SelectField(_l("Breadth"))
    primary = SelectField(coerce=int)
    topics = SelectMultipleField(coerce=int)
    themes = SelectMultipleField(coerce=int)
    regions = SelectMultipleField(_l("Regions"), coerce=int)
    countries = SelectMultipleField(_l("Countries"), coerce=int)
    note = line(_l("What was wrong"), most=1000, required=True)

    def offer(self, hub: Catalogue, locale: str) -> None:
        """Put the hub's vocabularies into the choices."""
        for name, vocabulary in _FILED.items():
            self[name].choices = _choices(hub, vocabulary, locale)
        self.topics.label.text = hub.topic_label(locale, plural=True).text.capitalize()
        self.themes.label.text = hub.theme_label(locale, plural=True).text.capitalize()
        self.primary.label.text = _("Main %(topic)s", topic=hub.topic_label(locale).text)
        self.primary.choices = [(0, _("not chosen")), *self.topics.choices]
        self.section.choices = _choices(hub, Vocabulary.SECTIONS, locale)
        kinds = _choices(hub, Vocabulary.DOCUMENT_TYPES, locale)
        self.document_type.choices = [(0, _("not stated")), *kinds]
        self.scope.choices = [("", _("not stated")), *SCOPES.items()]
        self.breadth.choices = [("", _("not stated")), *BREADTHS.items()]

    def fill(self, entry: Entry, hub: Catalogue) -> None:
        """Show what the library says now."""
        for name in ("title", "title_en", "description", "url", "publisher", "published_on"):
            self[name].data = getattr(entry, name)
        self.authors.data = "\n".join(entry.authors)
        self.language.data = entry.language
        self.section.data = entry.section_id
        self.document_type.data = entry.document_type_id or 0
        self.scope.data, self.breadth.data = entry.scope or "", entry.breadth or ""
        self.primary.data = entry.primary_id or 0
        for name, vocabulary in _FILED.items():
            self[name].data = [
                term_id for term_id in entry.filing if hub.term(term_id).vocabulary == vocabulary
            ]

    def changes(self) -> dict[str, Any]:
        """The answers as fields of an Entry. Raises InvalidInput for a bad link or date."""
        url = clean_url(self.url.data)
        primary = self.primary.data or None
        filed = [term_id for name in _FILED for term_id in self[name].data or ()]
        return {
            **{name: self[name].data for name in ("title", "title_en", "description", "publisher")},
            "url": url,
            "url_key": url_key(url),
            "published_on": clean_date(self.published_on.data),
            "authors": tuple(
                author.strip() for author in self.authors.data.splitlines() if author.strip()
            ),
            "language": self.language.data,
            "section_id": self.section.data,
            "document_type_id": self.document_type.data or None,
            "scope": Scope(self.scope.data) if self.scope.data else None,
            "breadth": Breadth(self.breadth.data) if self.breadth.data else None,
            "primary_id": primary,
            "filing": tuple(dict.fromkeys([*([primary] if primary else []), *filed])),
        }


def _choices(hub: Catalogue, vocabulary: Vocabulary, locale: str) -> list[tuple[int, str]]:
    terms = (
        hub.sorted_terms(vocabulary, locale)
        if vocabulary == Vocabulary.COUNTRIES
        else hub.vocabulary(vocabulary)
    )
    return [
        (term.id, _numbered(term.data.get("number"), short_label(term, locale))) for term in terms
    ]


def _numbered(number: int | None, label: object) -> str:
    return f"{number} {label}" if number else str(label)
