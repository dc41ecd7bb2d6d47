"""How text is cut into words and phrases."""

from hypothesis import given
from hypothesis import strategies as st

from reviewhub.library.words import MOST_PHRASES, MOST_WORDS, normal, pattern, phrases, words


def test_wildcards_in_a_question_are_plain_characters() -> None:
    assert words("100% _x_") == ("100", "x")
    assert pattern("a\\") == "% a\\\\%"


def test_a_question_has_at_most_twelve_words() -> None:
    assert len(words(" ".join(f"word{n}" for n in range(40)))) == MOST_WORDS


def test_words_that_only_hold_a_sentence_together_are_not_asked_for_beside_others() -> None:
    assert words("The rights of migrants") == ("rights", "migrants")
    assert words("права и обязанности") == ("права", "обязанности")
    assert words("of the") == ("of", "the")


def test_what_stands_in_quotation_marks_is_a_phrase() -> None:
    assert phrases('Safe "Orderly  Migration" and “fair work” or «droits égaux»') == (
        "orderly migration", "fair work", "droits egaux"
    )  # fmt: skip
    assert phrases('"" " " "a') == ()
    assert len(phrases('"a" "b" "c" "d" "e"')) == MOST_PHRASES


def test_a_phrase_begins_at_a_word_where_words_have_spaces() -> None:
    assert pattern("data") == "% data%"
    assert pattern("移民") == "%移民%"


@given(st.text(max_size=80))
def test_normal_text_stays_the_same_when_it_is_made_normal_again(text: str) -> None:
    assert normal(normal(text)) == normal(text)
