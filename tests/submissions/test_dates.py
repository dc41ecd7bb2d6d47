"""Dates of which only a part may be known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.core.errors import InvalidInput
from reviewhub.submissions.dates import clean_date


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("   ", ""),
        ("2024", "2024"),
        (" 2024-05 ", "2024-05"),
        ("2024-02-29", "2024-02-29"),
        ("1800", "1800"),
        ("2027-03-03", "2027-03-03"),  # a year and a day from the clock
        ("٢٠٢٤-٠٥", "2024-05"),
        ("２０２４", "2024"),
    ],
)
def test_a_year_a_month_or_a_day_is_taken(clock: object, text: str, cleaned: str) -> None:
    assert clean_date(text) == cleaned


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("May 2024", "Write the date as"),
        ("2024/05", "Write the date as"),
        ("24", "Write the date as"),
        ("2024-5", "Write the date as"),
        ("2024-05-31T10:00", "Write the date as"),
        ("2024-05-", "Write the date as"),
        ("2024~", "Write the date as"),
        ("²⁰²⁴", "Write the date as"),
        ("2024-13", "no such day"),
        ("2023-02-29", "no such day"),
        ("0000", "no such day"),
        ("1799", "between 1800"),
        ("2027-03-04", "between 1800"),
        ("9999", "between 1800"),
    ],
)
def test_anything_else_is_refused_with_its_reason(clock: object, text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        clean_date(text)
    assert refused.value.field == "published_on"


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        cleaned = clean_date(text)
    except InvalidInput:
        return
    assert cleaned == "" or cleaned[:4].isascii()
    assert clean_date(cleaned) == cleaned
