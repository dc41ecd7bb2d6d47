"""What a suggestion must say before it can be sent, and before reviewers are asked."""

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, _l, get_locale
from reviewhub.submissions.answers import DESCRIPTION, TITLE, WHY_USEFUL, codes_of
from reviewhub.submissions.models import Scope, Submission, SubmissionFile
from reviewhub.taxonomy.models import Vocabulary as V
from reviewhub.taxonomy.queries import catalogue

Missing = list[tuple[str, object]]


def require_answers(submission: Submission) -> None:
    """Raises InvalidInput, naming the field, unless the seven answers are there."""
    missing = missing_answers(submission)
    if missing:
        field, label = missing[0]
        raise InvalidInput(_("This is still missing: %(label)s.", label=str(label)), field=field)


def missing_answers(submission: Submission) -> Missing:
    """Which of the answers needed for sending are missing: field and label of each."""
    topics = codes_of(submission, V.TOPICS) or submission.details.get("topic_unsure")
    answered = (
        ("url", _l("a link or a file"), submission.url or has_files(submission)),
        ("title", _l("the title"), len(submission.title) >= TITLE[0]),
        ("language", _l("the language"), submission.language),
        ("why_useful", _l("why it is useful"), len(submission.why_useful) >= WHY_USEFUL[0]),
        ("main_topic", catalogue().topic_label(get_locale() or "en").text, topics),
        ("consent", _l("your consent"), submission.consented_at),
    )
    return [(field, label) for field, label, answer in answered if not answer]


def missing_for_review(submission: Submission) -> list[str]:
    """The labels of what must be filled in before reviewers are asked; empty when all is there."""
    missing = [
        *missing_answers(submission),
        *_missing_filing(submission),
        *_missing_place(submission),
        *_missing_submitter(submission),
    ]
    return list(dict.fromkeys(str(label) for _field, label in missing))


def has_files(submission: Submission) -> bool:
    """Whether any file came with it."""
    return bool(
        db.session.scalar(
            sa.select(sa.exists().where(SubmissionFile.submission_id == submission.id))
        )
    )


def _missing_filing(submission: Submission) -> Missing:
    topic = catalogue().topic_label(get_locale() or "en").text
    shows = (
        catalogue().term(submission.section_id).data.get("shows", ())
        if submission.section_id
        else ()
    )
    answered = (
        ("section", _l("the section"), submission.section_id),
        (
            "document_type",
            _l("the type of document"),
            submission.document_type_id or "document_type" not in shows,
        ),
        (
            "published_on",
            _l("the date of publication"),
            submission.published_on or "date_of_publication" not in shows,
        ),
        ("description", _l("the description"), len(submission.description) >= DESCRIPTION[0]),
        ("publisher", _l("the publisher"), submission.publisher),
        ("topics", topic, any(row.is_primary for row in submission.filing)),
        ("licence", _l("the permission to list it"), submission.licence),
        ("relation", _l("the submitter's relation to the resource"), submission.relation),
    )
    return [(field, label) for field, label, answer in answered if not answer]


def _missing_place(submission: Submission) -> Missing:
    if submission.scope is None:
        return [("scope", _l("the geographic scope"))]
    if submission.scope is Scope.REGIONAL and not codes_of(submission, V.REGIONS):
        return [("regions", _l("the region"))]
    local = submission.scope in {Scope.NATIONAL, Scope.LOCAL}
    if local and not codes_of(submission, V.COUNTRIES):
        return [("countries", _l("the country that it is about"))]
    return []


def _missing_submitter(submission: Submission) -> Missing:
    if submission.submitter_id is None:
        return [("email", _l("the submitter"))]
    person = accounts.get(submission.submitter_id)
    answered = (
        ("organisation", _l("the submitter's organisation"), person.organisation_id),
        ("country", _l("the submitter's country"), person.country),
    )
    return [(field, label) for field, label, answer in answered if not answer]
