"""Reading an address that somebody gave us, without being led into places that are not theirs.

The name is resolved once; every address it has must be one of the public internet, and the
connection goes to an address that was checked, so that a name that changes its mind meanwhile
gains nothing. Each redirect is looked at anew. A deadline holds for all of it together, and a
bound for what is read, before and after decompression.
"""

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from reviewhub.core import config
from reviewhub.core.bounds import Allowance, Bounded
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _l

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Collection[str]]

MOST_REDIRECTS = 5
MEBIBYTE = 1024 * 1024
LONGEST_URL = 4000
HEADERS = 64 * 1024  # bytes of them, at most
_CHUNK = 16 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_PORTS = {"http": 80, "https": 443}
_KEPT = "/%:=&?~#+!$,;'@()*[]"  # what stands in an address as it is

# Written out, since what Python takes for global differs from one version to the next.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Only what is given out as global unicast is public; that leaves out mapped and NAT64 addresses.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(text)
    # Protocols (Teredo among them), documentation twice, and 6to4.
    for text in ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16")
)


class FetchError(DomainError):
    """An address that could not be read. The sentence never says what stands where."""

    status = 422
    words = _l("This address could not be read from here.")

    def __init__(self) -> None:
        super().__init__(self.words)


class Refused(FetchError):
    """We don't go there; it reads like `Unreachable`, so that nobody maps a network with it."""


class Unreachable(FetchError):
    """No such name, nobody there, or no talking to them."""


class TooSlow(FetchError):
    """The deadline has passed."""

    words = _l("This address took too long to answer.")


class Unreadable(FetchError):
    """What came back is no answer of a web server, or one that leads nowhere."""

    words = _l("What this address answers can't be read.")


@dataclass(frozen=True)
class Fetched:
    """What came back. `content` is empty unless the status is 200."""

    status: int
    final_url: str
    media_type: str = ""
    charset: str = ""
    content: bytes = b""
    truncated: bool = False
    moved_for_good: bool = False  # every redirect on the way was meant to stay
    etag: str = ""
    last_modified: str = ""


