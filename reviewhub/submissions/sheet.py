"""What was sent, as pairs of label and text: for the pages that show a suggestion as it stands."""

from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError

from reviewhub.core.i18n import _l, get_locale
from reviewhub.submissions import words
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.catalogue import Label, TermView
from reviewhub.taxonomy.models import Vocabulary as V
from reviewhub.taxonomy.queries import catalogue


@dataclass(frozen=True)
class Line:
    """One field: `terms` where it is filed, else `text`; `kind` says how a page writes it."""

    label: str
    text: str = ""
    terms: tuple[Label, ...] = ()
    kind: str = "text"  # text, link, date, terms


def sheet(submission: Submission) -> list[Line]:
    """The fields that were filled in, in the order of the form."""
    lines = [
        _line("title", submission.title),
        _line("title_en", submission.title_en),
        _line("url", submission.url, kind="link"),
        Line(str(words.FIELDS["language"]), language_name(submission.language)),
        _line("why_useful", submission.why_useful),
        *_filing(submission),
        _line("description", submission.description),
        _line("publisher", submission.publisher),
        _line("authors", "; ".join(submission.authors)),
        _line("published_on", submission.published_on, kind="date"),
        _line("scope", _said(words.SCOPES, submission.scope)),
        _line("breadth", _said(words.BREADTHS, submission.breadth)),
        _line("licence", _said(words.LICENCES, submission.licence)),
        _line("relation", _said(words.RELATIONS, submission.relation)),
    ]
    return [line for line in lines if line.text or line.terms]


def language_name(tag: str) -> str:
    """A language by its name in the reader's language, or its tag where it has none here."""
    try:
        return Locale.parse(tag, sep="-").get_language_name(get_locale() or "en") or tag
    except (ValueError, UnknownLocaleError):
        return tag


def _filing(submission: Submission) -> list[Line]:
    locale = str(get_locale() or "en")
    hub = catalogue()
    unsure = submission.details.get("topic_unsure")
    labels = {
        V.TOPICS: hub.topic_label(locale, True).text.capitalize(),
        V.THEMES: hub.theme_label(locale, True).text.capitalize(),
        V.REGIONS: str(words.FIELDS["regions"]),
        V.COUNTRIES: str(words.FIELDS["countries"]),
    }
    lines = [_terms(submission, vocabulary, label) for vocabulary, label in labels.items()]
    if unsure and not lines[0].terms:
        lines[0] = Line(labels[V.TOPICS], str(_l("not sure")))
    for name, term_id in (
        ("section", submission.section_id), ("document_type", submission.document_type_id),
    ):  # fmt: skip
        if term_id:
            term = hub.term(term_id)
            lines.append(Line(str(words.FIELDS[name]), terms=(term.label(locale),), kind="terms"))
    return lines


def _terms(submission: Submission, vocabulary: V, label: str) -> Line:
    locale = str(get_locale() or "en")
    rows = sorted(submission.filing, key=lambda row: (not row.is_primary, row.position))
    terms: list[TermView] = [catalogue().term(row.term_id) for row in rows]
    shown = tuple(term.label(locale) for term in terms if term.vocabulary == vocabulary)
    return Line(label, terms=shown, kind="terms")


def _line(name: str, text: str, kind: str = "text") -> Line:
    return Line(str(words.FIELDS[name]), text, kind=kind)


def _said(labels: dict[Any, Any], value: Any) -> str:
    return str(labels[value]) if value is not None else ""
