"""Files of a suggestion: on a page of their own, or piece by piece; a cut costs no answer."""

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from reviewhub.core.errors import WrongState
from reviewhub.submissions import operations
from reviewhub.submissions.attachments import allowance, store
from reviewhub.submissions.models import Submission, SubmissionFile, Upload
from reviewhub.submissions.workflow import State
from tests.factories import Factory

Form = Callable[..., dict[str, Any]]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
LONG = PDF + bytes(range(256)) * 2000


def upload(content: bytes = PDF, name: str = "report.pdf") -> tuple[io.BytesIO, str]:
    """A file as the browser sends it."""
    return io.BytesIO(content), name


@dataclass
class Draft:
    """A guest's draft, as the browser that began it reaches it."""

    client: FlaskClient
    ref: str
    key: str

    def at(self, rest: str) -> str:
        """An address of the draft."""
        return f"/suggest/{self.ref}{rest}?key={self.key}"

    def send(self, content: bytes, name: str = "report.pdf") -> TestResponse:
        """Send a file with the small form; written out here, or a large one leaves a file open."""
        boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(content), filename=name)})
        return self.client.post(
            self.at("/files"), data=body, content_type=f"multipart/form-data; boundary={boundary}"
        )

    def begin(self, content: bytes, **values: Any) -> TestResponse:
        """Announce a file."""
        said = {"name": "report.pdf", "size": len(content), "fingerprint": digest(content)}
        return self.client.post(self.at("/uploads"), data={**said, **values})

    def chunk(self, url: str, content: bytes, offset: int) -> TestResponse:
        """Send the piece of `content` that begins at `offset`."""
        return self.client.post(
            f"{url}&offset={offset}", data=content, content_type="application/octet-stream"
        )


def digest(content: bytes) -> str:
    """The fingerprint that a browser gives a file."""
    return sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def _empty_store(db: Any) -> None:
    """The store of the test suite, without what other tests left."""
    shutil.rmtree(store(), ignore_errors=True)


@pytest.fixture
def draft(client: FlaskClient, form: Form) -> Draft:
    """A guest's draft with its answers saved."""
    saved = client.post("/suggest/save", data=form(url=""))
    found = re.fullmatch(r"/suggest/(RH-[0-9-]+)\?key=(.+)", saved.location)
    assert found is not None
    return Draft(client, found[1], found[2])


def kept(db: Any) -> list[bytes]:
    """The bytes of the files that came with suggestions."""
    paths = db.scalars(sa.select(SubmissionFile.path).order_by(SubmissionFile.id))
    return [(store() / path).read_bytes() for path in paths]


# -- without JavaScript --


def test_the_form_saves_the_answers_before_it_leads_to_the_page_for_files(
    db: Any, client: FlaskClient, form: Form
) -> None:
    page = client.get("/suggest").text
    assert 'enctype="multipart/form-data"' not in page
    there = client.post("/suggest/save", data=form(title="Typed before", then="attach"))
    assert "Typed before" in db.scalars(sa.select(Submission.title)).one()
    answer = client.get(there.location).text
    assert "Your answers are kept" in answer
    assert 'enctype="multipart/form-data"' in answer


def test_a_file_does_instead_of_a_link(db: Any, draft: Draft, form: Form) -> None:
    there = draft.send(PDF)
    page = draft.client.get(there.location).text
    assert "“report.pdf” has arrived." in page
    sent = draft.client.post(draft.at(""), data=form(url=""))
    assert sent.status_code == 302
    assert kept(db) == [PDF]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (upload(b""), "This file is empty."),
        (upload(b"<html>", "page.pdf"), "none of the kinds we take"),
        ((io.BytesIO(), ""), "Please choose a file."),
        ("no file but text", "Please choose a file."),
    ],
)
def test_a_file_that_is_refused_says_why_and_the_answers_are_kept(
    db: Any, draft: Draft, form: Form, file: Any, sentence: str
) -> None:
    answer = draft.client.post(draft.at("/files"), data={"file": file})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert form()["why_useful"] in draft.client.get(draft.at("")).text
    assert kept(db) == []


def test_a_file_beyond_every_limit_gets_a_sentence_and_the_way_back(
    db: Any, draft: Draft, form: Form
) -> None:
    answer = draft.send(b"%PDF" * 7_000_000)
    assert answer.status_code == 413
    assert "What you saved before is kept." in answer.text
    assert draft.at("/files") in answer.text
    assert form()["why_useful"] in draft.client.get(draft.at("")).text


