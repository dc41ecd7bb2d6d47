"""Reviewers who must not know the submitter get copies that name nobody, and never the file."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from flask.testing import FlaskClient

from reviewhub.accounts.models import Person
from reviewhub.reviews.files import shown_files
from reviewhub.reviews.models import Assignment
from reviewhub.submissions import tasks
from reviewhub.submissions.attachments import attach
from reviewhub.submissions.models import Cleaning
from reviewhub.submissions.queries import files_of
from tests.reviews.scene import Scene, accept

CANARY = "Quillon Hark"
Review = tuple[Scene, Assignment, FlaskClient]


def pdf() -> bytes:
    """A PDF by somebody."""
    document, held = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.docinfo["/Author"] = CANARY
    document.save(held)
    return held.getvalue()


@pytest.fixture
def under_review(make: Any, db: Any, clock: Any, sign_in: Any) -> Callable[[str], Review]:
    """Starts the review of a suggestion with a file by somebody; its reviewer's browser."""

    def _start(anonymity: str) -> Review:
        scene = Scene(make, db, anonymity=anonymity)
        attach(scene.submission, f"{CANARY} thesis.pdf", pdf())
        seat = scene.start()[0]
        accept(seat)
        db.commit()
        return scene, seat, sign_in(db.get_one(Person, seat.person_id))

    return _start


@pytest.mark.lasting
def test_where_the_submitter_is_known_the_file_comes_as_it_is(under_review: Any) -> None:
    scene, seat, browser = under_review("single")
    (file,) = files_of(scene.submission.id)
    assert f"{CANARY} thesis.pdf" in browser.get(f"/assignments/{seat.id}").text
    with browser.get(f"/assignments/{seat.id}/files/{file.id}") as sent:
        assert CANARY.encode() in sent.data
    assert file.cleaning is Cleaning.NOT_ASKED


@pytest.mark.lasting
def test_until_its_copy_is_there_nothing_is_handed_out(under_review: Any) -> None:
    scene, seat, browser = under_review("double")
    (file,) = files_of(scene.submission.id)
    assert file.cleaning is Cleaning.WAITING
    page = browser.get(f"/assignments/{seat.id}").text
    assert "file-1.pdf is being prepared" in page
    assert CANARY not in page
    assert browser.get(f"/assignments/{seat.id}/files/{file.id}").status_code == 404


@pytest.mark.lasting
def test_the_copy_names_nobody_and_neither_does_its_name(under_review: Any) -> None:
    scene, seat, browser = under_review("double")
    assert tasks.clean_files() == 1
    (file,) = files_of(scene.submission.id)
    page = browser.get(f"/assignments/{seat.id}").text
    assert "file-1.pdf" in page
    assert CANARY not in page
    with browser.get(f"/assignments/{seat.id}/files/{file.id}") as sent:
        assert sent.status_code == 200
        assert "file-1.pdf" in sent.headers["Content-Disposition"]
        assert CANARY not in str(sent.headers)
        with pikepdf.open(io.BytesIO(sent.data)) as copy:
            assert len(copy.pages) == 1
            assert "/Info" not in copy.trailer


@pytest.mark.lasting
def test_a_file_that_can_not_be_cleaned_is_said_and_not_shown(db: Any, under_review: Any) -> None:
    scene, seat, browser = under_review("double")
    (file,) = files_of(scene.submission.id)
    file.cleaning = Cleaning.FAILED
    db.commit()
    assert "could not be taken out" in browser.get(f"/assignments/{seat.id}").text
    assert browser.get(f"/assignments/{seat.id}/files/{file.id}").status_code == 404
    (shown,) = shown_files(scene.submission.id, hides_submitter=True)
    assert (shown.path, shown.is_waiting) == (None, False)


@pytest.mark.lasting
def test_the_editors_and_the_submitter_keep_the_file_itself(
    under_review: Any, sign_in: Any
) -> None:
    scene, _seat, _browser = under_review("double")
    tasks.clean_files()
    (file,) = files_of(scene.submission.id)
    with sign_in(scene.editor).get(f"/submissions/{scene.submission.ref}/files/{file.id}") as sent:
        assert CANARY.encode() in sent.data
