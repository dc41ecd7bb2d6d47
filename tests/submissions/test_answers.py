"""What the answers must fulfil, and how they go into the row and back."""

from collections.abc import Callable
from typing import Any

import pytest

from reviewhub.core.errors import InvalidInput
from reviewhub.submissions.answers import Answers, answers_of, checked, codes_of, terms_of, write
from reviewhub.submissions.filing import difference, file_under, snapshot
from reviewhub.submissions.models import Relation, Scope
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.models import Vocabulary as V
from tests.factories import Factory

Answer = Callable[..., Answers]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "javascript:alert(1)"}, "url"),
        ({"title": "Four"}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"why_useful": "Too short."}, "why_useful"),
        ({"why_useful": "x" * 1001}, "why_useful"),
        ({"description": "Too short."}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"publisher": "x" * 201}, "publisher"),
        ({"organisation": "x"}, "organisation"),
        ({"published_on": "yesterday"}, "published_on"),
        ({"authors": ("x" * 151,)}, "authors"),
        ({"authors": tuple(f"Author {n}" for n in range(21))}, "authors"),
        ({"language": "English!"}, "language"),
        ({"topics": ("no-such-topic",)}, "topics"),
        ({"topics": tuple(str(n) for n in range(1, 10))}, "topics"),
        ({"regions": ("atlantis",)}, "regions"),
        ({"countries": ("XXX",)}, "countries"),
        ({"for_government": True}, "country"),
    ],
)
def test_an_answer_that_cannot_hold_is_refused_beside_its_field(
    db: Any, answers: Answer, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(answers(**values))
    assert refused.value.field == field


@pytest.mark.parametrize(("name", "code"), [("section", "attic"), ("document_type", "scroll")])
def test_an_unknown_section_or_type_is_refused(
    db: Any, make: Factory, answers: Answer, name: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        write(make.submission(state=State.DRAFT), checked(answers(**{name: code})))
    assert refused.value.field == name


def test_lengths_count_after_trimming(db: Any, answers: Answer) -> None:
    assert checked(answers(title="  A fair   title \n")).title == "A fair title"
    with pytest.raises(InvalidInput):
        checked(answers(title="  Four     "))


def test_an_empty_form_is_a_draft_like_any_other(db: Any) -> None:
    assert checked(Answers()) == Answers()


def test_empty_lines_among_the_authors_are_dropped(db: Any, answers: Answer) -> None:
    assert checked(answers(authors=(" Ann  Author ", "", "Bo Author"))).authors == (
        "Ann Author",
        "Bo Author",
    )


def test_a_topic_named_twice_is_filed_once(db: Any, answers: Answer) -> None:
    assert checked(answers(topics=("14", "20", "14"))).topics == ("14", "20")


def test_answers_go_into_the_row_and_come_back(db: Any, make: Factory, answers: Answer) -> None:
    submission = make.submission(state=State.DRAFT)
    given = checked(
        answers(
            topics=("20", "14"),
            publisher="Example Press",
            published_on="2024-05",
            section="documents",
            document_type="report",
            description="What consular posts can do for nationals abroad, step by step.",
            authors=("Ann Author",),
            scope=Scope.NATIONAL,
            countries=("KEN",),
            relation=Relation.AUTHOR,
            organisation="Institute of Crossings",
            country="KEN",
            for_government=True,
        )
    )
    write(submission, given)
    file_under(submission, terms_of(given))
    db.commit()
    db.expire_all()
    assert answers_of(submission) == given
    assert submission.for_government == "KEN"
    assert submission.url_key == "library.example/consular-handbook"


def test_not_being_sure_of_the_topic_is_an_answer(db: Any, make: Factory, answers: Answer) -> None:
    submission = make.submission(state=State.DRAFT, topics=[])
    write(submission, answers(topics=(), topic_unsure=True))
    assert answers_of(submission).topic_unsure
    write(submission, answers(topics=("14",), topic_unsure=False))
    assert not answers_of(submission).topic_unsure


def test_a_language_outside_the_hubs_list_stands_in_the_column_only(
    db: Any, make: Factory, answers: Answer
) -> None:
    submission = make.submission(state=State.DRAFT)
    given = checked(answers(language="sw"))
    write(submission, given)
    file_under(submission, terms_of(given))
    assert submission.language == "sw"
    assert codes_of(submission, V.LANGUAGES) == ()


def test_the_first_topic_is_the_primary_one_and_changes_with_the_order(
    db: Any, make: Factory
) -> None:
    submission = make.submission(topics=["14", "20"])
    swapped = [make.term("topics", "20"), make.term("topics", "14")]
    file_under(submission, swapped)
    db.flush()
    db.expire_all()
    assert codes_of(submission, V.TOPICS) == ("20", "14")
    assert [row.is_primary for row in submission.filing] == [True, False]


def test_filing_under_the_same_terms_changes_nothing(db: Any, make: Factory) -> None:
    submission = make.submission(topics=["14", "20"])
    before = snapshot(submission)
    file_under(submission, [make.term("topics", "14"), make.term("topics", "20"),
                            make.term("languages", "en")])  # fmt: skip
    assert difference(before, snapshot(submission)) == {}


def test_the_difference_names_each_field_with_both_values(db: Any, make: Factory) -> None:
    submission = make.submission(topics=["14"], title="The old title")
    before = snapshot(submission)
    submission.title = "The new title"
    submission.scope = Scope.LOCAL
    file_under(submission, [make.term("topics", "20")])
    assert difference(before, snapshot(submission)) == {
        "title": ["The old title", "The new title"],
        "scope": ["global", "local"],
        "topics": [["14"], ["20"]],
        "languages": [["en"], []],
    }
