"""Words reduced to what their forms have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.library.analyser import LONGEST, MOST_NEEDS, indexed, needs, possible
from reviewhub.library.words import normal, words


def found(asked: str, stored: str, language: str = "en") -> bool:
    """Whether a question finds a text."""
    stems = indexed(normal(stored), language)
    return all(stems & set(need) for word in words(asked) for need in needs(word))


@pytest.mark.parametrize(
    ("asked", "stored", "language"),
    [
        ("remittances", "A remittance corridor", "en"),
        ("return of children", "Returning a child’s documents", "en"),
        ("côte", "Cote d’Ivoire", "fr"),
        ("COTE", "Côte d’Ivoire", "fr"),
        ("études", "Une étude récente", "fr"),
        ("derechos humanos", "El derecho humano a la salud", "es"),
        ("políticas", "Una politica", "es"),
        ("Remittances", "Überweisungen (remittances)", "de"),
        ("remittance", "تحويلات remittances", "ar"),
        ("migración", "Migration und Rückkehr: migración", "de"),
        ("еще", "Ещё раз о миграции", "ru"),
        ("миграция", "в области миграций", "ru"),
        ("ребёнок", "права ребенка", "ru"),
        ("работе", "другая работа", "ru"),
        ("последний", "в последнем докладе", "ru"),
        ("защита", "о защите семьи", "ru"),
        ("الهجرة", "سياسات هجره", "ar"),
        ("هجرة", "ميثاق الهجرة", "ar"),
        ("مهاجرون", "والمهاجرين", "ar"),
        ("عامل", "حقوق العمال", "ar"),
        ("وثيقة", "الوثائق", "ar"),
        ("إدارة", "ادارة", "ar"),
        ("移民", "全球移民契约", "zh"),
        ("移", "移民", "zh"),
        ("移民权利", "移民的权利与移民权利公约", "zh"),
        ("移住", "移住労働者", "ja"),
    ],
)
def test_a_word_finds_its_other_forms(asked: str, stored: str, language: str) -> None:
    assert found(asked, stored, language)


@pytest.mark.parametrize(
    ("asked", "stored", "language"),
    [
        ("port", "Annual report", "en"),
        ("organ", "An organisation", "en"),
        ("орган", "организация", "ru"),
        ("الهجرة", "مهرجان السينما", "ar"),
        ("العمل", "سياسات هجرة العمال", "ar"),
        ("民移", "移民", "zh"),
    ],
)
def test_a_word_does_not_find_another_that_looks_like_it(
    asked: str, stored: str, language: str
) -> None:
    assert not found(asked, stored, language)


@given(st.text(max_size=60), st.sampled_from(["", "en", "fr", "es", "de", "pt-BR", "ar", "zh"]))
def test_whatever_the_language_what_is_stored_is_found_by_its_own_words(
    text: str, language: str
) -> None:
    stems = indexed(normal(text), language)
    assert stems <= possible(normal(text))
    for word in normal(text).split():
        assert all(stems & set(need) for need in needs(word)), word


@given(st.text(min_size=LONGEST, max_size=300))
def test_no_stem_is_longer_than_its_column_and_no_word_needs_too_much(text: str) -> None:
    for word in normal(text).split():
        assert len(needs(word)) <= MOST_NEEDS
    assert all(len(stem) <= LONGEST for stem in possible(normal(text)))
