"""`/metrics`: figures of requests and of what waits, for this machine or for a token; no names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.core.nudges import nudger
from reviewhub.jobs import operations as jobs
from reviewhub.jobs.queries import WORKER
from reviewhub.notifications.models import Message
from reviewhub.submissions.workflow import State
from tests.conftest import SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

Database = scoped_session[Session]
TOKEN = "metrics-token-of-this-hub"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def figures(client: FlaskClient) -> dict[str, float]:
    """Every figure by its name and labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    lines = [line for line in response.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def requests(client: FlaskClient, endpoint: str, status: int, method: str = "GET") -> float:
    """How many requests were counted."""
    labels = f'endpoint="{endpoint}",method="{method}",status="{status}"'
    return figures(client).get(f"reviewhub_request_seconds_count{{{labels}}}", 0)


@pytest.mark.lasting
def test_a_request_is_counted_by_endpoint_and_status(client: FlaskClient) -> None:
    before = requests(client, "library.front", 200)
    client.get("/")
    client.get("/?q=anything")
    assert requests(client, "library.front", 200) == before + 2


@pytest.mark.lasting
def test_a_page_that_is_missing_is_counted_without_its_address(client: FlaskClient) -> None:
    before = requests(client, "none", 404)
    client.get("/no/such/page/somebody@host.example")
    assert requests(client, "none", 404) == before + 1
    assert "somebody" not in client.get("/metrics").text


@pytest.mark.lasting
def test_an_invented_method_makes_no_figure_of_its_own(client: FlaskClient) -> None:
    client.open("/", method="BREW")
    assert requests(client, "none", 405, "other") + requests(client, "library.front", 405, "other")
    assert "BREW" not in client.get("/metrics").text


def test_no_key_and_nobodys_name_is_in_the_figures(client: FlaskClient, make: Factory) -> None:
    person = make.person("Ana Canary")
    client.get("/?key=canary-key-0123456789")
    text = client.get("/metrics").text
    assert "canary" not in text
    assert person.email not in text


def test_mails_are_counted_by_state(client: FlaskClient, db: Database, make: Factory) -> None:
    person = make.person()
    db.add(
        Message(
            event="accounts/test", object_type="people", object_id=person.id,
            recipient_id=person.id, address=person.email, locale="en",
        )
    )  # fmt: skip
    found = figures(client)
    assert found['reviewhub_outbox{state="queued"}'] == 1
    assert found['reviewhub_outbox{state="dead"}'] == 0


@pytest.mark.lasting
def test_the_age_of_the_oldest_mail_and_of_the_workers_last_sign_are_told(
    client: FlaskClient, db: Database, make: Factory, clock: SetClock
) -> None:
    assert "reviewhub_worker_silent_seconds" not in figures(client)
    jobs.beat(WORKER)
    person = make.person()
    db.add(
        Message(
            event="accounts/test", object_type="people", object_id=person.id,
            recipient_id=person.id, address=person.email, locale="en",
        )
    )  # fmt: skip
    db.flush()
    clock.advance(seconds=90)
    found = figures(client)
    assert found["reviewhub_worker_silent_seconds"] == 90
    assert found["reviewhub_outbox_oldest_due_seconds"] == 90


def test_open_submissions_are_counted_by_state(client: FlaskClient, make: Factory) -> None:
    for state in (State.SUBMITTED, State.SUBMITTED, State.DRAFT):
        make.submission(state=state)
    found = figures(client)
    assert found['reviewhub_open_submissions{state="submitted"}'] == 2
    assert found['reviewhub_open_submissions{state="in_review"}'] == 0
    assert 'reviewhub_open_submissions{state="draft"}' not in found


def test_nudges_that_were_lost_are_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nudger, "lost", 7)
    client.get("/healthz")
    assert figures(client)["reviewhub_nudges_lost"] == 7


def test_elsewhere_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_base=ELSEWHERE).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_what_came_through_a_proxy_on_this_machine_is_from_elsewhere(
    client: FlaskClient, header: str
) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_the_token_opens_it_from_elsewhere(client: FlaskClient) -> None:
    right = {"Authorization": f"Bearer {TOKEN}"}
    with changed_settings(metrics_token=TOKEN):
        given = client.get("/metrics", environ_base=ELSEWHERE, headers=right)
        assert given.status_code == 200
        for wrong in ({"Authorization": "Bearer other"}, {"Authorization": "Bearer "}, {}):
            refused = client.get("/metrics", environ_base=ELSEWHERE, headers=wrong)
            assert refused.status_code == 404


def test_an_empty_token_opens_nothing(client: FlaskClient) -> None:
    empty = {"Authorization": "Bearer "}
    assert client.get("/metrics", environ_base=ELSEWHERE, headers=empty).status_code == 404


PROCESS = """
import sys
from reviewhub.app import create_app
from reviewhub.web.metrics import registry
from prometheus_client import generate_latest
client = create_app(secret_key="k" * 40, testing=True, base_url="http://localhost").test_client()
for _time in range(int(sys.argv[1])):
    client.get("/no/such/page")
print(generate_latest(registry()).decode())
"""


@pytest.mark.slow
def test_one_process_answers_for_all_that_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "REVIEWHUB_VAR": str(tmp_path)}
    texts = [
        subprocess.run(
            [sys.executable, "-c", PROCESS, times],
            env=env, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        ).stdout
        for times in ("2", "3")
    ]  # fmt: skip
    name = 'reviewhub_request_seconds_count{endpoint="none",method="GET",status="404"}'
    assert [f"{name} {n}" in text for n, text in zip(("2.0", "5.0"), texts, strict=True)] == [
        True,
        True,
    ]
