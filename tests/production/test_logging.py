"""What stands in a line of the log, and what never does."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import url_for
from flask.testing import FlaskClient

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.core.config import Settings
from reviewhub.jobs.tasks import beat
from reviewhub.web.lines import Lines as Formatter
from reviewhub.web.lines import say, secrets_of
from tests.factories import Factory

Lines = Callable[[], list[dict[str, Any]]]
ROOT = Path(__file__).parents[2]
SETTINGS = Settings.load(
    secret_key="sign-with-this-" * 4,
    smtp_url="smtp://hub:open%20sesame@mail.example",
    database_url="postgresql://hub:data-sesame@db.example/hub",
    metrics_token="figures-sesame",
)


def _listening(readable: bool) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter(SETTINGS, readable=readable))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What production writes."""
    yield from _listening(readable=False)


@pytest.fixture
def shown() -> Iterator[io.StringIO]:
    """What a demo writes."""
    yield from _listening(readable=True)


@pytest.fixture
def lines(written: io.StringIO) -> Lines:
    """The lines so far, each parsed."""
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def requests(lines: Lines) -> list[dict[str, Any]]:
    """The lines about requests."""
    return [line for line in lines() if line["event"] == "request"]


def test_a_request_is_one_line_with_its_route_and_its_time(
    client: FlaskClient, lines: Lines
) -> None:
    response = client.get("/")
    (line,) = requests(lines)
    assert line["level"] == "info"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/", 200)
    assert line["ms"] > 0
    assert line["person"] is None
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["timestamp"].endswith("Z")


def test_a_line_says_who_was_signed_in_by_number_only(
    sign_in: Callable[[Person], FlaskClient], make: Factory, lines: Lines, written: io.StringIO
) -> None:
    person = make.person("Ana Canary")
    sign_in(person).get("/")
    assert requests(lines)[-1]["person"] == person.id
    assert "Canary" not in written.getvalue()
    assert person.email not in written.getvalue()


def test_a_missing_page_is_a_line_without_its_address(client: FlaskClient, lines: Lines) -> None:
    client.get("/no/such/page/canary")
    (line,) = requests(lines)
    assert (line["route"], line["status"]) == (None, 404)
    assert "canary" not in json.dumps(lines())


def test_an_id_that_the_proxy_gave_is_carried_on(client: FlaskClient, lines: Lines) -> None:
    response = client.get("/", headers={"X-Request-ID": "proxy-0123456789"})
    assert response.headers["X-Request-ID"] == "proxy-0123456789"
    assert requests(lines)[0]["request_id"] == "proxy-0123456789"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, 'with"quote-and-more', "with space 1234"])
def test_an_id_that_is_not_sane_is_replaced(client: FlaskClient, given: str) -> None:
    answered = client.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert answered != given
    assert len(answered) == 32


def test_the_key_of_a_link_is_in_no_line(
    client: FlaskClient, make: Factory, written: io.StringIO
) -> None:
    submission = make.submission()
    person = make.person()
    link = links.ensure(Capability.SUBMISSION, submission.id, person_id=person.id)
    key = links.token_for(link.id)
    with client.application.test_request_context():
        page = url_for("submissions.show", ref=submission.ref)
    for path in (f"{page}?key={key}", f"/no/such/page/?key={key}"):
        client.get(path)
        client.post(path, data={"key": key})
    assert written.getvalue().count('"request"') == 4
    assert key not in written.getvalue()


@pytest.mark.parametrize(
    "sentence",
    [
        "GET /reviews/7?key=canary-0123456789 went wrong",
        "https://hub.example/sign-in?next=%2F&token=canary-0123456789",
        "form: {'key': 'canary-0123456789'}",
        f"signed with {SETTINGS.secret_key}",
        "Key: DETAIL:  Key (email)=(canary@host.example) already exists.",
        "smtp://hub:open%20sesame@mail.example",
        "login as hub with open sesame",
        "postgresql://hub:data-sesame@db.example/hub",
        "Bearer figures-sesame",
    ],
)
def test_what_slips_into_a_sentence_is_blotted_out(lines: Lines, sentence: str) -> None:
    logging.getLogger("some.library").warning("careful: %s", sentence)
    say(logging.getLogger("ours"), logging.INFO, sentence, more={"deep": [sentence]})
    text = json.dumps(lines())
    assert len(lines()) == 2
    assert "***" in text
    for secret in ("canary", "sesame", SETTINGS.secret_key):
        assert secret not in text


def test_a_traceback_is_kept_on_the_same_line_and_without_secrets(lines: Lines) -> None:
    try:
        raise RuntimeError("no way to /submissions/RH-1?key=canary-0123456789")
    except RuntimeError:
        logging.getLogger("some.library").exception("it broke")
    (line,) = lines()
    assert "RuntimeError: no way to /submissions/RH-1?key=***" in line["exception"]


def test_ordinary_words_stay(lines: Lines) -> None:
    sentence = "The key: 3 of 4 tokens were used; see https://hub.example/library?q=key+code"
    logging.getLogger("some.library").warning(sentence)
    assert lines()[0]["event"] == sentence


def test_every_secret_of_the_settings_is_known() -> None:
    known = secrets_of(SETTINGS)
    assert SETTINGS.secret_key in known
    assert {"open%20sesame", "open sesame", "data-sesame", "figures-sesame"} <= set(known)
    assert "" not in known


def test_in_a_demo_a_line_reads_well(client: FlaskClient, shown: io.StringIO) -> None:
    client.get("/")
    line = next(line for line in shown.getvalue().splitlines() if "request " in line)
    assert "route=/" in line
    assert "status=200" in line
    assert "\x1b" not in line


@pytest.mark.lasting
def test_being_watched_is_no_news(client: FlaskClient, lines: Lines) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/static/css/base.css"):
        client.get(path).close()
    assert {line["level"] for line in requests(lines)} == {"debug"}


def test_a_task_is_a_line_with_its_id_when_it_did_something(
    client: FlaskClient, lines: Lines
) -> None:
    beat.apply(task_id="task-1", throw=True)
    (line,) = [line for line in lines() if line["event"] == "task"]
    assert (line["task_id"], line["task"]) == ("task-1", "jobs.beat")
    assert (line["done"], line["state"], line["level"]) == (0, "SUCCESS", "debug")
    assert line["ms"] > 0


PROCESS = """
import logging
from reviewhub.app import create_app
app = create_app(secret_key="k" * 40, base_url="http://localhost", redis_url="")
app.test_client().get("/healthz?key=canary-0123456789")
app.test_client().get("/no/such/page?key=canary-0123456789")
logging.getLogger("some.library").info("a line of a library")
logging.getLogger("celery.beat").info("once a second")
"""


@pytest.mark.slow
def test_a_process_in_production_writes_json_lines_only(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROCESS],
        env={"REVIEWHUB_VAR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found = [json.loads(line) for line in process.stderr.splitlines()]
    assert "a line of a library" in [line["event"] for line in found]
    assert "request" in [line["event"] for line in found]
    assert "once a second" not in process.stderr
    assert "canary" not in process.stderr