def test_files_are_taken_off_again_and_answers_typed_meanwhile_stay(
    db: Any, draft: Draft, form: Form
) -> None:
    draft.send(PDF)
    page = draft.client.get(draft.at("")).text.replace("&amp;", "&")
    assert "report.pdf" in page
    detach = re.search(r'formaction="([^"]+/detach[^"]*)"', page)
    assert detach is not None
    gone = draft.client.post(detach[1], data=form(why_useful="Typed since, never saved before."))
    after = draft.client.get(gone.location).text
    assert "report.pdf" not in after
    assert "Typed since" in after


def test_what_is_full_takes_no_more(db: Any, draft: Draft) -> None:
    for number in range(allowance().number):
        draft.send(PDF + b"%" * number)
    assert "all that can come" in draft.client.get(draft.at("/files")).text
    answer = draft.send(PDF + b"more")
    assert "At most" in answer.text
    assert draft.begin(LONG).status_code == 422


def test_a_file_comes_with_the_changed_version_too(db: Any, make: Factory, sign_in: Any) -> None:
    person = make.person()
    item = make.submission(
        state=State.CHANGES_REQUESTED, submitter_id=person.id, changes_wanted="The annex."
    )
    browser = sign_in(person)
    assert browser.get(f"/submissions/{item.ref}/revise").status_code == 200
    there = browser.post(f"/suggest/{item.ref}/files", data={"file": upload()})
    assert f"/submissions/{item.ref}/revise" in browser.get(there.location).text
    assert kept(db) == [PDF]


# -- piece by piece --


def test_a_file_arrives_in_pieces_and_is_whole(db: Any, draft: Draft) -> None:
    begun = draft.begin(LONG).json
    offset = begun["offset"]
    while offset < len(LONG):
        answer = draft.chunk(begun["url"], LONG[offset : offset + 100_000], offset).json
        offset = answer.get("offset", len(LONG))
    assert answer["file"]["name"] == "report.pdf"
    assert kept(db) == [LONG]
    assert db.scalars(sa.select(Upload)).all() == []
    assert draft.client.post(answer["file"]["detach"]).status_code == 302


def test_after_a_cut_it_goes_on_where_it_broke_off(db: Any, draft: Draft) -> None:
    begun = draft.begin(LONG).json
    draft.chunk(begun["url"], LONG[:60_000], 0)
    page = draft.client.get(draft.at("")).text
    assert "11 % has arrived. Choose the same file again to go on." in page
    again = draft.begin(LONG, name="renamed.pdf").json  # another tab, or the page reloaded
    assert again == {"url": begun["url"], "offset": 60_000}
    done = draft.chunk(again["url"], LONG[60_000:], 60_000).json
    assert "file" in done
    assert kept(db) == [LONG]


def test_a_piece_whose_answer_was_lost_is_not_written_twice(db: Any, draft: Draft) -> None:
    url = draft.begin(LONG).json["url"]
    draft.chunk(url, LONG[:1000], 0)
    again = draft.chunk(url, LONG[:1000], 0)
    assert (again.status_code, again.json) == (200, {"offset": 1000})
    ahead = draft.chunk(url, LONG[5000:6000], 5000)
    assert (ahead.status_code, ahead.json) == (200, {"offset": 1000})
    draft.chunk(url, LONG[1000:], 1000)
    assert kept(db) == [LONG]


def test_the_end_may_be_told_twice(db: Any, draft: Draft) -> None:
    url = draft.begin(LONG).json["url"]
    first = draft.chunk(url, LONG, 0).json
    assert draft.chunk(url, LONG, 0).status_code == 404
    again = draft.begin(LONG).json
    assert again["file"] == first["file"]
    assert kept(db) == [LONG]


def test_the_same_content_is_kept_once_however_it_comes(db: Any, draft: Draft) -> None:
    draft.send(LONG)
    assert "file" in draft.begin(LONG).json
    url = draft.begin(LONG, fingerprint="plain-512051-1").json["url"]
    draft.chunk(url, LONG, 0)
    assert kept(db) == [LONG]
    assert len([path for path in store().rglob("*") if path.is_file()]) == 1


