"""Speaking with an OpenID Connect provider: where to send a browser, and what its answer is worth.

Authorization code with PKCE. Whatever a provider says counts only when it is signed by a key of
its own, meant for this hub, fresh, and the answer to our question (state, nonce, verifier).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reviewhub.core import clock, config
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _
from reviewhub.core.providers import Provider
from reviewhub.core.text import clean_line, normalise_email

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

TIMEOUT = (3.05, 5)  # seconds: to be connected, and for an answer
LEEWAY = 120  # seconds that the clocks may differ
KNOWN_FOR = 3600  # seconds that we believe what a provider told of itself
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
# What stands for a second factor, in `amr` or in `acr`.
MFA = frozenset(
    {
        "mfa",
        "https://refeds.org/profile/mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    }
)

_told: dict[str, tuple[float, dict[str, Any]]] = {}  # by issuer: when, and what


class ProviderAwayError(DomainError):
    """The provider can't be reached, or says nothing that makes sense."""

    status = 503


class ProviderRefusedError(DomainError):
    """The provider did not sign the person in, or what it said is not to be trusted."""


@dataclass(frozen=True)
class Question:
    """What only the browser that was sent knows: the answer has to fit."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Claims:
    """What a provider says of a person. The address is empty unless it was verified."""

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    mfa: bool = False


def named(name: str) -> Provider | None:
    """The provider of this name, if the settings have one."""
    return next((one for one in config.current().oidc if one.name == name), None)


def forget() -> None:
    """Ask every provider anew what it says of itself."""
    _told.clear()


def address(provider: Provider, question: Question, *, back: str) -> str:
    """Where to send the browser. Raises ProviderAwayError."""
    about = _about(provider)
    with _session(provider, back) as session:
        url, _state = session.create_authorization_url(
            about["authorization_endpoint"],
            state=question.state,
            nonce=question.nonce,
            code_verifier=question.verifier,
        )
    return str(url)


def answer(provider: Provider, question: Question, *, code: str, back: str) -> Claims:
    """What the provider says for this code. Raises ProviderAwayError or ProviderRefusedError."""
    about = _about(provider)
    with _session(provider, back) as session:
        token = session.fetch_token(
            about["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=question.verifier,
            allow_redirects=False,
        )
        claims = _verified(provider, token, question.nonce)
        is_all = "email" in claims and "name" in claims
        told = {} if is_all else _userinfo(provider, session, claims["sub"])
    return _claims_of(provider, claims, told)


def _claims_of(provider: Provider, claims: dict[str, Any], told: dict[str, Any]) -> Claims:
    mail = claims if "email" in claims else told  # address and whether it is verified: from one
    is_verified = mail.get("email_verified") in (True, "true")  # some write it as a text
    email = normalise_email(str(mail.get("email") or "")) if is_verified else ""
    methods = claims.get("amr") or []
    said = {str(claims.get("acr")), *(str(one) for one in methods)}
    return Claims(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        email=email if 3 <= len(email) <= 254 and "@" in email else "",
        name=_name(claims) or _name(told),
        mfa=bool(said & MFA),
    )


def _name(claims: dict[str, Any]) -> str:
    parts = (str(claims.get(part) or "") for part in ("given_name", "family_name"))
    return clean_line(str(claims.get("name") or " ".join(parts)))[:200]


def _verified(provider: Provider, token: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims of the signed token, after every check."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 -- signing in this way is seldom
    from joserfc.errors import JoseError  # noqa: PLC0415 -- only where providers are

    required = {"iss": provider.issuer, "aud": provider.client_id}
    options: dict[str, Any] = {
        name: {"essential": True, "value": value} for name, value in required.items()
    }
    params = {
        "nonce": nonce,
        "client_id": provider.client_id,
        "access_token": token.get("access_token"),
    }
    try:
        decoded = _decoded(provider, str(token["id_token"]))
        said = dict(decoded.claims)
        if isinstance(said.get("amr"), str):  # some write a single method without its list
            said["amr"] = [said["amr"]]
        claims = CodeIDToken(said, decoded.header, options, params)
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY)
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise _untrusted(provider) from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise _untrusted(provider)
    return dict(claims)


def _decoded(provider: Provider, id_token: str) -> Any:
    """The token, if a key of the provider signed it; its keys are read anew for one unknown."""
    from joserfc import jwt  # noqa: PLC0415 -- signing in this way is seldom
    from joserfc.errors import InvalidKeyIdError  # noqa: PLC0415 -- only where providers are
    from joserfc.jwk import KeySet  # noqa: PLC0415 -- only where providers are
    from joserfc.jws import JWSRegistry  # noqa: PLC0415 -- only where providers are

    about = _about(provider)
    offered = about.get("id_token_signing_alg_values_supported") or ["RS256"]
    registry = JWSRegistry(
        algorithms=[name for name in SIGNED_BY if name in offered], strict_check_header=False
    )
    try:
        return jwt.decode(id_token, KeySet.import_key_set(about["jwks"]), registry=registry)
    except InvalidKeyIdError:
        about = _about(provider, anew=True)
        return jwt.decode(id_token, KeySet.import_key_set(about["jwks"]), registry=registry)


def _userinfo(provider: Provider, session: "OAuth2Session", subject: str) -> dict[str, Any]:
    """What else the provider says of the same person; nothing where it has no place for it."""
    url = _about(provider).get("userinfo_endpoint")
    if not url:
        return {}
    response = session.get(url, allow_redirects=False)
    if response.status_code != 200 or "json" not in response.headers.get("Content-Type", ""):
        return {}
    told = response.json()
    is_same = isinstance(told, dict) and told.get("sub") == subject
    return told if is_same else {}


def _about(provider: Provider, *, anew: bool = False) -> dict[str, Any]:
    """What the provider says of itself, its keys among it. Raises ProviderAwayError."""
    known = _told.get(provider.issuer)
    if known and not anew and time.monotonic() - known[0] < KNOWN_FOR:
        return known[1]
    with _session(provider, "") as session:
        place = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        about = _read(session, place)
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if about.get("issuer") != provider.issuer or not all(
            _is_safe(provider, about.get(name)) for name in needed
        ):
            raise ValueError(f"{place} is not what {provider.issuer} should say")
        keys = _read(session, about["jwks_uri"]).get("keys") or []
        about["jwks"] = {"keys": [key for key in keys if key.get("kty") in {"RSA", "EC", "OKP"}]}
    _told[provider.issuer] = (time.monotonic(), about)
    return about


def _read(session: "OAuth2Session", url: str) -> dict[str, Any]:
    response = session.get(url, withhold_token=True)
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise TypeError(f"{url} answers with no object")
    return found


def _is_safe(provider: Provider, url: object) -> bool:
    return urlsplit(str(url)).scheme == "https" or provider.is_here


@contextmanager
def _session(provider: Provider, back: str) -> Iterator["OAuth2Session"]:
    """A client for one exchange; whatever goes wrong in it becomes a sentence."""
    from authlib.integrations.base_client import OAuthError  # noqa: PLC0415 -- seldom needed
    from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 -- only where providers are
    from requests import RequestException  # noqa: PLC0415 -- only where providers are

    session = OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method=_shows_secret(provider),
        scope=provider.scope,
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=TIMEOUT,
    )
    try:
        yield session
    except OAuthError as error:
        raise ProviderRefusedError(
            _("%(provider)s did not confirm this sign-in. Start again.", provider=provider.shown)
        ) from error
    except (RequestException, ValueError, TypeError, KeyError) as error:
        raise ProviderAwayError(
            _(
                "%(provider)s does not answer as it should right now. Try again in a few minutes, "
                "or sign in another way.",
                provider=provider.shown,
            )
        ) from error
    finally:
        session.close()


def _shows_secret(provider: Provider) -> str:
    """How the provider wants to be shown the secret; in a header unless it says otherwise."""
    known = _told.get(provider.issuer)
    offered = (known[1] if known else {}).get("token_endpoint_auth_methods_supported")
    if offered and "client_secret_basic" not in offered:
        return "client_secret_post"
    return "client_secret_basic"


def _untrusted(provider: Provider) -> ProviderRefusedError:
    return ProviderRefusedError(
        _(
            "What %(provider)s sent can't be trusted, so nobody was signed in. Start again.",
            provider=provider.shown,
        )
    )
