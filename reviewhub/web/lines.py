"""How a line of the log looks: a JSON object, or in a demo words for a person; without secrets.

Keys of links and secrets of the settings that slip into a sentence or a traceback are blotted out.
What `note` was told of the request or task at hand stands in every line about it.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from reviewhub.core.config import Settings

BLOT = "***"
_KEYS = re.compile(
    r"""(?ix) (  [?&;] (?:key|token|code|password) =                          # in an address
              |  ['"] (?:key|token|password|secret) ['"] \s* [:,=] \s* ['"] )  # in a value shown
              [^&\s"'<>;]+"""
)
_DETAIL = re.compile(r"(DETAIL:).*")  # PostgreSQL repeats the values of the row it refuses
_SHORTEST_SECRET = 6  # characters; anything shorter is found in ordinary words

Blotter = Callable[[Any], Any]
_at_hand: ContextVar[dict[str, Any] | None] = ContextVar("at_hand", default=None)


def note(**facts: Any) -> None:
    """Let every line from now on, in this thread, say this; without facts, nothing any more."""
    _at_hand.set(facts)


def say(logger: logging.Logger, level: int, event: str, **facts: Any) -> None:
    """Log an event with its facts."""
    if logger.isEnabledFor(level):
        logger.log(level, event, extra={"facts": facts})


def secrets_of(settings: Settings) -> list[str]:
    """Every value of the settings that must never stand in a log."""
    urls = (settings.database_url, settings.redis_url, settings.smtp_url)
    passwords = [urlsplit(url).password or "" for url in urls]
    clients = [provider.client_secret for provider in settings.oidc]
    found = [
        *settings.secret_keys,
        settings.metrics_token,
        *clients,
        *passwords,
        *map(unquote, passwords),
    ]
    return sorted({secret for secret in found if len(secret) >= _SHORTEST_SECRET}, key=len)[::-1]


def blotter(secrets: Iterable[str]) -> Blotter:
    """What blots these secrets, the keys of links and the values of rows out of any value."""
    known = tuple(secrets)

    def blot(value: Any) -> Any:
        if isinstance(value, str):
            for secret in known:
                value = value.replace(secret, BLOT)
            return _DETAIL.sub(rf"\1 {BLOT}", _KEYS.sub(rf"\1{BLOT}", value))
        if isinstance(value, dict):
            return {name: blot(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [blot(part) for part in value]
        return value

    return blot


class Lines(logging.Formatter):
    """Makes the line of a record: JSON, or `readable` for a person at a terminal."""

    def __init__(self, settings: Settings, *, readable: bool) -> None:
        super().__init__()
        self._blot = blotter(secrets_of(settings))
        self._shape = _in_words if readable else _as_json

    def format(self, record: logging.LogRecord) -> str:
        """The line, or the lines where a person is shown a traceback."""
        told: dict[str, Any] = {
            "event": record.getMessage(),
            **(_at_hand.get() or {}),
            **getattr(record, "facts", {}),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat()[:26] + "Z",
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            told["stack"] = self.formatStack(record.stack_info)
        return self._shape({name: self._blot(value) for name, value in told.items()})


class ToStderr(logging.StreamHandler[Any]):
    """Writes to what is the standard error when the line comes, not to what it was at start."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        self.stream = sys.stderr
        super().emit(record)


def _as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, default=repr)


def _in_words(told: dict[str, Any]) -> str:
    when, level, event = told.pop("timestamp"), told.pop("level"), told.pop("event")
    logger, below = told.pop("logger"), [told.pop(name, "") for name in ("exception", "stack")]
    facts = " ".join(f"{name}={value}" for name, value in told.items())
    line = f"{when[:19]}Z [{level:<8}] {event} {facts + ' ' if facts else ''}[{logger}]"
    return "\n".join([line, *filter(None, below)])
