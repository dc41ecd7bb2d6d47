"""A hub with all its real parts: it becomes ready, counts, and logs without keys."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.programs import until
from tests.journeys.stack import Stack

pytestmark = pytest.mark.slow
COUNT = re.compile(r'request_seconds_count\{endpoint="library.front".*status="200"\} (\S+)')


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The hub."""
    with Stack(tmp_path_factory.mktemp("hub")) as running:
        yield running


def get(stack: Stack, path: str, **headers: str) -> tuple[int, str]:
    """Status and content of a page."""
    asked = urllib.request.Request(stack.base_url + path, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_is_ready_as_soon_as_its_worker_gave_a_sign_of_life(stack: Stack) -> None:
    assert until(lambda: get(stack, "/readyz")[0] == 200, 40), get(stack, "/readyz")[1]
    checks = json.loads(get(stack, "/readyz")[1])["checks"]
    assert {name for name, answer in checks.items() if answer["ok"]} == {
        *("database", "migrations", "broker", "worker", "outbox")
    }


def test_each_of_its_web_processes_answers_for_all_of_them(stack: Stack) -> None:
    for _time in range(20):
        assert get(stack, "/")[0] == 200
    told = set()
    for _time in range(10):  # whichever of the processes takes it
        told |= set(COUNT.findall(get(stack, "/metrics")[1]))
        time.sleep(0.02)
    assert told == {"20.0"}


def test_it_answers_under_no_other_name(stack: Stack) -> None:
    assert get(stack, "/", Host="evil.example")[0] == 400
    assert get(stack, "/healthz", Host="evil.example")[0] == 200


def test_its_logs_are_json_and_hold_no_key(stack: Stack) -> None:
    get(stack, "/?key=canary-0123456789")
    get(stack, "/no/such/page?key=canary-0123456789")
    folder: Path = stack.var / "log"
    lines = [line for line in (folder / "web.log").read_text().splitlines() if line[:1] == "{"]
    requests = [line for line in map(json.loads, lines) if line["event"] == "request"]
    assert {"route", "status", "ms", "request_id"} <= set(requests[-1])
    for file in folder.iterdir():
        assert "canary" not in file.read_text(errors="replace"), file.name