def test_a_file_that_changed_on_the_way_is_refused_and_forgotten(db: Any, draft: Draft) -> None:
    url = draft.begin(LONG).json["url"]
    answer = draft.chunk(url, LONG[:-1] + b"X", 0)
    assert answer.status_code == 422
    assert "changed while it was sent" in answer.json["error"]
    assert kept(db) == []
    assert db.scalars(sa.select(Upload)).all() == []
    assert [path for path in store().rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"<html>", "none of the kinds"), (b"MZ\x90\x00 a program", "none of the kinds")],
)
def test_what_is_none_of_our_kinds_is_found_out_at_the_end(
    db: Any, draft: Draft, content: bytes, sentence: str
) -> None:
    answer = draft.chunk(draft.begin(content).json["url"], content, 0)
    assert (answer.status_code, sentence in answer.json["error"]) == (422, True)
    assert db.scalars(sa.select(Upload)).all() == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"size": 0}, "empty"),
        ({"size": -5}, "empty"),
        ({"size": 11 * 1024**2}, "too large: 10 MB"),
        ({"size": "many"}, "can't be sent"),
        ({"size": ""}, "can't be sent"),
        ({"name": ""}, "can't be sent"),
        ({"fingerprint": "../../etc"}, "can't be understood"),
        ({"fingerprint": ""}, "can't be sent"),
        ({"fingerprint": "x" * 81}, "can't be sent"),
    ],
)
def test_what_can_not_be_begun_gets_a_sentence(
    draft: Draft, values: dict[str, Any], sentence: str
) -> None:
    answer = draft.begin(LONG, **values)
    assert answer.status_code == 422
    assert sentence in answer.json["error"]


def test_more_than_was_announced_is_not_taken(db: Any, draft: Draft) -> None:
    url = draft.begin(PDF).json["url"]
    answer = draft.chunk(url, PDF + b"%", 0)
    assert "larger than it was said" in answer.json["error"]


def test_a_piece_is_of_bounded_size(draft: Draft) -> None:
    url = draft.begin(LONG, size=5_000_000).json["url"]
    answer = draft.client.post(
        f"{url}&offset=0", data=bytes(1_500_000), content_type="application/octet-stream",
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "more than we take" in answer.json["error"]


def test_what_nobody_went_on_with_makes_room(db: Any, clock: Any, draft: Draft) -> None:
    first = draft.begin(LONG, fingerprint="plain-first").json["url"]
    for number in range(allowance().number):
        clock.advance(minutes=1)
        draft.begin(LONG, fingerprint=f"plain-number-{number}")
    assert draft.chunk(first, LONG, 0).status_code == 404
    found = set(db.scalars(sa.select(Upload.fingerprint)))
    assert found == {f"plain-number-{number}" for number in range(allowance().number)}
    partial = list((store() / "partial").iterdir())
    assert len(partial) == allowance().number


def test_the_same_name_for_another_content_begins_anew(draft: Draft) -> None:
    begun = draft.begin(LONG, fingerprint="plain-fingerprint").json
    draft.chunk(begun["url"], LONG[:500], 0)
    again = draft.begin(PDF, fingerprint="plain-fingerprint").json
    assert again["offset"] == 0


def test_nobody_sends_files_to_somebody_elses_draft(
    client: FlaskClient, draft: Draft, form: Form
) -> None:
    other = client.post("/suggest/save", data=form()).location.partition("key=")[2]
    url = draft.begin(LONG).json["url"]
    for stranger in ("", other):
        asks = f"?key={stranger}"
        assert client.get(f"/suggest/{draft.ref}/files{asks}").status_code == 404
        assert client.post(f"/suggest/{draft.ref}/uploads{asks}").status_code == 404
        assert client.post(url.partition("?")[0] + asks, data=LONG).status_code == 404


def test_what_was_sent_takes_no_more_files(
    db: Any, client: FlaskClient, draft: Draft, form: Form, key_of: Any
) -> None:
    client.post(draft.at(""), data=form())
    submission = db.scalars(sa.select(Submission)).one()
    draft.key = key_of(submission)
    url = draft.begin(LONG).json["url"]
    client.post(f"/submissions/{draft.ref}/confirm?key={draft.key}")
    assert draft.begin(LONG).status_code == 409
    assert draft.chunk(url, LONG, 0).status_code == 409
    assert client.post(draft.at("/files"), data={"file": upload()}).status_code == 409
    assert kept(db) == []


def test_a_script_is_answered_in_its_own_form(draft: Draft) -> None:
    headers = {"Accept": "application/json"}
    missing = draft.client.post(draft.at("/uploads/999"), headers=headers)
    assert missing.status_code == 404
    assert "error" in missing.json


def test_the_operation_is_held_to_the_offset_too(db: Any, draft: Draft, by_draft_link: Any) -> None:
    draft.begin(LONG)
    one = db.scalars(sa.select(Upload)).one()
    submission = db.scalars(sa.select(Submission)).one()
    with pytest.raises(WrongState):
        operations.add_chunk(one, b"x", offset=5, by=by_draft_link(submission))
