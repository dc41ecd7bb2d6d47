"""The envelope's sender: an address of our own for each mail, so that word of it finds its row.

`bounce@hub.example` becomes `bounce+<number>.<signature>@hub.example` (a variable envelope return
path): whatever a mail server says about the mail comes to it, and nobody else can make one up. It
holds for one mail to one address: where that is corrected, late word of the old one counts no more.
"""

import hmac
import re
from hashlib import sha256

from reviewhub.core import config
from reviewhub.notifications.models import Message

_TOKEN = re.compile(r"(?:^|[^0-9a-z.])(\d{1,10})\.([0-9a-f]{20})(?![0-9a-f])")
_MAC_LENGTH = 20
_LARGEST_ID = 2**31 - 1  # PostgreSQL refuses to compare its integers with anything larger


def sender_of(message: Message) -> str:
    """The envelope's sender for this mail; nothing where the hub takes in no bounces."""
    local, at, domain = config.current().bounce_address.rpartition("@")
    return f"{local}+{token_of(message)}@{domain}" if at else ""


def token_of(message: Message) -> str:
    """What tells a mail from every other, and can't be guessed."""
    return f"{message.id}.{_mac(config.current().secret_key, message)}"


def number_in(text: str) -> int | None:
    """The number of the mail that an address, or the token by itself, speaks of."""
    found = _TOKEN.search(text.lower())
    return int(found[1]) if found and int(found[1]) <= _LARGEST_ID else None


def is_token_of(text: str, message: Message) -> bool:
    """Whether the address, or the token by itself, was made by us for this mail."""
    found = _TOKEN.search(text.lower())
    if found is None or int(found[1]) != message.id:
        return False
    right = (_mac(key, message) for key in config.current().secret_keys)
    return any(hmac.compare_digest(found[2], one) for one in right)


def _mac(key: str, message: Message) -> str:
    text = f"bounce:{message.id}:{message.address}"
    return hmac.new(key.encode(), text.encode(), sha256).hexdigest()[:_MAC_LENGTH]
