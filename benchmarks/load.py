"""A client that asks for pages as fast as they come, in a process of its own.

What it needs of a processor is not taken from the interpreter that measures.
"""

import http.client
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
TIMEOUT_S = 60.0
GIVE_UP_S = 20.0


@dataclass(frozen=True)
class Target:
    """Whom to ask, as whom, and for what: the paths in turn."""

    base_url: str
    cookie: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Timing:
    """What the one client saw: seconds per answer, and the largest answer in bytes."""

    seconds: tuple[float, ...]
    bytes: int

    def at(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return round(1000 * ordered[int(share * (len(ordered) - 1))], 2)


def one_after_another(target: Target, *, warm_up: int, requests: int) -> Timing:
    """One client on one connection; it gives up after GIVE_UP_S with what it has."""
    return _apart(_ask_in_turn, target, warm_up, requests)


def at_once(target: Target, *, clients: int, seconds: float) -> float:
    """Answers per second to so many clients, each on a connection of its own."""
    return _apart(_ask_together, target, clients, seconds)


def _apart(do: Callable[..., T], *arguments: object) -> T:
    """Run in a fresh process."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(do, *arguments).result()


def _ask_in_turn(target: Target, warm_up: int, requests: int) -> Timing:
    client = _Client(target)
    until = time.perf_counter() + GIVE_UP_S
    seconds: list[float] = []
    while len(seconds) < warm_up + requests and time.perf_counter() < until:
        started = time.perf_counter()
        client.ask()
        seconds.append(time.perf_counter() - started)
    del seconds[: min(warm_up, len(seconds) // 2)]
    return Timing(tuple(seconds), client.largest)


def _ask_together(target: Target, clients: int, seconds: float) -> float:
    answered: list[int] = []
    failures: list[Exception] = []
    until = time.perf_counter() + seconds

    def ask() -> None:
        client, number = _Client(target), 0
        try:
            while time.perf_counter() < until:
                client.ask()
                number += 1
        except Exception as failure:
            failures.append(failure)
        answered.append(number)

    started = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return round(sum(answered) / (time.perf_counter() - started), 1)


class _Client:
    """Somebody on one connection, which is opened anew where the server closed it."""

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.base_url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=TIMEOUT_S
        )
        self._headers = {"Cookie": target.cookie} if target.cookie else {}
        self._paths = cycle(target.paths)
        self.largest = 0

    def ask(self) -> None:
        """Get the next page. Raises RuntimeError where it is not a whole page."""
        path = next(self._paths)
        try:
            status, size = self._get(path)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()  # idle for too long: that is the server's right
            status, size = self._get(path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        self.largest = max(self.largest, size)

    def _get(self, path: str) -> tuple[int, int]:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        return response.status, len(response.read())
