"""While a demo's content is being made, a file in var says so, and every page tells people."""

from pathlib import Path

from reviewhub.core import config


def begin() -> None:
    """There is content to come."""
    _mark().touch()


def end() -> None:
    """It is there."""
    _mark().unlink(missing_ok=True)


def is_going_on() -> bool:
    """Whether content is still to come; nothing but a demo is ever filled."""
    return config.current().demo and _mark().exists()


def _mark() -> Path:
    return config.current().var / "demo_being_made"
