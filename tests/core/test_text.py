"""Text is cleaned, folded and cut the same way everywhere, and doing it twice changes nothing."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewhub.core.text import clean, clean_line, fold, normalise_email, shorten

# Texts out of letters, marks, blanks and breaks of many kinds, which plain text() rarely mixes.
AWKWARD = st.text(
    st.sampled_from("aAée\u0301ßİΣ℠K\u200b\ufeff \t\u00a0\u2003\r\n\x0b\x85\u2028\x00\x9f")
)
TEXTS = st.text() | AWKWARD


@given(TEXTS)
@example("e\u200b\u0301")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(TEXTS)
@example("℠")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
@example("H\u0331@host.example")
def test_an_address_is_normalised_once_and_for_all(text: str) -> None:
    address = normalise_email(text)
    assert normalise_email(address) == address == address.lower()


@given(TEXTS)
def test_a_clean_text_is_composed_and_has_no_control_characters(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\n\t"]


@given(TEXTS)
def test_a_clean_line_is_one_line_for_every_reader(text: str) -> None:
    assert len(clean_line(text).splitlines()) <= 1


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_break_parts_words_and_never_joins_them(break_: str) -> None:
    assert clean(f"one{break_}two") == "one\ntwo"
    assert clean_line(f"one{break_}two") == "one two"


@pytest.mark.parametrize("blanks", ["  ", "\t", " \u00a0 ", "\u2003", "\u3000", "\n \n"])
def test_every_run_of_white_space_becomes_one_space(blanks: str) -> None:
    assert clean_line(f" one{blanks}two ") == "one two"


def test_a_longer_text_keeps_its_lines_and_paragraphs() -> None:
    assert clean(" one\r\n\r\ntwo  three\n") == "one\n\ntwo  three"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zürich", "ZURICH"),
        ("Straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("Ａ", "a"),
        ("Cafe\u0301", "café"),
    ],
)
def test_folded_texts_are_equal_whatever_their_case_accents_and_width(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_an_address_is_known_whatever_its_case_and_blanks() -> None:
    assert normalise_email("  Ada@Host.EXAMPLE\u200b\n") == "ada@host.example"


@given(st.text(), st.integers(1, 400))
def test_a_shortened_text_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(shorten(text, length)) <= length
    assert shorten(text, len(text)) == text


def test_a_text_is_cut_at_a_word_and_shows_that_it_was() -> None:
    assert shorten("A handbook, and more", 13) == "A handbook…"
    assert shorten("Unbreakable", 5) == "Unbr…"
