"""Between the proxy and the application: who asks, for which host, and under which path.

The public address, REVIEWHUB_BASE_URL, is the only source of absolute addresses: a Host header
can't change them. With a path in it (https://host.example/hub) the whole application lives there,
whether or not the proxy takes that path away before it passes a request on.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from reviewhub.core.config import Settings

if TYPE_CHECKING:  # a module that exists for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Asked by machines beside the hub, which know it by another name.
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})


def init_proxy(app: Flask, settings: Settings) -> None:
    """Put the guards in front of the application.

    Raises RuntimeError for a demo, whose passwords are public, at a public address.
    """
    if settings.demo and not is_loopback(urlsplit(settings.base_url).hostname or ""):
        raise RuntimeError(
            f"A demo has public passwords, so it does not start at {settings.base_url}. "
            "Set REVIEWHUB_DEMO to false, or REVIEWHUB_BASE_URL to an address of this machine."
        )
    guarded: WSGIApplication = Mount(app.wsgi_app, urlsplit(settings.base_url).path)
    if settings.check_host:
        guarded = HostGuard(guarded, settings.base_url)
    if count := settings.trusted_proxies:
        guarded = ProxyFix(guarded, x_for=count, x_proto=count, x_host=count, x_prefix=count)
    app.wsgi_app = guarded  # type: ignore[method-assign, assignment]  # Flask's way


class HostGuard:
    """Refuses requests for another host than the public one, and speaks of that one only."""

    def __init__(self, app: WSGIApplication, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.app = app
        self.scheme, self.netloc = parts.scheme, parts.netloc.rpartition("@")[2]
        self.hostname = parts.hostname or ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on as one for the public address, or answer it with 400."""
        if environ.get("PATH_INFO") not in WATCHED and not self.is_ours(environ):
            return refusal(environ, start_response)
        environ["HTTP_HOST"] = self.netloc
        environ["wsgi.url_scheme"] = self.scheme
        return self.app(environ, start_response)

    def is_ours(self, environ: WSGIEnvironment) -> bool:
        """Whether it names the public host; this machine has several names for itself."""
        try:
            asked = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
        except ValueError:  # "[", for example
            return False
        return asked == self.hostname or (is_loopback(asked) and is_loopback(self.hostname))


class Mount:
    """Lets the application live under `path`, as in "/hub"; under "" it changes nothing."""

    def __init__(self, app: WSGIApplication, path: str) -> None:
        self.app = app
        self.path = path.rstrip("/")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on with the path of the mount told from the path inside it."""
        if self.path:
            inside = environ.get("PATH_INFO", "")
            if inside == self.path or inside.startswith(f"{self.path}/"):
                environ["PATH_INFO"] = inside[len(self.path) :] or "/"
            environ["SCRIPT_NAME"] = self.path
        return self.app(environ, start_response)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


refusal = Response(
    "This site does not answer under that name.\n", 400, content_type="text/plain; charset=utf-8"
)
