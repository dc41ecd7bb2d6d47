"""Capacity against demand as bars: where each stands in the drawing, mirrored for what reads from
right to left."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewhub.admin.coverage.board import Work

WIDTH, ROW = 480, 56
BAR = 12
_ROOM = 110  # for the number after a bar


@dataclass(frozen=True)
class Bar:
    """A bar and where the words after it begin."""

    x: float
    y: float
    width: float
    text_x: float
    text_y: float


@dataclass(frozen=True)
class Row:
    """A topic's name, and its two bars."""

    work: Work
    x: float
    y: float
    free: Bar
    wanted: Bar


def rows(work: Sequence[Work], *, rtl: bool = False) -> list[Row]:
    """Two bars for each topic, one below the other under its name, on one scale."""
    most = max((max(one.free.both, one.wanted) for one in work), default=0) or 1
    scale = (WIDTH - _ROOM) / most

    def across(x: float, width: float = 0) -> float:
        return round(WIDTH - x - width if rtl else x, 1)

    def bar(amount: int, y: float) -> Bar:
        width = round(amount * scale, 1)
        return Bar(across(0, width), y, width, across(width + 6), y + BAR - 1)

    return [
        Row(one, across(0), top + 14, bar(one.free.both, top + 20), bar(one.wanted, top + 34))
        for one, top in ((one, place * ROW) for place, one in enumerate(work))
    ]


def height(work: Sequence[Work]) -> int:
    """How tall the drawing is."""
    return ROW * len(work)
