"""What each process of a hub holds of the memory: after the start, and after thousands of pages.

    python -m benchmarks.memory --items 1000 --pages 1000 --json

Starts the whole hub, fills it, and asks for the queue in every combination of filters, until each
web process has answered `--pages` of them, and then as many again: what the first round keeps, a
second must not add to. Prints one JSON object, in MB of PSS by kind of process.
"""

import argparse
import http.client
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import filling, processes
from benchmarks.web import PAGES, editor_cookie
from reviewhub.core.db import db
from reviewhub.taxonomy.queries import catalogue
from tests.journeys.stack import Stack

WEB_PROCESSES = 2
STARTS_WITHIN_S = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    if not processes.has_figures():
        print("Only Linux says what a process holds of the memory.", file=sys.stderr)
        return 2
    print(json.dumps(measure(asked.items, asked.pages), indent=2))
    return 0


def measure(items: int, pages: int) -> dict[str, Any]:
    """The figures of a hub with so many items."""
    with (
        tempfile.TemporaryDirectory(prefix="rh-memory-") as folder,
        Stack(Path(folder)) as stack,
        stack.application(),
    ):
        started = _shares_when_all_are_there(stack)
        filling.fill(items)
        cookie, addresses = editor_cookie(), PAGES["queue"][0](catalogue())
        db.session.rollback()
        found = {"start": started}
        for times in (1, 2):
            _ask(stack.base_url, cookie, addresses, pages * WEB_PROCESSES)
            found[f"after_{times * pages}"] = _shares(stack)
        return {"items": items, "pss_mb": found}


def _shares_when_all_are_there(stack: Stack) -> dict[str, list[float]]:
    until = time.monotonic() + STARTS_WITHIN_S
    while "beat" not in (shares := _shares(stack)) and time.monotonic() < until:
        time.sleep(0.5)
    return shares


def _shares(stack: Stack) -> dict[str, list[float]]:
    return processes.pss_by_role(processes.of_hub(stack.pid))


def _ask(base_url: str, cookie: str, addresses: Sequence[str], times: int) -> None:
    """One connection for each page, so that every web process gets its share."""
    parts = urlsplit(base_url)
    for path in islice(cycle(addresses), times):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": cookie, "Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000, help="items in the database")
    parser.add_argument("--pages", type=int, default=1_000, help="pages by each web process")
    parser.add_argument("--json", action="store_true", default=True, help="print JSON; always so")
    return parser


if __name__ == "__main__":
    sys.exit(main())
