"""Sheets: letters joined and in order, nothing missing without a word, and no time of drawing."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from reviewhub.core import paper
from reviewhub.core.paper import _as_seen
from reviewhub.core.paper.letters import MISSING, drawable, is_drawable, joined

SHEET = paper.Sheet(
    lang="en", is_rtl=False, overline="A hub", title="Receipt for a review",
    sentences=("Jørgen Żółć completed a review for A hub in November 2026.",),
    facts=(("Name", "Ελένη Привет"),), address="https://hub.example/receipts/0123-4567",
    below=("Anybody can check this at the address:",), missing="Some letters are missing.",
    on=datetime(2026, 11, 1, tzinfo=UTC),
)  # fmt: skip


def _read(sheet: paper.Sheet) -> Any:
    return PdfReader(BytesIO(paper.draw(sheet)))


def test_arabic_letters_take_the_form_that_their_neighbours_ask_for() -> None:
    # beh alone; beh-beh-beh; reh does not go on; lam and alef are written as one sign
    assert joined("ب") == "\ufe8f"
    assert joined("ببب") == "\ufe91\ufe92\ufe90"
    assert joined("رب") == "\ufead\ufe8f"
    assert joined("لا") == "\ufefb"
    assert joined("بلا") == "\ufe91\ufefc"
    assert joined("بَب") == "\ufe91\ufe90", "vowel signs stand between no letters"
    assert joined("Jørgen 12") == "Jørgen 12"


@pytest.mark.lasting
def test_brackets_open_to_the_side_on_which_the_line_begins() -> None:
    assert _as_seen("(ab) اب", is_rtl=False) == "(ab) با"
    assert _as_seen("اب (ab) [c]", is_rtl=True) == "[c] (ab) با"
    assert _as_seen("\u2068ab\u2069.", is_rtl=True) == ".ab"


def test_what_no_font_has_is_said_and_never_an_empty_box() -> None:
    known = set(map(ord, "abc"))
    assert drawable("ab 你好 c", known) == f"ab {MISSING} c"
    assert drawable("\u2068ab\u2069", known) == "\u2068ab\u2069"
    assert is_drawable("a b", known)
    assert not is_drawable("a d", known)


@pytest.mark.slow
def test_a_sheet_reads_as_it_was_written(app: Any) -> None:
    text = _read(SHEET).pages[0].extract_text()
    for part in (*SHEET.sentences[0].split(), "Ελένη Привет", SHEET.address, SHEET.below[0]):
        assert part in text
    assert SHEET.missing not in text
    assert paper.draw(SHEET) == paper.draw(SHEET)
    assert _read(SHEET).metadata["/CreationDate"].startswith("D:20261101000000")

    text = _read(replace(SHEET, facts=(("Name", "李小龙"),))).pages[0].extract_text()
    assert SHEET.missing in text
    assert MISSING in text

    arabic = replace(SHEET, lang="ar", is_rtl=True, sentences=("أتمت ليلى (Layla) مراجعة.",))
    text = _read(arabic).pages[0].extract_text()
    assert joined("مراجعة") in text
    assert "Layla" in text
    assert paper.can_write("مراجعة")
    assert not paper.can_write("评审")


@pytest.mark.slow
def test_a_long_name_and_a_long_address_stay_on_the_sheet(app: Any) -> None:
    long = replace(SHEET, facts=(("Name", "W" * 200),), address="https://hub.example/" + "x" * 200)
    reader = _read(long)
    assert len(reader.pages) == 1
    places: list[float] = []
    reader.pages[0].extract_text(visitor_text=lambda _t, _c, tm, *_r: places.append(tm[4]))
    assert max(places) < 596
    assert reader.pages[0].extract_text().replace("\n", "").count("W") == 200
