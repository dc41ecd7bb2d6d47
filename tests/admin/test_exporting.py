"""What somebody is given of their own data, and that nobody else is in it."""

import io
import json
import zipfile
from typing import Any

import pytest

from reviewhub.accounts.models import Person
from reviewhub.admin.people import exporting
from reviewhub.submissions.workflow import State
from tests.permissions.principals import House
from tests.permissions.readers import Tokens, readers


def given(person: Person) -> str:
    """The records as they stand in the file."""
    return json.dumps(exporting.about(person), ensure_ascii=False)


@pytest.mark.lasting
def test_each_is_given_their_own_words_and_nobody_elses(db: Any, clock: Any, make: Any) -> None:
    tokens = Tokens()
    house = House(make, State.REJECTED, tokens)
    own = {
        "submitter": {
            "name of submitter", "email of submitter", "organisation of submitter", "title",
            "description", "publisher", "why useful", "response note", "file name", "question",
            "answer", "text of the decision", "released comment",
        },
        "sent": {
            "name of sent", "email of sent", "organisation of sent",
            "comment to the submitter by sent", "comment to the editor by sent",
        },
        "accepted": {
            "name of accepted", "email of accepted", "organisation of accepted",
            "comment to the submitter by accepted", "comment to the editor by accepted",
            "question of a reviewer", "question that was answered", "reply to the panel",
        },
        "declined": {
            "name of declined", "email of declined", "organisation of declined", "decline note",
        },
        "applicant": {
            "name of applicant", "email of applicant", "organisation of applicant",
            "name in the application", "organisation in the application",
            "statement of the applicant", "interests of the applicant",
        },
        "idle_member": {
            "name of idle_member", "email of idle_member", "organisation of idle_member",
            "statement of the member", "interests of the member", "question of the member",
            "answer of the member", "decision of the member", "work of the member",
            "abstract of the member", "keywords of the member",
        },
        "registered": {
            "name of registered", "email of registered", "organisation of registered",
            "identity of registered", "name in the invitation", "organisation in the invitation",
            "statement in the invitation",
        },
    }  # fmt: skip
    for name, kinds in own.items():
        text = given(house.person[name])
        shown = {kind for kind, token in tokens.items() if token in text}
        assert kinds <= shown, name
        more = {kind for kind in shown - kinds if name not in readers(kind, house.state.value)}
        assert more == set(), f"{name} may not read these"


@pytest.mark.lasting
def test_the_file_holds_the_records_and_what_was_sent(
    db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    house = House(make, State.IN_REVIEW)
    sent = sign_in(house.person["applicant"]).post("/account/data/export")
    assert sent.headers["Cache-Control"] == "private, no-store"
    with sent, zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        names = archive.namelist()
        said = json.loads(archive.read("about_you.json"))
    assert "files/RA-2026-900001 cv.pdf" in names
    assert said["person"]["email"] == house.person["applicant"].email
    assert said["roster_applications by person_id"][0]["ref"] == "RA-2026-900001"
    assert "password" not in json.dumps(said)
    files = sign_in(house.person["submitter"]).post("/account/data/export")
    with files, zipfile.ZipFile(io.BytesIO(files.data)) as archive:
        assert any(name.endswith(".pdf") for name in archive.namelist())
