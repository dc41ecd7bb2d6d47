"""What is needed to send a suggestion, and what before reviewers are asked."""

from typing import Any

import pytest

from reviewhub.core.errors import InvalidInput
from reviewhub.submissions.completeness import (
    missing_answers,
    missing_for_review,
    require_answers,
)
from reviewhub.submissions.models import Scope, SubmissionFile
from reviewhub.submissions.workflow import State
from tests.factories import Factory


def test_a_complete_suggestion_misses_nothing(db: Any, make: Factory) -> None:
    submission = make.submission(submitter_id=make.person(country="KEN").id)
    assert missing_answers(submission) == []
    assert missing_for_review(submission) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": ""}, "url"),
        ({"title": ""}, "title"),
        ({"language": ""}, "language"),
        ({"why_useful": ""}, "why_useful"),
        ({"topics": []}, "main_topic"),
        ({"consented_at": None}, "consent"),
    ],
)
def test_each_of_the_answers_is_needed_to_send(
    db: Any, make: Factory, values: dict[str, Any], field: str
) -> None:
    submission = make.submission(state=State.DRAFT, **values)
    assert [name for name, _label in missing_answers(submission)] == [field]
    with pytest.raises(InvalidInput, match="still missing") as refused:
        require_answers(submission)
    assert refused.value.field == field


def test_a_file_stands_for_the_link(db: Any, make: Factory) -> None:
    submission = make.submission(state=State.DRAFT, url="")
    db.add(SubmissionFile(submission_id=submission.id, path="ab/x.pdf", name="x.pdf",
                          media_type="application/pdf", size=1, sha256="0" * 64))  # fmt: skip
    db.flush()
    assert missing_answers(submission) == []


def test_not_being_sure_stands_for_the_topic_until_reviewers_are_asked(
    db: Any, make: Factory
) -> None:
    submission = make.submission(
        topics=[], details={"topic_unsure": True}, submitter_id=make.person(country="KEN").id
    )
    assert missing_answers(submission) == []
    assert len(missing_for_review(submission)) == 1


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({"section_id": None}, "the section"),
        ({"document_type_id": None}, "the type of document"),
        ({"published_on": ""}, "the date of publication"),
        ({"description": ""}, "the description"),
        ({"publisher": ""}, "the publisher"),
        ({"licence": None}, "the permission to list it"),
        ({"relation": None}, "the submitter's relation to the resource"),
        ({"scope": None}, "the geographic scope"),
        ({"scope": Scope.REGIONAL}, "the region"),
        ({"scope": Scope.NATIONAL}, "the country that it is about"),
        ({"scope": Scope.LOCAL}, "the country that it is about"),
    ],
)
def test_reviewers_are_not_asked_before_everything_is_filled_in(
    db: Any, make: Factory, values: dict[str, Any], label: str
) -> None:
    submission = make.submission(submitter_id=make.person(country="KEN").id, **values)
    assert missing_for_review(submission) == [label]


def test_conflicts_need_the_submitters_organisation_and_country(db: Any, make: Factory) -> None:
    person = make.person(organisation_id=None, country="")
    submission = make.submission(submitter_id=person.id)
    assert missing_for_review(submission) == [
        "the submitter's organisation",
        "the submitter's country",
    ]


def test_an_event_needs_neither_type_nor_date(db: Any, make: Factory) -> None:
    submission = make.submission(
        submitter_id=make.person(country="KEN").id,
        section_id=make.term("sections", "events").id,
        document_type_id=None,
        published_on="",
    )
    assert missing_for_review(submission) == []
