"""An OpenID Connect provider that runs for the length of a test, and agrees to everything.

It checks what a real one checks: the client and its secret, the address to send browsers back to,
PKCE, and that a code is used once. What it claims of a person can be spoilt on purpose.
"""

import secrets
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.serving import make_server

from reviewhub.core import clock
from reviewhub.core.providers import Provider as Settings
from tests.pages.chromium import Silent

CLIENT_ID, CLIENT_SECRET = "reviewhub", "the secret of the client"


@dataclass
class Person:
    """Who signs in at the provider."""

    subject: str = "ada-0001"
    email: str = "ada@host.example"
    email_verified: Any = True
    name: str = "Ada Example"


@dataclass
class Provider:
    """The provider; `issuer` is its address while it runs."""

    back: str
    issuer: str = ""
    person: Person = field(default_factory=Person)
    more: dict[str, Any] = field(
        default_factory=dict
    )  # claims beside or in place of the right ones
    denies: bool = False
    only_userinfo: bool = False  # the token says who it is, and nothing else
    keys: list[ECKey] = field(default_factory=lambda: [_key()])
    signs_with: ECKey | None = None
    forges: Callable[[dict[str, Any]], str] | None = None  # the token, in place of a signed one
    wants_secret_in_body: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    is_broken: bool = False

    def rotate(self) -> None:
        """Sign with another key from now on, and publish that one only."""
        self.keys = [_key()]

    def settings(self, **values: Any) -> Settings:
        """What the hub is told of it."""
        return Settings(
            **{
                "name": "office", "issuer": self.issuer, "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET, "label": "Example Login", **values,
            }
        )  # fmt: skip

    def application(self) -> Flask:
        """Its pages."""
        app = Flask("provider")
        app.before_request(lambda: Response("broken", 500) if self.is_broken else None)
        app.get("/.well-known/openid-configuration")(self._about)
        app.get("/jwks")(lambda: jsonify(keys=[key.as_dict(private=False) for key in self.keys]))
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        app.get("/userinfo")(self._userinfo)
        return app

    def _about(self) -> Response:
        way = "client_secret_post" if self.wants_secret_in_body else "client_secret_basic"
        return jsonify(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            userinfo_endpoint=f"{self.issuer}/userinfo",
            jwks_uri=f"{self.issuer}/jwks",
            token_endpoint_auth_methods_supported=[way],
            id_token_signing_alg_values_supported=["ES256", "HS256", "none"],
        )

    def _authorize(self) -> Any:
        asked = request.args
        is_right = (
            asked["client_id"] == CLIENT_ID
            and asked["redirect_uri"] == self.back
            and asked["response_type"] == "code"
            and asked["code_challenge_method"] == "S256"
            and "openid" in asked["scope"].split()
        )
        if not is_right:
            return Response("this client is not known so", 400)
        answer = {"state": asked["state"], "iss": self.issuer}
        if self.denies:
            return redirect(f"{self.back}?{urlencode({**answer, 'error': 'access_denied'})}")
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"nonce": asked["nonce"], "challenge": asked["code_challenge"]}
        return redirect(f"{self.back}?{urlencode({**answer, 'code': code})}")

    def _token(self) -> Any:
        if not self._is_client():
            return jsonify(error="invalid_client"), 401
        asked = self.codes.pop(request.form["code"], None)  # once
        if asked is None or request.form["redirect_uri"] != self.back:
            return jsonify(error="invalid_grant"), 400
        if create_s256_code_challenge(request.form["code_verifier"]) != asked["challenge"]:
            return jsonify(error="invalid_grant"), 400
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return jsonify(
            access_token=token, token_type="Bearer", id_token=self._id_token(asked["nonce"], token)
        )

    def _is_client(self) -> bool:
        if self.wants_secret_in_body:
            sent = request.form.get("client_id"), request.form.get("client_secret")
            return sent == (CLIENT_ID, CLIENT_SECRET)
        kind, _, sent_text = request.headers.get("Authorization", "").partition(" ")
        wanted = f"{CLIENT_ID}:{CLIENT_SECRET}"
        return kind == "Basic" and b64decode(sent_text).decode() == wanted

    def _id_token(self, nonce: str, access_token: str) -> str:
        key, now = self.signs_with or self.keys[-1], int(clock.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": self.person.subject, "nonce": nonce,
            "iat": now, "exp": now + 300,
            "at_hash": create_half_hash(access_token, "ES256").decode(),
            **({} if self.only_userinfo else self._profile()), **self.more,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.forges is not None:
            return self.forges(claims)
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)

    def _userinfo(self) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return Response("", 401)
        return jsonify(sub=self.person.subject, **self._profile())

    def _profile(self) -> dict[str, Any]:
        who = self.person
        return {"email": who.email, "email_verified": who.email_verified, "name": who.name}


@contextmanager
def running(back: str) -> Iterator[Provider]:
    """A provider on a free port of this machine, which sends browsers `back`."""
    provider = Provider(back)
    server = make_server(
        "127.0.0.1", 0, provider.application(), threaded=True, request_handler=Silent
    )
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
