"""What the hub's secret key is used for: signing links and codes, and locking kept secrets.

Present and former keys (SECRET_KEY_FALLBACKS) both open; only the present one signs and locks.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from reviewhub.core import config

FORMAT = "1."  # in front of what is locked, so that another way of locking can follow
_PURPOSE = b"reviewhub secret at rest 1"
_NONCE = 12  # bytes


class KeyLostError(Exception):
    """This was locked with a key that the settings do not name any more."""


def sign(text: str) -> str:
    """A signature that only the holder of the hub's key can make: 64 hexadecimal digits."""
    return _signature(config.current().secret_key, text)


def signatures(text: str) -> list[str]:
    """The signatures of this text by the present key and the former ones."""
    return [_signature(key, text) for key in config.current().secret_keys]


def lock(secret: str, *, about: str) -> str:
    """A secret made unreadable without the hub's key; it opens for the same `about` only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- seldom needed

    nonce = secrets.token_bytes(_NONCE)
    box = AESGCM(_derived(config.current().secret_key))
    sealed = box.encrypt(nonce, secret.encode(), about.encode())
    return FORMAT + urlsafe_b64encode(nonce + sealed).decode()


def unlock(locked: str, *, about: str) -> str:
    """The secret again. Raises KeyLostError where none of the hub's keys opens it."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- seldom needed
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- seldom needed, and heavy

    sealed = urlsafe_b64decode(locked.removeprefix(FORMAT))
    for key in config.current().secret_keys:
        try:
            box = AESGCM(_derived(key))
            return box.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode()).decode()
        except InvalidTag:
            continue
    raise KeyLostError(about)


@lru_cache(maxsize=8)
def _derived(key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 -- seldom needed
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 -- seldom needed, and heavy

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())


def _signature(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), sha256).hexdigest()
