"""What the built-in hub holds, in which words and in which order a reader sees it."""

import pytest
from babel import Locale

from reviewhub.taxonomy.catalogue import Catalogue, Label, collation_key, localised
from reviewhub.taxonomy.loader import hub_folder
from reviewhub.taxonomy.operations import load
from reviewhub.taxonomy.queries import catalogue


@pytest.fixture
def hub() -> Catalogue:
    load(hub_folder("migration"))
    return catalogue()


@pytest.mark.parametrize(
    ("vocabulary", "count"),
    [
        ("topics", 24),
        ("themes", 11),
        ("regions", 5),
        ("countries", 196),
        ("document_types", 12),
        ("sections", 5),
        ("languages", 6),
    ],
)
def test_every_vocabulary_is_complete(hub: Catalogue, vocabulary: str, count: int) -> None:
    assert len(hub.vocabulary(vocabulary)) == count


def test_topics_are_the_numbers_and_one_for_the_rest(hub: Catalogue) -> None:
    codes = [term.code for term in hub.vocabulary("topics")]
    assert codes == [*(str(number) for number in range(1, 24)), "general"]


def test_a_topic_has_title_paragraph_summary_and_cross_references(hub: Catalogue) -> None:
    topic = hub.find("topics", "14")
    assert topic is not None
    assert topic.data["paragraph"] == 30
    assert topic.text("short_label", "fr") == Label("Protection consulaire", "fr")
    title = topic.text("title", "ru")
    assert title is not None
    assert title.lang == "en"
    assert title.text.startswith("Enhance consular protection")
    elsewhere = [int(reference["topic"]) for reference in topic.data["cross_references"]]
    assert elsewhere == [3, 4, 7, 8, 12, 13, 19, 21]
    assert topic.data["cross_references"][0]["paragraphs"] == ["19(c)", "19(e)"]


def test_every_topic_has_a_summary_of_two_to_four_sentences(hub: Catalogue) -> None:
    for topic in hub.vocabulary("topics"):
        summary = topic.text("summary", "en")
        assert summary is not None
        assert 2 <= summary.text.count(". ") + 1 <= 4, topic.code


def test_a_text_that_an_entry_lacks_is_none(hub: Catalogue) -> None:
    scope = hub.find("themes", "global-scope")
    assert scope is not None
    assert scope.text("summary", "en") is None


def test_ten_themes_are_principles_and_one_is_a_filter_value(hub: Catalogue) -> None:
    others = [term.code for term in hub.vocabulary("themes") if not term.data["is_principle"]]
    assert others == ["global-scope"]


def test_global_stands_among_the_countries_without_a_region(hub: Catalogue) -> None:
    term = hub.find("countries", "global")
    assert term is not None
    assert (term.data["kind"], term.parent_code) == ("global", None)


def test_every_country_has_a_region_and_a_name_in_six_languages(hub: Catalogue) -> None:
    for term in hub.vocabulary("countries"):
        assert all(term.labels[locale] for locale in hub.locales), term.code
        assert term.parent_code or term.code == "global"
    assert len(hub.children("countries", "oceania")) == 14


def test_a_marked_country_has_its_marker_in_every_language_and_its_footnote(
    hub: Catalogue,
) -> None:
    marked = hub.find("countries", "XKX")
    plain = hub.find("countries", "FRA")
    assert marked is not None
    assert plain is not None
    assert {marked.label(locale).text[-1] for locale in hub.locales} == {"*"}
    (note,) = hub.footnotes_for([plain, marked, marked])
    assert note.marker == "*"
    assert str(note).startswith("*References to ")
    assert note.label("fr").lang == "en"
    assert "resolution 1244 (1999)" in note.label("fr").text
    assert hub.footnotes_for([plain]) == ()


def test_an_untranslated_label_falls_back_and_says_its_language(hub: Catalogue) -> None:
    topic = hub.find("topics", "1")
    assert topic is not None
    assert topic.label("es") == Label("1 - Datos", "es")
    assert topic.label("ar") == Label("1 - Data", "en")
    assert str(topic.label("ar")) == "1 - Data"


def test_a_regional_locale_is_served_by_its_language(hub: Catalogue) -> None:
    africa = hub.find("regions", "africa")
    assert africa is not None
    assert africa.label("fr-CA") == Label("Afrique", "fr")
    assert africa.label(Locale.parse("zh_Hans")) == Label("非洲", "zh")


def test_the_exact_locale_comes_before_its_language() -> None:
    labels = {"pt": "trem", "pt-PT": "comboio"}
    assert localised(labels, "pt_PT", "pt") == Label("comboio", "pt-PT")


