"""A gunicorn worker whose threads never wait for a slow sender.

    gunicorn --worker-class reviewhub.web.patience.PatientWorker --threads 4 ...

The main loop takes in a request, its body as well, piece by piece as it arrives, and hands it to a
thread when it is whole: a hundred slow uploads cost a hundred descriptors and some room on the
disk, and no thread. Where the end of a request lies is only guessed here, from its first lines;
gunicorn reads it all again and judges. What comes too slowly or in too many bytes is closed.
"""

import errno
import re
import selectors
import tempfile
import time
from functools import partial
from typing import IO, Any

from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]  # has no types
from gunicorn.workers.gthread import (  # type: ignore[import-untyped]  # has no types
    TConn,
    ThreadWorker,
)

from reviewhub.core import config

PIECE = 64 * 1024  # bytes read at once
IN_MEMORY = 128 * 1024  # of one request; what is longer waits on the disk
LONGEST_HEAD = 64 * 1024
BESIDE_A_FILE = 2 * 1024 * 1024  # bytes of a form beside the largest file
LONGEST_DROPPED = 1024 * 1024 * 1024  # read, so that the refusal is heard, but not kept
PATIENCE_S = 30.0  # for the first lines, and between two pieces
LEAST_RATE = 512  # bytes a second in the long run
GRACE_S = 60.0  # before the rate counts
MOST_ARRIVING = 200  # requests of one worker at a time; the slowest makes room
SWEEP_S = 1.0

_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([0-9]{1,15})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:[^\r]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect[ \t]*:[ \t]*100-continue", re.IGNORECASE)
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Arriving:
    """One request as far as it has arrived."""

    def __init__(self, now: float, longest_body: int) -> None:
        self.began = self.moved = now
        self.longest_body = longest_body
        self.held: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when read
        self.received = 0
        self._head = b""
        self._body_at: int | None = None
        self._length: int | None = 0  # of the body; None where only its end tells
        self._tail = b""
        self.asks_to_go_on = False

    def take(self, piece: bytes, now: float) -> None:
        """Keep the next piece, or drop it where the request is beyond what anybody will read."""
        self.moved = now
        self.received += len(piece)
        if self._body_at is None:
            self._head += piece
            self._look_for_body()
        if self._body_at is None or self.received <= self._body_at + self.longest_body:
            self.held.write(piece)
        self._tail = (self._tail + piece)[-5:]

    @property
    def is_whole(self) -> bool:
        """Whether a thread can answer it without waiting."""
        if self._body_at is None:
            return self.received > LONGEST_HEAD  # gunicorn will say what is wrong with it
        if self._length is None:
            return self._tail == b"0\r\n\r\n" or self.received > self.longest_body
        return self.received >= self._body_at + self._length or self.received > LONGEST_DROPPED

    def rate(self, now: float) -> float:
        """Bytes a second so far."""
        return self.received / max(now - self.began, 1.0)

    def is_too_slow(self, now: float) -> bool:
        """Whether nobody waits for it any longer."""
        if now - self.moved > PATIENCE_S:
            return True
        if self._body_at is None:
            return now - self.began > PATIENCE_S
        return now - self.began > GRACE_S and self.rate(now) < LEAST_RATE

    def _look_for_body(self) -> None:
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return
        head, self._body_at = self._head[: end + 2], end + 4
        self._head = b""
        self.asks_to_go_on = bool(_EXPECTS.search(head))
        length = _LENGTH.search(head)
        if length is not None:
            self._length = int(length[1])
        elif _CHUNKED.search(head):
            self._length = None


