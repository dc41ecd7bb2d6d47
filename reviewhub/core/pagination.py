"""Pages of a list by key, not by number: a list of any length costs the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `after` and `before` are the keys of its neighbours, or empty."""

    rows: Sequence[T]
    after: str = ""
    before: str = ""

    @classmethod
    def cut(
        cls, rows: Sequence[T], size: int, key: Callable[[T], object], *, started: bool
    ) -> "Page[T]":
        """A page from at most `size + 1` rows; `started` says whether it is not the first."""
        shown = rows[:size]
        return cls(
            shown,
            after=str(key(shown[-1])) if len(rows) > size else "",
            before=str(key(shown[0])) if started and shown else "",
        )
