"""The desk's queue while others send uploads so slowly that they never end.

    python -m benchmarks.trickle --items 1000 --slow 0,2,16 --json

Starts the whole hub with its two web workers, fills it, and asks for the queue one page after
another while so many clients send a form with a file at a kilobyte a second. For each number of
them: the middle and the 95th of a hundred in milliseconds, and how many were still sending.
"""

import argparse
import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import filling, load
from benchmarks.web import PAGES, editor_cookie
from reviewhub.core.db import db
from reviewhub.taxonomy.queries import catalogue
from tests.journeys.stack import Stack

RATE = 1024  # bytes a second
SIZE = 5_000_000
SETTLE_S = 3.0
WARM_UP, REQUESTS = 40, 400


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    found = measure(asked.items, asked.slow)
    if asked.json:
        print(json.dumps(found, indent=2))
        return 0
    for slow, figures in found.items():
        said = ", ".join(f"{name} {value}" for name, value in figures.items())
        print(f"{slow} slow: {said}")
    return 0


def measure(items: int, numbers: Sequence[int]) -> dict[str, dict[str, Any]]:
    """The queue's figures beside each number of slow senders."""
    with (
        tempfile.TemporaryDirectory(prefix="rh-trickle-") as folder,
        Stack(Path(folder)) as stack,
        stack.application(),
    ):
        filling.fill(items)
        addresses, _who = PAGES["queue"]
        target = load.Target(stack.base_url, editor_cookie(), tuple(addresses(catalogue())))
        db.session.rollback()
        load.one_after_another(target, warm_up=WARM_UP, requests=REQUESTS)
        return {str(number): _beside(number, target) for number in numbers}


def _beside(number: int, target: load.Target) -> dict[str, Any]:
    with trickling(target.base_url, number) as left:
        timing = load.one_after_another(target, warm_up=WARM_UP, requests=REQUESTS)
        return {
            "p50_ms": timing.at(0.5),
            "p95_ms": timing.at(0.95),
            "requests": len(timing.seconds),
            "still_sending": left(),
        }


@contextmanager
def trickling(base_url: str, number: int) -> Iterator[Any]:
    """So many slow senders for the length of the block; what it gives counts those connected."""
    over = threading.Event()
    sending: set[int] = set()
    threads = [
        threading.Thread(target=_trickle, args=(base_url, over, sending, n)) for n in range(number)
    ]
    for thread in threads:
        thread.start()
    time.sleep(SETTLE_S)
    try:
        yield lambda: len(sending)
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _trickle(base_url: str, over: threading.Event, sending: set[int], number: int) -> None:
    parts = urlsplit(base_url)
    head = (
        "POST /suggest/save HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {SIZE}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="slow.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF-1.4\n"
    )
    with closing(socket.create_connection((parts.hostname or "", parts.port or 80))) as line:
        sending.add(number)
        try:
            line.sendall(head.encode())
            while not over.wait(0.25):
                line.sendall(bytes(RATE // 4))
        except OSError:
            sending.discard(number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.trickle", description=__doc__)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--slow", type=_numbers, default=[0, 2, 16], help="by commas")
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
