"""Whether the hub has a resource already, and what of it an asker may know."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reviewhub.accounts.actor import NOBODY, Actor
from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput
from reviewhub.submissions import duplicates
from reviewhub.submissions.duplicates import Match, Sought, refuse_same, same, similar
from reviewhub.submissions.models import Decision, DecisionKind, Submission, SubmissionFile
from reviewhub.submissions.urls import url_key
from reviewhub.submissions.workflow import State
from tests.factories import Factory

URL = "https://library.example/guide"


@pytest.fixture
def at(make: Factory) -> Callable[..., Submission]:
    """A suggestion with this address."""

    def _at(url: str = URL, **values: Any) -> Submission:
        return make.submission(url=url, url_key=url_key(url), **values)

    return _at


@pytest.mark.parametrize(
    "state", [state for state in State if state not in {State.DRAFT, State.WITHDRAWN}]
)
def test_the_same_address_is_found_in_every_state_that_counts(
    db: Any, at: Callable[..., Submission], state: State
) -> None:
    row = at(state=state)
    found = same("http://www.library.example/guide/#top", asker=NOBODY)
    assert found is not None
    assert found.submission_id == row.id


@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN])
def test_a_draft_and_what_was_withdrawn_stand_in_nobodys_way(
    db: Any, at: Callable[..., Submission], state: State
) -> None:
    at(state=state)
    assert same(URL, asker=NOBODY) is None


def test_an_item_is_no_duplicate_of_itself(db: Any, at: Callable[..., Submission]) -> None:
    assert same(URL, asker=NOBODY, but=at()) is None


def test_no_address_is_nobodys_duplicate(db: Any, at: Callable[..., Submission]) -> None:
    at("")
    assert same("", asker=NOBODY) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://doi.org/10.1234/abc.5", "https://press.example/doi/pdf/10.1234/ABC.5.pdf"),
        ("https://a.example/978-3-16-148410-0", "https://b.example/book?isbn=9783161484100"),
        ("https://b.example/book?isbn=9783161484100", "https://a.example/978-3-16-148410-0"),
    ],
)
def test_the_same_doi_or_isbn_at_another_address_is_found(
    db: Any, at: Callable[..., Submission], first: str, second: str
) -> None:
    row = at(first)
    found = same(second, asker=NOBODY)
    assert found is not None
    assert found.submission_id == row.id


def test_a_longer_doi_is_another_one(db: Any, at: Callable[..., Submission]) -> None:
    at("https://doi.org/10.1234/abc.55")
    assert same("https://doi.org/10.1234/abc.5", asker=NOBODY) is None


def test_a_sentence_says_how_it_stands(
    db: Any, clock: Any, at: Callable[..., Submission], editor: Person
) -> None:
    row = at()
    assert _sentence() == "This is already under review: it was suggested on 2 Mar 2026."
    row.state = State.REJECTED
    assert _sentence() == "This was suggested before and not included."
    db.add(
        Decision(submission_id=row.id, kind=DecisionKind.REJECTED, reason="outdated",
                 decided_by_id=editor.id, decided_at=core_clock.now())
    )  # fmt: skip
    db.flush()
    assert _sentence().startswith("This was suggested before and not included on 2 Mar 2026: ")
    row.reviewed_at = core_clock.now()
    row.state = State.PUBLISHED
    assert _sentence() == "This is in the library already."


def test_only_who_may_see_it_gets_a_link(
    db: Any,
    make: Factory,
    editor: Person,
    at: Callable[..., Submission],
    by: Callable[[Person], Actor],
) -> None:
    owner = make.person()
    row = at(submitter_id=owner.id)
    for person, sees in ((owner, True), (editor, True), (make.person(), False)):
        found = same(URL, asker=by(person))
        assert found is not None
        assert (found.target is not None) is sees
    assert row.ref not in _sentence()


@pytest.fixture
def shelf() -> Iterator[dict[str, Match]]:
    """What a package above has published, by key."""
    known: dict[str, Match] = {}

    def finder(sought: Sought) -> Match | None:
        return known.get(sought.url_key)

    duplicates.register_finder(finder)
    duplicates.register_finder(finder)
    assert duplicates._finders.count(finder) == 1
    yield known
    duplicates._finders.remove(finder)


def test_a_package_above_is_asked_first(
    db: Any, at: Callable[..., Submission], shelf: dict[str, Match]
) -> None:
    at()
    shelf["library.example/guide"] = Match("It stands in the library.", "A guide")
    assert _sentence() == "It stands in the library."


def test_what_was_published_of_an_item_is_no_duplicate_of_it(
    db: Any, at: Callable[..., Submission], shelf: dict[str, Match]
) -> None:
    row = at()
    shelf["library.example/guide"] = Match("Published.", "A guide", submission_id=row.id)
    assert same(URL, asker=NOBODY, but=row) is None


def test_the_same_file_is_found_whatever_it_is_called(db: Any, make: Factory) -> None:
    first, second = make.submission(url="", url_key=""), make.submission(url="", url_key="")
    _file(db, first, "ab/1.pdf")
    _file(db, second, "ab/2.pdf")
    with pytest.raises(InvalidInput, match="already under review") as refused:
        refuse_same(second, asker=NOBODY)
    assert refused.value.field == "file"


def test_the_same_address_is_refused_beside_the_link(
    db: Any, at: Callable[..., Submission]
) -> None:
    at()
    with pytest.raises(InvalidInput, match="already under review") as refused:
        refuse_same(at(state=State.DRAFT), asker=NOBODY)
    assert refused.value.field == "url"


@pytest.mark.parametrize(
    ("title", "publisher", "year", "number"),
    [
        ("Consular practice: a handbook", "example press", "", 1),
        ("A handbook: consular practice", "", "2024", 1),
        ("a HANDBOOK of consular practice", "", "", 1),  # the same but for its case
        ("Consular practice: a handbook", "Other Press", "2019", 0),
        ("Consular practice in nine small states", "Example Press", "2024", 0),
    ],
)
def test_a_similar_title_of_the_same_publisher_or_year_is_named(
    db: Any, make: Factory, title: str, publisher: str, year: str, number: int
) -> None:
    make.submission(title="A handbook of consular practice", publisher="Example Press",
                    published_on="2024-05-01")  # fmt: skip
    found = similar(title, publisher=publisher, year=year, asker=NOBODY)
    assert len(found) == number


def test_at_most_three_similar_ones_are_named(db: Any, make: Factory) -> None:
    for _number in range(5):
        make.submission(title="A handbook of consular practice")
    found = similar("A handbook of consular practice", publisher="", year="", asker=NOBODY)
    assert len(found) == 3


def test_signs_with_a_meaning_in_searches_are_taken_as_they_are(db: Any, make: Factory) -> None:
    make.submission(title="Anything at all", published_on="2024")
    assert similar("Anything at all", publisher="%", year="%", asker=NOBODY) != []
    assert similar("Anything at all.", publisher="%", year="20_4", asker=NOBODY) == []


def _sentence() -> str:
    found = same(URL, asker=NOBODY)
    assert found is not None
    return found.sentence


def _file(db: Any, submission: Submission, path: str) -> None:
    db.add(SubmissionFile(submission_id=submission.id, path=path, name=path[3:],
                          media_type="application/pdf", size=1, sha256="a" * 64))  # fmt: skip
    db.flush()
