"""One sheet of A4 as a PDF: a heading, sentences, facts, and an address with its square code.

The font that comes along has Latin, Greek, Cyrillic, Hebrew and Arabic letters; a setting may name
a second one for others, such as Chinese. What neither has is not drawn as empty boxes: a sign
stands for it, and a line says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from reviewhub.core import config
from reviewhub.core.paper.letters import MISSING, drawable, is_drawable, joined

FONT = Path(__file__).with_name("DejaVuSans-part.ttf")
MARGIN, WIDTH, HEIGHT = 25.0, 210.0, 297.0  # millimetres of A4
QR_SIZE = 32.0
INK, SOFT, ACTION = (28, 27, 25), (92, 88, 82), (15, 92, 99)


@dataclass(frozen=True)
class Sheet:
    """What stands on the sheet. `on` is the day that the file gives as its own."""

    lang: str
    is_rtl: bool
    overline: str
    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    address: str
    below: tuple[str, ...]  # beside the square code
    missing: str  # what is said where letters can't be drawn
    on: datetime

    @property
    def words(self) -> tuple[str, ...]:
        """Every text on it."""
        facts = (part for pair in self.facts for part in pair)
        return (self.overline, self.title, *self.sentences, *facts, *self.below)


def can_write(text: str) -> bool:
    """Whether the fonts at hand have every letter of a text."""
    return is_drawable(text, _known(config.current().pdf_font))


@lru_cache(maxsize=2)
def _known(second: str) -> frozenset[int]:
    """The letters of the fonts at hand, by number; the path of the second one may be empty."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415 -- heavy

    found: set[int] = set()
    for path in (str(FONT), second) if second else (str(FONT),):
        with TTFont(path, fontNumber=0, lazy=True) as font:
            found |= set(font.getBestCmap())
    return frozenset(found)


def draw(sheet: Sheet) -> bytes:
    """The sheet as a PDF; the same sheet gives the same letters in the same places."""
    page = _Page(sheet.lang, sheet.is_rtl)
    try:
        return _drawn(page, sheet)
    finally:
        page.close()


def _drawn(page: "_Page", sheet: Sheet) -> bytes:
    page.describe(sheet)
    page.lines(sheet.overline, 10, SOFT, after=2)
    page.rule()
    page.lines(sheet.title, 22, INK, after=8)
    for sentence in sheet.sentences:
        page.lines(sentence, 14, INK, after=4)
    page.gap(6)
    for label, value in sheet.facts:
        page.lines(label, 9, SOFT, after=0)
        page.lines(value, 12, INK, after=4)
    if not all(is_drawable(text, page.known) for text in sheet.words):
        page.lines(sheet.missing, 9, SOFT, after=4)
    page.address(sheet.address, sheet.below)
    return page.content()


