"""What goes into a spreadsheet comes out of it as it was, and never runs."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.web.spreadsheets import csv_lines, csv_response

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNSEEN = ("", " ", "  ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202e", "\x00", "\x0b")
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
risky = st.builds("{}{}{}".format, st.sampled_from(UNSEEN), st.sampled_from(SIGNS), texts)


def read(header: list[str], *rows: list[object]) -> list[list[str]]:
    """The file as a spreadsheet program reads it."""
    content = "".join(csv_lines(header, rows))
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:], newline=""), strict=True))


@given(st.lists(risky, min_size=1, max_size=4))
def test_text_that_begins_like_a_formula_is_led_in_by_an_apostrophe(cells: list[str]) -> None:
    header, row = read(cells, list(cells))
    assert all(cell.startswith("'") for cell in [*header, *row])


@given(st.lists(texts, min_size=1, max_size=5))
def test_no_cell_begins_with_what_runs(cells: list[str]) -> None:
    (row,) = read(["a"], list(cells))[1:]
    assert len(row) == len(cells)
    for cell in row:
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        assert not cell.startswith(("\t", "\r", "\n"))


@given(st.lists(st.lists(texts | risky | numbers, min_size=3, max_size=3), max_size=5))
def test_every_row_has_its_cells_and_every_line_its_end(rows: list[list[object]]) -> None:
    lines = list(csv_lines(["a", "b", "c"], rows))
    assert all(line.endswith("\r\n") for line in lines)
    assert [len(row) for row in read(["a", "b", "c"], *rows)] == [3] * (len(rows) + 1)


@given(numbers)
def test_numbers_stay_numbers(number: int | Decimal) -> None:
    assert read(["n"], [number])[1] == [str(number)]


@given(st.text("abc ÄßخЖ中,;\"'|"))
def test_harmless_text_comes_out_as_it_was(text: str) -> None:
    assert read(["t"], [text])[1] == [text]


def test_other_values_have_a_form_that_sorts(app: Flask) -> None:
    class State(StrEnum):
        OPEN = "open"

    moment = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    row = [None, True, date(2026, 3, 2), moment, State.OPEN]
    with app.test_request_context():
        assert read(["x"], row)[1] == ["", "yes", "2026-03-02", "2026-03-02T09:30:00+00:00", "open"]


def test_the_rows_are_read_as_they_are_written() -> None:
    taken = []

    def rows():
        for number in range(3):
            taken.append(number)
            yield [number]

    lines = csv_lines(["n"], rows())
    next(lines)
    next(lines)
    assert taken == [0]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Coverage", "coverage.csv"),
        ("Größe: a\r\nSet-Cookie: x=1", "grosse-a-set-cookie-x-1.csv"),
        ('../"etc"', "etc.csv"),
        ("中文", "list.csv"),
    ],
)
def test_the_file_is_a_download_that_no_cache_keeps(app: Flask, name: str, file: str) -> None:
    with app.test_request_context():
        response = csv_response(name, ["Title"], [["=1+1"]])
        body = response.get_data(as_text=True)
    assert response.headers["Content-Disposition"] == f"attachment; filename={file}"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert body == '\ufeff"Title"\r\n"\'=1+1"\r\n'
