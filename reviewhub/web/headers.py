"""The headers that every response carries, errors included."""

from flask import Flask, Response, current_app, request

from reviewhub.core import config

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def init_headers(app: Flask) -> None:
    """Add them after every request; a view that set one itself keeps its own."""

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if config.current().base_url.startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = _cache_control()
        return response


def _cache_control() -> str:
    """What one person was shown is kept by no cache, and forgotten when they have signed out."""
    signed_in = current_app.config["SIGN_IN_COOKIE"] in request.cookies
    return "no-store" if signed_in else "private, no-cache"
