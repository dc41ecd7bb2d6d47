"""A real web server on this machine, for what reads other people's pages.

Each path is answered by a function that writes to the connection as it likes, so that a test can
have answers that no library would send.
"""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

from reviewhub.core.fetch import Rules

Answer = Callable[[BaseHTTPRequestHandler], None]
HERE = (ip_network("127.0.0.1/32"),)


class Site(ThreadingHTTPServer):
    """Answers by path; `asked` holds what was asked for, with the headers."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, context: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0
    ) -> None:
        super().__init__((address, port), _Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def url(self, path: str = "/", host: str = "site.example") -> str:
        """The address of a path, under a name that only the tests' resolver knows."""
        return f"http://{host}:{self.server_port}{path}"

    def rules(self, **more: object) -> Rules:
        """This server may be gone to, under whatever name."""
        rules = {"ports": {self.server_port}, "allowed": HERE, "resolve": here}
        return Rules(**{**rules, **more})  # type: ignore[arg-type]

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answers.get(self.path, status(404))(self)

    def log_message(self, *_args: object) -> None:
        pass


def here(_host: str, _port: int) -> list[str]:
    """Every name is this machine."""
    return ["127.0.0.1"]


def raw(content: bytes) -> Answer:
    """Exactly these bytes."""
    return lambda handler: handler.wfile.write(content) and None


def status(code: int, **headers: str) -> Answer:
    """No body; an underscore in a header's name is written as a hyphen."""
    return page(b"", code=code, **headers)


def page(content: bytes, *, code: int = 200, **headers: str) -> Answer:
    """A page, as HTML unless a header says otherwise."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": "text/html", "Content-Length": str(len(content))} | named
        for name, value in named.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def to(target: str, code: int = 302) -> Answer:
    """A redirect."""
    return status(code, Location=target)


@contextmanager
def serving(
    context: ssl.SSLContext | None = None, *, address: str = "127.0.0.1", port: int = 0
) -> Iterator[Site]:
    """A server that runs inside the block."""
    site = Site(context, address, port)
    thread = threading.Thread(target=lambda: site.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join()