class _Page:
    """A page that is written from top to bottom, from the side where its language begins."""

    def __init__(self, lang: str, is_rtl: bool) -> None:
        from fpdf import FPDF  # noqa: PLC0415 -- heavy, and few requests draw

        self._pdf: Any = FPDF(format="A4")
        self._pdf.set_lang(lang)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margins(MARGIN, MARGIN)
        self._pdf.c_margin = 0
        self._pdf.add_page()
        self._pdf.add_font("sheet", fname=FONT)
        self._is_rtl = is_rtl
        second = config.current().pdf_font
        self.known = _known(second)
        if second:
            self._pdf.add_font("second", fname=second)
            self._pdf.set_fallback_fonts(["second"], exact_match=False)

    def close(self) -> None:
        """Let go of the files of the fonts, which are read until the end."""
        for font in self._pdf.fonts.values():
            font.ttfont.close()

    def describe(self, sheet: Sheet) -> None:
        """What the file says of itself; the time is the sheet's, not that of drawing it."""
        self._pdf.set_title(drawable(sheet.title, self.known))
        self._pdf.set_creator("ReviewHub")
        self._pdf.set_creation_date(sheet.on)

    def rule(self) -> None:
        """A line across."""
        y = self._pdf.get_y() + 1
        self._pdf.set_draw_color(*ACTION)
        self._pdf.line(MARGIN, y, WIDTH - MARGIN, y)
        self._pdf.set_y(y + 9)

    def gap(self, height: float) -> None:
        """Room between two parts."""
        self._pdf.set_y(self._pdf.get_y() + height)

    def lines(self, text: str, size: float, colour: tuple[int, int, int], *, after: float) -> None:
        """A paragraph over the whole width."""
        self._write(text, size, colour, (MARGIN, WIDTH - 2 * MARGIN))
        self.gap(after)

    def address(self, address: str, below: tuple[str, ...]) -> None:
        """At the foot: the square code, and beside it the address and what is said to it."""
        top = HEIGHT - MARGIN - QR_SIZE
        left = WIDTH - MARGIN - QR_SIZE if self._is_rtl else MARGIN
        self._square(address, left, top)
        beside = MARGIN if self._is_rtl else MARGIN + QR_SIZE + 6
        place = (beside, WIDTH - 2 * MARGIN - QR_SIZE - 6)
        self._pdf.set_y(top)
        for text in below:
            self._write(text, 9, SOFT, place)
        self.gap(2)
        self._write(address, 9, ACTION, place, link=address)

    def content(self) -> bytes:
        """The finished file."""
        return bytes(self._pdf.output())

    def _write(
        self,
        text: str,
        size: float,
        colour: tuple[int, int, int],
        place: tuple[float, float],
        *,
        link: str = "",
    ) -> None:
        left, width = place
        self._pdf.set_font("sheet", size=size)
        self._pdf.set_text_color(*colour)
        height = size * 0.5
        for line in _wrapped(joined(drawable(text, self.known)), width, self._pdf.get_string_width):
            self._pdf.set_x(left)
            seen = _as_seen(line, is_rtl=self._is_rtl)
            align = "R" if self._is_rtl else "L"
            self._pdf.cell(width, height, seen, align=align, link=link, new_x="LMARGIN",
                           new_y="NEXT")  # fmt: skip

    def _square(self, text: str, left: float, top: float) -> None:
        import segno  # noqa: PLC0415 -- few requests draw

        rows = [list(row) for row in segno.make_qr(text, error="m").matrix]
        side = QR_SIZE / len(rows)
        self._pdf.set_fill_color(*INK)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    self._pdf.rect(left + x * side, top + y * side, side, side, style="F")


def _wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The lines that fit, broken at blanks, and inside a word that alone is too long."""
    lines, line = [], ""
    for word in _short_words(text.split(), width, measure):
        longer = f"{line} {word}" if line else word
        if line and measure(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _short_words(words: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    found = []
    for word in words:
        rest = word
        while measure(rest) > width:
            fits = next(n for n in range(len(rest), 0, -1) if n == 1 or measure(rest[:n]) <= width)
            found.append(rest[:fits])
            rest = rest[fits:]
        found.append(rest)
    return [word for word in found if word]


def _as_seen(line: str, *, is_rtl: bool) -> str:
    """One line in the order of the eye, without the signs that only direct it."""
    from fpdf.bidi import BidiParagraph  # noqa: PLC0415 -- heavy
    from fpdf.enums import TextDirection  # noqa: PLC0415 -- heavy

    base = TextDirection.RTL if is_rtl else TextDirection.LTR
    letters = BidiParagraph(line, base_direction=base).get_reordered_characters()
    seen = (
        _MIRRORED.get(one.character, one.character) if one.embedding_level % 2 else one.character
        for one in letters
    )
    return "".join(one for one in seen if one not in _DIRECTIONS)


_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("«", "»"), ("‹", "›"))
_MIRRORED = {**dict(_PAIRS), **{end: begin for begin, end in _PAIRS}}
_DIRECTIONS = frozenset(
    map(chr, [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
)

__all__ = ["MISSING", "Sheet", "can_write", "draw"]
