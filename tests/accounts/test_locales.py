"""Which language a page is shown in."""

import pytest

from reviewhub.accounts import locales
from reviewhub.core.i18n import direction


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub in three languages."""
    monkeypatch.setattr(locales, "offered", lambda: ("en", "ar", "fr"))


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], "en"),
        (["fr"], "fr"),
        (["fr-CA"], "fr"),
        (["FR_ca"], "fr"),
        (["xx", "", "ar-EG", "fr"], "ar"),
        (["*"], "en"),
        (["../fr"], "en"),
    ],
)
def test_the_first_wanted_language_on_offer_is_taken(wanted: list[str], found: str) -> None:
    assert locales.best(wanted) == found


def test_english_is_always_on_offer_and_first() -> None:
    assert locales.offered()[0] == "en"
    assert len(set(locales.offered())) == len(locales.offered())


def test_a_language_knows_its_direction_and_its_own_name() -> None:
    assert (direction("ar"), locales.autonym("ar")) == ("rtl", "العربية")
    assert (direction("fr"), locales.autonym("fr")) == ("ltr", "français")