def test_the_hub_names_itself_its_topics_and_its_reviewers(hub: Catalogue) -> None:
    assert hub.name == "Migration Network Hub"
    assert hub.topic_label("fr", plural=True) == Label("objectifs", "fr")
    assert str(hub.theme_label("en")) == "guiding principle"
    for locale in hub.locales:
        assert hub.internal_label(locale).lang == hub.external_label(locale).lang == locale
        assert hub.internal_label(locale) != hub.external_label(locale)
    assert hub.tagline("ru").lang == "en"
    assert hub.locales == ("ar", "zh", "en", "fr", "ru", "es")
    assert hub.default_locale == "en"
    assert hub.contact_email.endswith("@example.org")
    assert hub.short_name


def test_languages_say_how_they_are_written(hub: Catalogue) -> None:
    arabic, chinese = hub.find("languages", "ar"), hub.find("languages", "zh")
    assert arabic is not None
    assert chinese is not None
    assert arabic.data["dir"] == "rtl"
    assert (chinese.data["html_lang"], chinese.data["autonym"]) == ("zh-Hans", "中文")


def test_reviewers_are_asked_two_gates_and_four_criteria_by_default(hub: Catalogue) -> None:
    gates = [g["code"] for g in hub.review_form["gates"] if g["default"]]
    criteria = [c["code"] for c in hub.review_form["criteria"] if c["default"]]
    assert gates == ["in_scope", "principles"]
    assert criteria == ["relevance", "evidence", "applicability", "people_rights"]


def test_a_reviewer_who_cannot_judge_fills_no_slot(hub: Catalogue) -> None:
    fills = {r["code"]: r["fills_slot"] for r in hub.review_form["recommendations"]}
    assert fills == {
        "include": True,
        "include_corrected": True,
        "do_not_include": True,
        "cannot_judge": False,
    }


def test_the_default_panel_is_one_internal_and_two_external_reviewers(hub: Catalogue) -> None:
    assert hub.policy["slots"] == {"internal": 1, "external": 2}
    assert hub.policy["on_include"] == "approve"


def test_a_reason_has_its_label_and_an_unknown_one_is_refused(hub: Catalogue) -> None:
    assert hub.reason_label("rejection", "outdated", "fr") == Label("Dépassé", "fr")
    assert [r["code"] for r in hub.reasons["rejection"] if r["text_required"]] == ["other"]
    with pytest.raises(KeyError):
        hub.reason_label("rejection", "too_long", "en")


def in_order(hub: Catalogue, locale: str) -> list[str]:
    return [term.label(locale).text for term in hub.sorted_terms("countries", locale)]


def test_accents_do_not_move_a_country(hub: Catalogue) -> None:
    names = in_order(hub, "en")
    assert names.index("Türkiye") + 1 == names.index("Turkmenistan")
    near = names.index("Côte d’Ivoire")
    assert names[near - 1 : near + 2] == ["Costa Rica", "Côte d’Ivoire", "Croatia"]
    assert names[0] == "Afghanistan"
    assert names[-1] == "Zimbabwe"


def test_french_and_arabic_initials_with_accents_stay_with_their_letter(hub: Catalogue) -> None:
    french = in_order(hub, "fr")
    assert french.index("Égypte") < french.index("Fidji")
    arabic = in_order(hub, "ar")
    assert arabic.index("الأرجنتين") < arabic.index("الأردن")
    assert arabic.index("إيطاليا") < arabic.index("باكستان")


def test_chinese_names_are_in_pinyin_order(hub: Catalogue) -> None:
    names = in_order(hub, "zh")
    assert names.index("阿富汗") < names.index("巴西") < names.index("法国") < names.index("中国")


def test_letters_of_their_own_keep_their_place() -> None:
    spanish = sorted(["ñandú", "nube", "oso", "nabo"], key=lambda w: collation_key(w, "es"))
    assert spanish == ["nabo", "nube", "ñandú", "oso"]
    russian = sorted(["Йемен", "Иран", "Катар", "Израиль"], key=lambda w: collation_key(w, "ru"))
    assert russian == ["Израиль", "Иран", "Йемен", "Катар"]


def test_sorting_twice_gives_the_same_answer(hub: Catalogue) -> None:
    assert hub.sorted_terms("countries", "en") is hub.sorted_terms("countries", "en")


def test_choices_are_in_the_hubs_order_or_the_readers_and_in_their_language(hub: Catalogue) -> None:
    for locale in ("en", "ar"):
        for _again in range(2):
            of_hub, of_reader = (
                hub.choices("countries", locale, alphabetical=wanted) for wanted in (False, True)
            )
            assert [code for code, _label in of_hub] == [
                t.code for t in hub.vocabulary("countries")
            ]
            assert [label for _code, label in of_reader] == in_order(hub, locale)
            assert sorted(of_hub) == sorted(of_reader)
    assert hub.choices("countries", "en") != hub.choices("countries", "ar")
