"""A line to the hub as somebody far away has it: slow in both directions, late, and it can break.

with SlowLine(stack.base_url, bits=400_000, latency=0.4) as line:
    browser.goto(line.base_url)
    line.break_after(300_000)      # bytes from now on, on the way to the hub
    ...
    line.mend()
"""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE = 4096


class SlowLine:
    """Passes connections on to a hub; all of them share one line in each direction."""

    def __init__(self, base_url: str, *, bits: int, latency: float) -> None:
        parts = urlsplit(base_url)
        self._hub = (parts.hostname or "", parts.port or 80)
        self._rate, self._latency = bits / 8, latency
        self._free_at = {"up": 0.0, "down": 0.0}
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._left: int | None = None
        self._is_broken = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self._hang_up()

    @property
    def is_broken(self) -> bool:
        """Whether it has broken by now."""
        return self._is_broken

    def break_after(self, number: int) -> None:
        """Break once so many bytes have gone to the hub, and stay broken."""
        with self._lock:
            self._left = number

    def mend(self) -> None:
        """Take connections again."""
        self._is_broken, self._left = False, None

    def _listen(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            if self._is_broken:
                near.close()
                continue
            far = socket.create_connection(self._hub)
            self._open += [near, far]
            for source, target, way in ((near, far, "up"), (far, near, "down")):
                threading.Thread(
                    target=self._pass_on, args=(source, target, way), daemon=True
                ).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, way: str) -> None:
        is_first = True
        with source, contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                # What goes to the hub bears the whole latency, as the way there and back does.
                time.sleep(self._wait(way, len(piece)) + (self._latency if is_first else 0.0))
                is_first = way == "down" and is_first
                target.sendall(piece)
                if way == "up" and self._breaks(len(piece)):
                    self._hang_up()
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def _wait(self, way: str, number: int) -> float:
        with self._lock:
            now = time.monotonic()
            self._free_at[way] = max(self._free_at[way], now) + number / self._rate
            return self._free_at[way] - now

    def _breaks(self, number: int) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= number
            self._is_broken = self._left <= 0
            return self._is_broken

    def _hang_up(self) -> None:
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)
