"""A real broker and a real worker under the supervisor: what is killed comes back to work."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reviewhub.cli import broker
from reviewhub.cli.launcher.service import Service
from reviewhub.cli.launcher.supervisor import Patience
from tests.cli.programs import Run, until

# A worker whose beat asks for a tick every half second; each tick is a line in a file.
TICKER = """
import pathlib
from celery import Celery
celery = Celery("ticker", broker={url!r})
celery.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={{"socket_timeout": 2, "socket_connect_timeout": 1}},
    beat_schedule={{"tick": {{"task": "tick", "schedule": 0.5, "options": {{"expires": 5}}}}}},
)
@celery.task(name="tick")
def tick():
    with open({ticks!r}, "a") as file:
        file.write("tick\\n")
"""


class Hub:
    """A supervised broker and worker, and how often the worker has ticked."""

    def __init__(self, folder: Path, short: Path) -> None:
        socket_path = short / "b.sock"
        server = broker.find_broker()
        assert server is not None
        self.ticks_file = folder / "ticks"
        code = TICKER.format(url=broker.celery_url(socket_path), ticks=str(self.ticks_file))
        (folder / "ticker.py").write_text(code)
        self.run = Run(
            folder,
            [
                Service(
                    "broker",
                    broker.broker_argv(server, socket_path=socket_path, folder=folder),
                    ready=lambda: broker.answers(socket_path),
                )
            ],
            [Service("worker", _celery(folder))],
        )

    def ticks(self) -> int:
        """How many ticks were done."""
        return len(self.ticks_file.read_text().splitlines()) if self.ticks_file.exists() else 0

    def ticks_on(self) -> bool:
        """Whether more ticks get done."""
        before = self.ticks()
        return until(lambda: self.ticks() >= before + 3, 60)

    def kill(self, name: str) -> None:
        """End one process of a service without warning."""
        os.kill(self.run.pid(name), signal.SIGKILL)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with TemporaryDirectory(prefix="rh") as short:
        yield Hub(tmp_path, Path(short))


@pytest.mark.slow
def test_the_worker_goes_on_after_the_broker_or_itself_was_killed(hub: Hub, tmp_path: Path) -> None:
    outcome: list[bool] = []

    def story() -> bool:
        outcome.append(hub.ticks_on())
        hub.kill("broker")
        outcome.append(hub.ticks_on())
        hub.kill("worker")
        outcome.append(hub.ticks_on())
        outcome.append(_processes(tmp_path) == 2)  # the worker and one beat, not two
        return True

    assert hub.run(story) == 0
    assert outcome == [True, True, True, True]
    assert _processes(tmp_path) == 0


@pytest.mark.soak
def test_eight_broker_restarts_end_no_worker(hub: Hub) -> None:
    outcome: list[bool] = []

    def story() -> bool:
        for _time in range(8):
            hub.kill("broker")
            outcome.append(hub.ticks_on())
        return True

    hub.run.supervisor._patience = Patience(restarts=8, first_delay_s=0.01)
    assert hub.run(story) == 0
    assert outcome == [True] * 8
    assert not [said for said in hub.run.said if said.startswith("'worker'")]


def _celery(folder: Path) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "celery", "--workdir", str(folder), "-A", "ticker", "worker"),
        *("--beat", "--schedule", str(folder / "beat"), "--pool", "threads", "-c", "2"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )


def _processes(folder: Path) -> int:
    """How many processes of this folder's worker there are."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True
    )
    return sum(str(folder / "beat") in line for line in listing.stdout.splitlines())
