"""Pages that go wrong on purpose, in an application of their own."""

from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, jsonify, redirect, request, session
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, IntegrityError, NoResultFound, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import TooManyRequests

from reviewhub.accounts.access import PUBLIC, allow
from reviewhub.core.errors import DomainError, InvalidInput, LinkExpired, NotAllowed, NotFound
from reviewhub.core.errors import WrongState as Moved
from reviewhub.web.forms import Form, line, text
from tests.second_app import second_app

SENTENCE = "This <b>sentence</b> is for you & me."
ERRORS: dict[str, Exception] = {
    "domain": DomainError(SENTENCE),
    "input": InvalidInput(SENTENCE),
    "allowed": NotAllowed(SENTENCE),
    "found": NotFound(SENTENCE),
    "state": Moved(SENTENCE),
    "link": LinkExpired(SENTENCE),
    "row": NoResultFound("secret table"),
    "stale": StaleDataError("secret table"),
    "contradiction": IntegrityError("secret table", {}, Exception("secret")),
    "unfit": DataError("secret table", {}, Exception("secret")),
    "database": OperationalError("secret table", {}, Exception("secret")),
    "limit": TooManyRequests(),
    "bug": ZeroDivisionError("secret value"),
}


class NoteForm(Form):
    """One answer that is needed and two that are not."""

    title = line("Title", most=20, required=True)
    subtitle = line("Subtitle", least=3, most=20)
    note = text("Note", most=50)


def _blueprint() -> Blueprint:
    bp = Blueprint("sample", __name__)

    @bp.get("/raise/<name>")
    @allow(PUBLIC)
    def broken(name: str) -> str:
        raise ERRORS[name]

    @bp.post("/a/sample/note")
    @allow(PUBLIC)
    def note() -> object:
        form = NoteForm()
        valid = form.was_sent_and_is_valid()
        return jsonify(valid=valid, data=form.data, errors=form.errors)

    @bp.get("/away")
    @allow(PUBLIC)
    def away() -> object:
        return redirect("/elsewhere")

    @bp.get("/remember/<word>")
    @allow(PUBLIC)
    def remember(word: str) -> str:
        session["word"] = word
        return request.method

    return bp


@pytest.fixture(scope="module")
def sample(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with those pages."""
    with second_app(tmp_path_factory.mktemp("sample"), _blueprint()) as second:
        second.config["WTF_CSRF_ENABLED"] = False
        second.config["PROPAGATE_ERRORS"] = False
        yield second


@pytest.fixture
def browser(sample: Flask) -> FlaskClient:
    """A browser at that application."""
    return sample.test_client()
