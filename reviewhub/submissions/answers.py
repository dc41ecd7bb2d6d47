"""What somebody says about a resource, as one value, and how it goes into the row and back.

Pages, the mail-in page and programs all bring their answers in this shape; what the answers must
fulfil is said here once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean, clean_line
from reviewhub.submissions.dates import clean_date
from reviewhub.submissions.models import Relation, Scope, Submission
from reviewhub.submissions.urls import clean_url, url_key
from reviewhub.submissions.words import PLAIN
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.models import Vocabulary as V
from reviewhub.taxonomy.queries import catalogue

TITLE = (5, 300)  # characters, least and most; likewise below
WHY_USEFUL = (30, 1000)
DESCRIPTION = (50, 2000)
MOST_TOPICS = 8
MOST_AUTHORS = 20
LONGEST_AUTHOR = 150
LONGEST_PUBLISHER = 200

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True)
class Answers:
    """The answers of the suggestion form. Terms are codes; the first topic is the main one."""

    url: str = ""
    title: str = ""
    language: str = ""
    why_useful: str = ""
    topics: tuple[str, ...] = ()
    topic_unsure: bool = False
    publisher: str = ""
    published_on: str = ""
    section: str = ""
    document_type: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    scope: Scope | None = None
    regions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    relation: Relation | None = None
    organisation: str = ""
    country: str = ""
    for_government: bool = False


def checked(answers: Answers) -> Answers:
    """The same answers, cleaned. Raises InvalidInput, naming the field, for one that can't hold."""
    answers = replace(
        answers,
        url=clean_url(answers.url),
        title=_within(clean_line(answers.title), TITLE, "title"),
        why_useful=_within(clean(answers.why_useful), WHY_USEFUL, "why_useful"),
        description=_within(clean(answers.description), DESCRIPTION, "description"),
        publisher=_within(clean_line(answers.publisher), (0, LONGEST_PUBLISHER), "publisher"),
        organisation=_within(clean_line(answers.organisation), (2, 200), "organisation"),
        published_on=clean_date(answers.published_on),
        authors=_authors(answers.authors),
        topics=tuple(dict.fromkeys(answers.topics)),
    )
    if answers.language and not _LANGUAGE.fullmatch(answers.language):
        raise InvalidInput(_("Choose a language."), field="language")
    if len(answers.topics) > MOST_TOPICS:
        raise InvalidInput(
            _("At most %(number)d can be chosen.", number=MOST_TOPICS), field="topics"
        )
    if answers.for_government and not answers.country:
        raise InvalidInput(_("Say for which country you write."), field="country")
    _terms_of(answers)
    return answers


def terms_of(answers: Answers) -> list[TermView]:
    """The terms to file under, topics first. Raises InvalidInput for an unknown one."""
    return _terms_of(answers)


def term(vocabulary: V, code: str, field: str) -> TermView:
    """A term that may be chosen. Raises InvalidInput for an unknown or retired one."""
    found = catalogue().find(vocabulary, code)
    if found is None or found.deprecated:
        raise InvalidInput(_("This is none of the choices."), field=field)
    return found


def answers_of(submission: Submission) -> Answers:
    """What the row says now, in the shape of the form."""
    section = submission.section_id
    document_type = submission.document_type_id
    return Answers(
        url=submission.url,
        title=submission.title,
        language=submission.language,
        why_useful=submission.why_useful,
        topics=codes_of(submission, V.TOPICS),
        topic_unsure=bool(submission.details.get("topic_unsure")),
        **{name: getattr(submission, name) for name in PLAIN},
        section=catalogue().term(section).code if section else "",
        document_type=catalogue().term(document_type).code if document_type else "",
        description=submission.description,
        authors=tuple(submission.authors),
        scope=submission.scope,
        regions=codes_of(submission, V.REGIONS),
        countries=codes_of(submission, V.COUNTRIES),
        relation=submission.relation,
        organisation=str(submission.details.get("organisation", "")),
        country=str(submission.details.get("country", "")),
        for_government=bool(submission.for_government),
    )


def codes_of(submission: Submission, vocabulary: V) -> tuple[str, ...]:
    """The codes of one vocabulary under which the submission is filed, the primary one first."""
    rows = sorted(submission.filing, key=lambda row: (not row.is_primary, row.position))
    terms = (catalogue().term(row.term_id) for row in rows)
    return tuple(term.code for term in terms if term.vocabulary == vocabulary)


def write(submission: Submission, answers: Answers) -> None:
    """Put checked answers into the row's own columns; the filing is `filing.file_under`'s."""
    submission.url = answers.url
    submission.url_key = url_key(answers.url)
    for name in ("title", "language", "why_useful", "description", *PLAIN):
        setattr(submission, name, getattr(answers, name))
    submission.authors = list(answers.authors)
    submission.scope = answers.scope
    submission.relation = answers.relation
    submission.section_id = _term_id(V.SECTIONS, answers.section, "section")
    submission.document_type_id = _term_id(V.DOCUMENT_TYPES, answers.document_type, "document_type")
    submission.for_government = answers.country if answers.for_government else ""
    submission.details = _details(submission.details, answers)


def _details(before: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """What waits beside the columns until the submitter is known to be who they say."""
    said = {
        "topic_unsure": answers.topic_unsure and not answers.topics,
        "organisation": answers.organisation,
        "country": answers.country,
    }
    others = {name: value for name, value in before.items() if name not in said}
    return others | {name: value for name, value in said.items() if value}


def _terms_of(answers: Answers) -> list[TermView]:
    chosen = [term(V.TOPICS, code, "topics") for code in answers.topics]
    chosen += [term(V.REGIONS, code, "regions") for code in dict.fromkeys(answers.regions)]
    chosen += [term(V.COUNTRIES, code, "countries") for code in dict.fromkeys(answers.countries)]
    # Languages outside the hub's list stand in the column only.
    language = catalogue().find(V.LANGUAGES, answers.language)
    return [*chosen, language] if language is not None else chosen


def _term_id(vocabulary: V, code: str, field: str) -> int | None:
    return term(vocabulary, code, field).id if code else None


def _within(text: str, limits: tuple[int, int], field: str) -> str:
    least, most = limits
    if text and not least <= len(text) <= most:
        raise InvalidInput(
            _("This must have %(least)d to %(most)d characters.", least=least, most=most),
            field=field,
        )
    return text


def _authors(names: Iterable[str]) -> tuple[str, ...]:
    cleaned = tuple(name for name in map(clean_line, names) if name)
    if len(cleaned) > MOST_AUTHORS or any(len(name) > LONGEST_AUTHOR for name in cleaned):
        raise InvalidInput(
            _(
                "At most %(number)d authors of %(length)d characters each.",
                number=MOST_AUTHORS,
                length=LONGEST_AUTHOR,
            ),
            field="authors",
        )
    return cleaned
