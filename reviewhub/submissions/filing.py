"""Where a submission is filed: writing it in one go, and what changed between two moments."""

from collections.abc import Sequence
from typing import Any

from reviewhub.core.db import db
from reviewhub.submissions.answers import codes_of
from reviewhub.submissions.models import Submission, SubmissionTerm
from reviewhub.submissions.words import PLAIN
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.models import Vocabulary as V
from reviewhub.taxonomy.queries import catalogue

_COLUMNS = (
    "url", "title", "title_en", "description", "why_useful", "language", "authors", "scope",
    "breadth", "licence", "relation", *PLAIN,
)  # fmt: skip
_VOCABULARIES = (V.TOPICS, V.THEMES, V.REGIONS, V.COUNTRIES, V.LANGUAGES)

Snapshot = dict[str, Any]


def file_under(submission: Submission, terms: Sequence[TermView]) -> None:
    """File the submission under exactly these terms; the first topic becomes the primary one."""
    wanted = {term.id: term for term in terms}
    primary = next((term.id for term in terms if term.vocabulary == V.TOPICS), None)
    kept = {row.term_id: row for row in submission.filing if row.term_id in wanted}
    for row in kept.values():
        row.is_primary = False
    submission.filing = list(kept.values())
    db.session.flush()  # no two primaries at any moment, in whatever order rows are written
    for position, term_id in enumerate(wanted):
        row = kept.get(term_id) or SubmissionTerm(term_id=term_id)
        row.position, row.is_primary = position, term_id == primary
        if term_id not in kept:
            submission.filing.append(row)
    submission.filing.sort(key=lambda row: row.position)


def snapshot(submission: Submission) -> Snapshot:
    """Everything about the resource that a person may change, as JSON values."""
    shot: Snapshot = {}
    for name in _COLUMNS:
        value = getattr(submission, name)
        shot[name] = list(value) if isinstance(value, list) else str(value or "")
    for name in ("section", "document_type"):
        term_id = getattr(submission, f"{name}_id")
        shot[name] = catalogue().term(term_id).code if term_id else ""
    for vocabulary in _VOCABULARIES:
        shot[vocabulary.value] = list(codes_of(submission, vocabulary))
    return shot


def difference(before: Snapshot, after: Snapshot) -> dict[str, list[Any]]:
    """What changed: each field's name with the old and the new value."""
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}
