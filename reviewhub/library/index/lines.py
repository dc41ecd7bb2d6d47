"""Numbers in a line that changes one by one: where one stands, and which come first of a set.

line = Line([30, 10, 20])
line.insert(40, 0)
line.first(BitMap([10, 20, 40]), skip=0, size=2)  # [40, 10]
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from typing import Any

from pyroaring import BitMap

_GAP = 1 << 32
_BLOCK = 1024
_SORTING = 4  # how many steps along the line cost as much as sorting one number


class Line:
    """Each number once. A label per number, ascending along the line, tells who is before whom."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._numbers = array("I", numbers)
        self._labels = array("q")
        self._label_all()

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def numbers(self) -> Sequence[int]:
        """All of them in order."""
        return self._numbers

    @property
    def bytes(self) -> int:
        """What it takes of memory."""
        return sum(part.itemsize * len(part) for part in (self._numbers, self._labels))

    def label(self, number: int) -> int:
        """Greater for what stands further back."""
        return self._labels[number]

    def place(self, key: Callable[[int], Any], wanted: Any) -> int:
        """Where a number with this key belongs, in a line that ascends by `key`."""
        return bisect_left(self._numbers, wanted, key=key)

    def insert(self, number: int, place: int) -> None:
        """Put a new number before the one that stands at `place`."""
        if number >= len(self._labels):
            self._labels.extend([0] * (number + 1 - len(self._labels)))
        self._numbers.insert(place, number)
        before = self._labels[self._numbers[place - 1]] if place else None
        last = place == len(self._numbers) - 1
        after = None if last else self._labels[self._numbers[place + 1]]
        label = _between(before, after)
        if label is None:
            self._label_all()
        else:
            self._labels[number] = label

    def remove(self, number: int) -> None:
        """Take out a number that is in the line."""
        del self._numbers[self.place(self.label, self.label(number))]

    def first(
        self, wanted: BitMap, *, skip: int, size: int, start: int = 0, stop: int | None = None
    ) -> list[int]:
        """Those of a set, in order, that come after the first `skip`.

        `start` and `stop` are the stretch of the line in which the whole set stands.
        """
        stop = len(self) if stop is None else stop
        total, end = len(wanted), skip + size
        if not total or skip >= total:
            return []
        if end * (stop - start) > _SORTING * total * total:  # far apart: sorting them is quicker
            return nsmallest(end, wanted, key=self._labels.__getitem__)[skip:]
        return self._along(wanted, end, start, stop)[skip:]

    def _along(self, wanted: BitMap, end: int, start: int, stop: int) -> list[int]:
        found: list[int] = []
        steps = _SORTING * len(wanted)
        for at in range(start, stop, _BLOCK):
            found += [n for n in self._numbers[at : min(at + _BLOCK, stop)] if n in wanted]
            if len(found) >= end:
                return found[:end]
            if at - start > steps:  # they all stand at the end
                return nsmallest(end, wanted, key=self._labels.__getitem__)
        return found

    def _label_all(self) -> None:
        most = max(self._numbers, default=-1)
        self._labels.extend([0] * (most + 1 - len(self._labels)))
        for place, number in enumerate(self._numbers):
            self._labels[number] = place * _GAP


def _between(before: int | None, after: int | None) -> int | None:
    """A label between two; None where there is no room left."""
    if before is None:
        return 0 if after is None else after - _GAP
    if after is None:
        return before + _GAP
    return (before + after) // 2 if after - before > 1 else None