class Arrived(SocketUnreader):
    """Reads what has arrived, and then from the socket, as gunicorn would have."""

    def __init__(self, sock: Any, held: IO[bytes]) -> None:
        super().__init__(sock)
        self._held: IO[bytes] | None = held
        held.seek(0)

    def settle(self, *, goes_on: bool) -> None:
        """Put what the request left, the beginning of another one, where gunicorn looks for it."""
        if self._held is not None:
            rest = self._held.read() if goes_on else b""
            self._held.close()
            self._held = None
            self.unread(self.take_buffered() + rest)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece."""
        if self._held is not None:
            piece = self._held.read(PIECE)
            if piece:
                return piece
            self._held.close()
            self._held = None
        return super().chunk(size_hint)  # type: ignore[no-any-return]  # gunicorn is untyped


class PatientConnection(TConn):
    """A connection, and what of its next request has arrived."""

    arriving: Arriving | None = None

    def init(self) -> None:
        """In the thread: let the parser begin with what is here."""
        super().init()
        # A thread waits no longer than this: where the loop guessed wrong, or for a slow reader.
        self.sock.settimeout(PATIENCE_S)
        if self.arriving is not None and not self.is_http2:
            before = self.parser.unreader.take_buffered()
            self.parser.unreader = Arrived(self.sock, self.arriving.held)
            self.parser.unreader.unread(before)
            self.arriving = None

    def close(self, graceful: bool = False) -> None:
        """Forget what has arrived as well."""
        if self.arriving is not None:
            self.arriving.held.close()
            self.arriving = None
        super().close(graceful)


class PatientWorker(ThreadWorker):
    """Threads that are given whole requests only."""

    def init_process(self) -> None:
        """Begin with nobody arriving."""
        self.arriving: dict[PatientConnection, None] = {}
        self.swept = time.monotonic()
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a connection; its request goes to no thread before it is whole."""
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._wait_for(PatientConnection(self.cfg, sock, address, listener.getsockname()))

    def handle(self, conn: PatientConnection) -> Any:
        """In a thread: answer the request that has arrived."""
        keeps = super().handle(conn)
        if isinstance(getattr(conn.parser, "unreader", None), Arrived):
            conn.parser.unreader.settle(goes_on=bool(keeps))
        return keeps

    def on_client_socket_readable(self, conn: PatientConnection, client: Any) -> None:
        """A kept connection has something to say again."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait_for(conn)

    def murder_pending(self) -> None:
        """Close what comes too slowly; called at every turn of the loop."""
        super().murder_pending()
        now = time.monotonic()
        if now - self.swept < SWEEP_S:
            return
        self.swept = now
        for conn in list(self.arriving):
            request = self._of(conn)
            if request.is_too_slow(now) or not (self.alive or request.received):
                self._hang_up(conn)

    def _wait_for(self, conn: PatientConnection) -> None:
        if len(self.arriving) >= MOST_ARRIVING:
            now = time.monotonic()
            self._hang_up(min(self.arriving, key=lambda one: self._of(one).rate(now)))
        most = config.current().upload_max_bytes + BESIDE_A_FILE
        conn.arriving = Arriving(time.monotonic(), most)
        self.arriving[conn] = None
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._take_in, conn))
        self._take_in(conn, conn.sock)  # most requests are here as soon as their connection

    def _take_in(self, conn: PatientConnection, sock: Any) -> None:
        try:
            piece = sock.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            piece = b""
        if not piece:  # the sender is gone: half a request is none
            self._hang_up(conn)
            return
        request = self._of(conn)
        request.take(piece, time.monotonic())
        if request.asks_to_go_on:
            request.asks_to_go_on = False
            self._say(conn, _GO_ON)
        if request.is_whole:
            self._forget(conn)
            conn.data_ready = True
            self.enqueue_req(conn)

    def _say(self, conn: PatientConnection, words: bytes) -> None:
        try:
            conn.sock.send(words)
        except OSError:
            self.log.debug("nobody hears that the request may go on")

    def _hang_up(self, conn: PatientConnection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: PatientConnection) -> None:
        self.arriving.pop(conn, None)
        self.poller.unregister(conn.sock)

    def _of(self, conn: PatientConnection) -> Arriving:
        assert conn.arriving is not None
        return conn.arriving
