"""Drafts: kept as they come, adopted, and the files with them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from reviewhub.accounts import links
from reviewhub.accounts.actor import NOBODY, Actor, Capability, Grant
from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.submissions import operations
from reviewhub.submissions.attachments import allowance, store
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.drafts import unsent
from reviewhub.submissions.queries import files_of
from reviewhub.submissions.workflow import State
from tests.factories import Factory

Link = Callable[[Submission], Actor]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def draft(db: Any, clock: Any) -> Submission:
    """A guest's draft."""
    return operations.begin(by=NOBODY)


def test_a_guests_draft_is_kept_for_the_policys_days_from_its_last_change(
    draft: Submission, clock: Any, by_draft_link: Link
) -> None:
    days = timedelta(days=14)
    assert draft.progress.due_at == core_clock.now() + days
    clock.advance(days=3)
    operations.save(draft, {"title": "A title"}, by=by_draft_link(draft))
    assert draft.progress.due_at == core_clock.now() + days


def test_answers_are_kept_whatever_they_are(draft: Submission, by_draft_link: Link) -> None:
    operations.save(
        draft,
        {"title": "x\x00" * 9, "url": "javascript:", "topics": ["a"] * 400, "consent": True,
         "scope": None, "why_useful": "y" * 20_000},
        by=by_draft_link(draft),
    )  # fmt: skip
    kept = unsent(draft)
    assert kept["url"] == "javascript:"
    assert (len(kept["topics"]), len(kept["why_useful"])) == (300, 10_000)
    assert "\x00" not in kept["title"]
    assert draft.title == "x" * 9
    assert draft.url == ""


def test_only_its_owner_saves_a_draft(
    draft: Submission, make: Factory, editor: Person, by: Callable[[Person], Actor]
) -> None:
    for actor in (NOBODY, by(make.person()), by(editor)):
        with pytest.raises(NotAllowed):
            operations.save(draft, {"title": "Mine"}, by=actor)


def test_saving_a_changed_version_leaves_what_was_sent(make: Factory, by_link: Link) -> None:
    submission = make.submission(state=State.CHANGES_REQUESTED, title="As it was sent")
    operations.save(submission, {"title": "Half of"}, by=by_link(submission))
    assert submission.title == "As it was sent"
    assert unsent(submission)["title"] == "Half of"


def test_a_draft_begun_before_signing_in_becomes_ones_own(draft: Submission, make: Factory) -> None:
    token = links.token(links.ensure(Capability.SUBMISSION, draft.id, person_id=None))
    person = make.person()
    grant = links.resolve(token)
    operations.adopt(draft, by=Actor(person_id=person.id, grant=grant))
    assert draft.submitter_id == person.id
    assert draft.progress.due_at is None
    assert links.resolve(token) is None


def test_a_draft_waiting_for_a_guests_mail_can_be_adopted_too(
    draft: Submission, make: Factory, db: Any
) -> None:
    guest, person = make.person(), make.person()
    draft.submitter_id = guest.id
    mailed = links.token(links.ensure(Capability.SUBMISSION, draft.id, person_id=guest.id))
    grant = Grant(1, Capability.SUBMISSION, draft.id, None)
    operations.adopt(draft, by=Actor(person_id=person.id, grant=grant))
    assert draft.submitter_id == person.id
    assert links.resolve(mailed) is None


def test_nobody_adopts_what_they_have_no_link_to(
    draft: Submission, make: Factory, by: Callable[[Person], Actor]
) -> None:
    operations.adopt(draft, by=by(make.person()))
    assert draft.submitter_id is None


def test_what_was_sent_is_adopted_by_nobody(make: Factory, by_link: Link) -> None:
    submission = make.submission()
    owner = submission.submitter_id
    grant = by_link(submission).grant
    operations.adopt(submission, by=Actor(person_id=make.person().id, grant=grant))
    assert submission.submitter_id == owner


# -- files --


def test_a_file_is_kept_under_a_name_of_ours(draft: Submission, by_draft_link: Link) -> None:
    file = operations.attach(draft, "../../etc/Report.exe", PDF, by=by_draft_link(draft))
    assert (file.name, file.media_type, file.size) == (
        "Report.exe.pdf",
        "application/pdf",
        len(PDF),
    )
    assert (store() / file.path).read_bytes() == PDF
    assert ".." not in file.path


def test_the_same_file_twice_is_kept_once(draft: Submission, by_draft_link: Link) -> None:
    first = operations.attach(draft, "one.pdf", PDF, by=by_draft_link(draft))
    second = operations.attach(draft, "two.pdf", PDF, by=by_draft_link(draft))
    assert second is first
    assert len(files_of(draft.id)) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "none of the kinds"),
        (b"MZ\x90\x00 a program", "none of the kinds"),
        (b"PK\x03\x04 no archive", "none of the kinds"),
        (PDF + b" " * 10 * 1024**2, "too large: 10 MB"),
    ],
)
def test_other_files_are_refused_and_say_why(
    draft: Submission, by_draft_link: Link, content: bytes, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        operations.attach(draft, "report.pdf", content, by=by_draft_link(draft))
    assert refused.value.field == "file"
    assert files_of(draft.id) == []


def test_one_file_too_many_is_refused_and_not_left_in_the_store(
    draft: Submission, by_draft_link: Link
) -> None:
    number = allowance().number
    for n in range(number):
        operations.attach(draft, f"{n}.pdf", PDF + b"%" * n, by=by_draft_link(draft))
    before = sorted(store().rglob("*.pdf"))
    with pytest.raises(InvalidInput, match=f"At most {number} files"):
        operations.attach(draft, "more.pdf", PDF + b"more", by=by_draft_link(draft))
    assert sorted(store().rglob("*.pdf")) == before


def test_a_file_is_taken_off_by_its_owner_only(
    draft: Submission, by_draft_link: Link, make: Factory
) -> None:
    file = operations.attach(draft, "one.pdf", PDF, by=by_draft_link(draft))
    with pytest.raises(NotAllowed):
        operations.detach(draft, file.id, by=NOBODY)
    other = operations.begin(by=NOBODY)
    with pytest.raises(NoResultFound):
        operations.detach(other, file.id, by=by_draft_link(other))
    operations.detach(draft, file.id, by=by_draft_link(draft))
    assert files_of(draft.id) == []
