"""The only place that asks for the time, so that tests and simulations can set it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def today() -> date:
    """The present day in UTC."""
    return now().date()


@contextmanager
def set_to(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time inside the block."""
    global _source  # one clock per process is the point
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
