"""Which passwords are refused, and why."""

import pytest

from reviewhub.accounts.passwords import weakness

ABOUT = ("Ada Lovejoy", "ada.lovejoy@institute.example", "https://hub.example")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "fifteen letters",
        "mein Hund heißt anders",
        "пятнадцать букв или больше",
        "十五個字符的密碼應該足夠長了吧好",
        "lovejoy keeps eleven bees",
        "password of the lighthouse",
        "𝕒 kettle sings quietly",
    ],
)
def test_a_sentence_of_ones_own_is_a_good_password(password: str) -> None:
    assert weakness(password, about=ABOUT) == ""


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 15"),
        ("fourteen lette", "at least 15"),
        ("x" * 201, "at most 200"),
        ("ababababababababab", "repeats"),
        ("                    ", "repeats"),
        ("!!!!!!!!!!!!!!!!!!!!", "repeats"),
        ("password12345678", "tried first"),
        ("Pässwörd Pässwörd", "tried first"),
        ("qwertyuiop-asdfghjkl", "tried first"),
        ("ReviewHub Password 2026", "tried first"),
        ("Ada Lovejoy Institute!", "your name"),
        ("lovejoylovejoy42", "your name"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, sentence: str) -> None:
    assert sentence in weakness(password, about=ABOUT)
