"""A socket whose reader has a deadline for everything together, and a bound for what it reads."""

import io
import socket
import time
from dataclasses import dataclass
from typing import Any, BinaryIO


@dataclass
class Allowance:
    """How many bytes may still be read, and until when."""

    bytes: int
    until: float


class TooMuch(ValueError):
    """More came than was allowed."""


class Bounded:
    """What `http.client` needs of a socket.

    A socket's own timeout begins anew with every byte, so a server that sends one now and then
    would hold its reader for ever.
    """

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock = sock
        self._allowance = allowance

    def sendall(self, content: bytes) -> None:
        """Send it all, within what is left of the time."""
        self._sock.settimeout(_left(self._allowance))
        self._sock.sendall(content)

    def makefile(self, *_args: Any, **_options: Any) -> BinaryIO:
        """The reader; closing it leaves the socket open."""
        return io.BufferedReader(_Reader(self._sock, self._allowance))

    def close(self) -> None:
        """Nothing: whoever made the line hangs up, and the answer is still to be read."""


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock = sock
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._allowance))
        number = self._sock.recv_into(buffer)
        self._allowance.bytes -= number
        if self._allowance.bytes < 0:
            raise TooMuch
        return number


def _left(allowance: Allowance) -> float:
    left = allowance.until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
