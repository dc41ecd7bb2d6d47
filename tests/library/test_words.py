"""How text is cut into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.library.words import MOST_WORDS, normal, pattern, words


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("remit", "Remittances and development"),
        ("remittances", "A remittance corridor"),
        ("côte", "Cote d’Ivoire"),
        ("COTE", "Côte d’Ivoire"),
        ("هجرة", "ميثاق الهجرة"),
        ("الهجرة", "سياسات هجره"),
        ("移民", "全球移民契约"),
        ("еще", "Ещё раз о миграции"),
    ],
)
def test_a_word_finds_its_other_spellings(asked: str, stored: str) -> None:
    assert _matches(asked, stored)


def test_a_latin_word_is_found_from_its_beginning_only() -> None:
    assert not _matches("port", "Annual report")


def test_wildcards_in_a_question_are_plain_characters() -> None:
    assert words("100% _x_") == ("100", "x")
    assert pattern("a\\") == "% a\\\\%"


def test_a_question_has_at_most_twelve_words() -> None:
    assert len(words(" ".join(f"word{n}" for n in range(40)))) == MOST_WORDS


@given(st.text(max_size=80))
def test_normal_text_stays_the_same_when_it_is_made_normal_again(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def _matches(asked: str, stored: str) -> bool:
    text = f" {normal(stored)}"
    return all(_unescaped(pattern(word)) in text for word in words(asked))


def _unescaped(like: str) -> str:
    return like[1:-1].replace("\\", "")
