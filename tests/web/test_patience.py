"""The web server's worker: slow senders hold no thread, and whoever is too slow is let go."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reviewhub.web import patience
from reviewhub.web.patience import Arriving
from tests.journeys.stack import free_port

FORM = b"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: %d\r\n\r\n%s"
# An application of two lines, under the settings that it must have read.
APPLICATION = """
from pathlib import Path
from reviewhub.core import config
from reviewhub.core.config import Settings
config.use(Settings(var=Path("var"), testing=True, secret_key="k" * 40, upload_max_bytes=3_000_000))

def application(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    status, said = "413 Too Large", b"refused"
    if length <= 3_000_000:
        body = environ["wsgi.input"].read()
        status, said = "200 OK", f"{len(body)} {sum(body) % 251}".encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]
"""


def told(body: bytes) -> bytes:
    """What the application answers to this body."""
    return f"{len(body)} {sum(body) % 251}".encode()


Arrive = Callable[..., Arriving]


@pytest.fixture
def arriving() -> Iterator[Arrive]:
    """A request of which these pieces have come, one a second."""
    requests: list[Arriving] = []

    def _arriving(*pieces: bytes, longest: int = 1000) -> Arriving:
        requests.append(Arriving(0.0, longest))
        for second, piece in enumerate(pieces):
            requests[-1].take(piece, float(second))
        return requests[-1]

    yield _arriving
    for request in requests:
        request.held.close()


# -- when a request is whole --


@pytest.mark.parametrize(
    "pieces",
    [
        (b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nHo", b"st: hub\r\n\r", b"\n"),
        (FORM % (3, b"abc"),),
        (FORM % (3, b"a"), b"b", b"c"),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:2\r\n\r\n", b"ab"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n", b"0\r\n\r\n"),
        (b"x" * 70_000,),
    ],
)
def test_a_request_is_whole_with_its_last_byte_and_not_before(
    arriving: Arrive, pieces: tuple[bytes, ...]
) -> None:
    assert arriving(*pieces).is_whole
    if len(pieces[-1]) < 60_000:
        assert not arriving(*pieces[:-1], pieces[-1][:-1]).is_whole


def test_what_is_beyond_the_limit_is_counted_and_not_kept(arriving: Arrive) -> None:
    request = arriving(FORM % (5000, b""), *[bytes(500)] * 10, longest=1000)
    assert request.is_whole
    request.held.seek(0)
    assert len(request.held.read()) < 2000


def test_a_sender_who_stops_or_crawls_is_too_slow_and_a_slow_one_is_not(arriving: Arrive) -> None:
    silent = arriving(b"GET")
    assert not silent.is_too_slow(patience.PATIENCE_S - 1)
    assert silent.is_too_slow(patience.PATIENCE_S + 1)
    steady = arriving(FORM % (200_000, b""), *[bytes(1000)] * 100, longest=10**6)
    assert not steady.is_too_slow(101.0)
    crawling = arriving(FORM % (200_000, b""), *[b"x"] * 100, longest=10**6)
    assert crawling.is_too_slow(101.0)


# -- the worker itself --


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of one worker with two threads."""
    folder, port = tmp_path_factory.mktemp("patience"), free_port()
    (folder / "tiny.py").write_text(APPLICATION)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "2"),
            *("--worker-class", "reviewhub.web.patience.PatientWorker", "--no-control-socket"),
            *("--log-level", "warning", "tiny:application"),
        ],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{Path(patience.__file__).parents[2]}", "PATH": ""},
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield port
    process.terminate()
    process.wait(timeout=30)


Connect = Callable[[], socket.socket]


@pytest.fixture
def connect(server: int) -> Iterator[Connect]:
    """Opens connections, and closes them after the test."""
    opened: list[socket.socket] = []

    def open_one() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", server), timeout=10))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def answer(line: socket.socket) -> bytes:
    """The body of the next answer on a connection, and nothing of the one after it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = line.recv(1)
        assert piece, f"the connection ended after {head!r}"
        head += piece
    length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
    body, left = b"", int(length[1]) if length else 1_000_000
    while left and (piece := line.recv(left)):
        body, left = body + piece, left - len(piece)
    return body


@pytest.mark.slow
def test_a_body_arrives_whole_however_it_is_cut(connect: Connect) -> None:
    body = bytes(range(256)) * 8000  # two megabytes: more than is held in memory
    for size in (1_000_000, 65_536, 40_000):
        line = connect()
        request = FORM % (len(body), body)
        for start in range(0, len(request), size):
            line.sendall(request[start : start + size])
        assert answer(line) == told(body)


@pytest.mark.slow
def test_more_slow_senders_than_threads_hold_up_nobody(connect: Connect) -> None:
    slow = [connect() for _ in range(30)]
    for number, line in enumerate(slow):
        line.sendall((FORM % (1000, b"half"))[: None if number % 2 else 40])
    took = []
    for _ in range(10):
        began = time.monotonic()
        line = connect()
        line.sendall(FORM % (5, b"quick"))
        assert answer(line) == told(b"quick")
        took.append(time.monotonic() - began)
    assert sorted(took)[5] < 1.0
    slow[1].sendall(bytes(996))
    assert answer(slow[1]) == told(b"half" + bytes(996))


@pytest.mark.slow
def test_a_kept_connection_and_one_request_after_another_at_once(connect: Connect) -> None:
    line = connect()
    for word in (b"one", b"three"):
        line.sendall(FORM % (len(word), word))
        assert answer(line) == told(word)
    line.sendall(FORM % (1, b"a") + FORM % (2, b"bc") + (FORM % (4, b"defg"))[:-2])
    assert [answer(line), answer(line)] == [told(b"a"), told(b"bc")]
    time.sleep(0.3)
    line.sendall(b"fg")
    assert answer(line) == told(b"defg")


@pytest.mark.slow
def test_a_body_in_chunks_is_read_as_well(connect: Connect) -> None:
    line = connect()
    line.sendall(b"POST / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    time.sleep(0.3)
    line.sendall(b"2\r\nde\r\n0\r\n\r\n")
    assert answer(line) == told(b"abcde")


@pytest.mark.slow
def test_whoever_asks_first_is_told_to_go_on(connect: Connect) -> None:
    line = connect()
    head = b"POST / HTTP/1.1\r\nHost: hub\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    line.sendall(head)
    assert line.recv(100).startswith(b"HTTP/1.1 100")
    line.sendall(b"abc")
    assert told(b"abc") in answer(line)


@pytest.mark.slow
def test_the_refusal_of_far_too_much_is_heard(connect: Connect) -> None:
    line = connect()
    line.sendall(FORM % (20_000_000, bytes(20_000_000)))
    assert answer(line) == b"refused"


@pytest.mark.slow
def test_half_a_request_is_dropped_when_its_sender_hangs_up(server: int) -> None:
    for _ in range(20):
        with closing(socket.create_connection(("127.0.0.1", server))) as line:
            line.sendall(FORM % (100, b"half"))
    with closing(socket.create_connection(("127.0.0.1", server), timeout=10)) as line:
        line.sendall(FORM % (2, b"ok"))
        assert answer(line) == told(b"ok")