def resolved(host: str, port: int) -> Collection[str]:
    """Every address that the system knows for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Rules:
    """Where one may go: ports, networks allowed in spite of not being public, and by whose word."""

    ports: frozenset[int] = frozenset(_PORTS.values())
    allowed: tuple[Network, ...] = ()
    resolve: Resolver = resolved
    trust: ssl.SSLContext | None = field(default=None, compare=False)

    def let(self, address: Address) -> bool:
        """Whether a connection may go to this address."""
        if any(address in network for network in self.allowed):
            return True
        return is_public(address)


_standing = Rules()


@contextmanager
def under(rules: Rules) -> Iterator[None]:
    """Let these rules hold inside the block, in every thread: tests have servers of their own."""
    global _standing  # one set of rules per process
    before, _standing = _standing, rules
    try:
        yield
    finally:
        _standing = before


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and not another one in disguise."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    inside = address in _PUBLIC_6 and address.scope_id is None
    return inside and not any(address in network for network in _NOT_PUBLIC_6)


def safe_fetch(
    url: str,
    *,
    limit: int = MEBIBYTE,
    seconds: float = 5,
    etag: str = "",
    last_modified: str = "",
    rules: Rules | None = None,
) -> Fetched:
    """What stands at a web address; `etag` and `last_modified` ask for it only if it changed.

    At most `limit` bytes are read, within `seconds` altogether. Raises FetchError.
    """
    headers = {
        "User-Agent": user_agent(),
        "Accept": "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip, identity",
        "Connection": "close",
    }
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": last_modified} if last_modified else {}
    trip = _Trip(rules or _standing, time.monotonic() + seconds, limit, headers)
    try:
        return trip.to(url)
    except TimeoutError as error:
        raise TooSlow from error
    except ssl.SSLError as error:  # of which some are ValueErrors as well
        raise Unreachable from error
    except (http.client.HTTPException, zlib.error, ValueError) as error:
        raise Unreadable from error
    except OSError as error:
        raise Unreachable from error


def user_agent() -> str:
    """Who we say we are, with the address at which to complain."""
    return f"ReviewHub (+{config.current().base_url})"


@dataclass(frozen=True)
class _Trip:
    rules: Rules
    deadline: float
    limit: int
    headers: dict[str, str]

    def to(self, url: str) -> Fetched:
        for_good = True
        for hop in range(MOST_REDIRECTS + 1):
            parts = _checked(url, self.rules)
            with self._line(parts) as (sock, allowance):
                response = self._asked(parts, Bounded(sock, allowance))
                target = response.getheader("Location", "")
                if response.status not in _REDIRECTS or not target:
                    allowance.bytes += self.limit + HEADERS
                    return self._answer(response, parts.geturl(), moved=for_good and hop > 0)
            for_good = for_good and response.status in _FOR_GOOD
            url = _led_to(parts.geturl(), target)
        raise Unreadable  # it leads from one address to the next

    @contextmanager
    def _line(self, parts: SplitResult) -> Iterator[tuple[socket.socket, Allowance]]:
        """A line to one of the addresses that were looked at, encrypted for the name's own sake."""
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        sock = self._socket(self._addresses(host, port), port)
        try:
            if parts.scheme == "https":
                trust = self.rules.trust or ssl.create_default_context()
                sock.settimeout(self._left())
                sock = trust.wrap_socket(sock, server_hostname=host)
            yield sock, Allowance(HEADERS, self.deadline)
        finally:
            sock.close()

    def _socket(self, addresses: Sequence[str], port: int) -> socket.socket:
        failed: OSError = OSError()
        for number, address in enumerate(addresses):
            patience = self._left() / (len(addresses) - number)
            try:
                return socket.create_connection((address, port), patience)
            except OSError as error:
                failed = error
        raise failed

    def _addresses(self, host: str, port: int) -> list[str]:
        """The name's addresses. Raises Refused where one of them is not to be gone to."""
        found = [ipaddress.ip_address(text) for text in self._resolve(host, port)]
        if not found or not all(self.rules.let(address) for address in found):
            raise Refused
        return [str(address) for address in found]

    def _resolve(self, host: str, port: int) -> Collection[str]:
        """Ask for the name in a thread: the system's resolver knows no deadline of ours."""
        answers: queue.Queue[Collection[str] | Exception] = queue.Queue(1)

        def ask() -> None:
            try:
                answers.put(self.rules.resolve(host, port))
            except Exception as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True, name="resolving").start()
        try:
            answer = answers.get(timeout=self._left())
        except queue.Empty:
            raise TooSlow from None
        if isinstance(answer, Exception):
            raise Unreachable from answer
        return answer

    def _asked(self, parts: SplitResult, line: Bounded) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port or _PORTS[parts.scheme]
        )
        connection.default_port = _PORTS[parts.scheme]
        connection.sock = line
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers=self.headers)
        return connection.getresponse()

    def _answer(self, response: http.client.HTTPResponse, url: str, *, moved: bool) -> Fetched:
        content, truncated = b"", False
        if response.status == 200:
            content, truncated = self._content(response)
        headers = response.headers
        return Fetched(
            status=response.status,
            final_url=url,
            media_type=headers.get_content_type() if "Content-Type" in headers else "",
            charset=(headers.get_content_charset() or "")[:40],
            content=content,
            truncated=truncated,
            moved_for_good=moved,
            etag=_short(response.getheader("ETag")),
            last_modified=_short(response.getheader("Last-Modified")),
        )

    def _content(self, response: http.client.HTTPResponse) -> tuple[bytes, bool]:
        """At most `limit` bytes as they were before packing, and whether there was more."""
        unpack = _unpacker(response.getheader("Content-Encoding", ""))
        content, taken = bytearray(), 0
        while len(content) <= self.limit and taken <= self.limit:
            chunk = response.read1(_CHUNK)
            if not chunk:
                break
            taken += len(chunk)
            content += unpack(chunk, self.limit + 1 - len(content))
        more = len(content) > self.limit or taken > self.limit
        return bytes(content[: self.limit]), more

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left


def _checked(url: str, rules: Rules) -> SplitResult:
    """The parts of an address, in ASCII. Raises Refused for one that is not for us to read."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
    except ValueError as error:  # UnicodeError is one
        raise Refused from error
    usable = parts.scheme in _PORTS and host and len(url) <= LONGEST_URL
    if not usable or parts.username is not None or parts.password is not None:
        raise Refused
    if (port or _PORTS[parts.scheme]) not in rules.ports:
        raise Refused
    shown = f"[{host}]" if ":" in host else host
    return SplitResult(
        parts.scheme,
        f"{shown}:{port}" if port not in {None, _PORTS[parts.scheme]} else shown,
        quote(parts.path, safe=_KEPT),
        quote(parts.query, safe=_KEPT),
        "",
    )


def _led_to(url: str, target: str) -> str:
    """Where a redirect leads; servers write UTF-8 where the headers' own code is meant."""
    return urljoin(url, target.encode("latin-1", "replace").decode("utf-8", "replace"))


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """What makes at most so many bytes of a chunk. Raises Unreadable for an unknown packing."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return lambda chunk, _most: chunk
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise Unreadable
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress


def _short(header: str | None) -> str:
    """A header to be sent back later, unless it is unreasonable."""
    return header if header and len(header) <= 200 and header.isprintable() else ""
