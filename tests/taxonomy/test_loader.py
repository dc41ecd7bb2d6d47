"""A hub's folder is found, read whole, and refused with a sentence that leads to the mistake."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewhub.core.errors import InvalidInput
from reviewhub.taxonomy.loader import hub_folder, read_hub
from tests.taxonomy.conftest import Edit


def test_a_built_in_hub_is_found_by_its_name() -> None:
    assert (hub_folder("migration") / "topics.json").is_file()


def test_any_folder_with_a_hub_file_is_a_hub(health: Path) -> None:
    assert hub_folder(health) == health


def test_an_unknown_hub_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"“atlantis”.*migration"):
        hub_folder("atlantis")


def test_a_missing_file_is_named(health: Path) -> None:
    (health / "regions.json").unlink()
    with pytest.raises(InvalidInput, match=r"regions\.json is missing") as caught:
        read_hub(health)
    assert caught.value.field == "regions.json"


def test_broken_json_is_named_with_its_line(health: Path) -> None:
    (health / "topics.json").write_text("[\n{,\n]")
    with pytest.raises(InvalidInput, match=r"topics\.json, line 2"):
        read_hub(health)


def test_a_file_in_another_encoding_is_named(health: Path) -> None:
    (health / "topics.json").write_bytes('["Prevenção"]'.encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"topics\.json is not in UTF-8"):
        read_hub(health)


def test_a_file_of_another_shape_is_named(health: Path) -> None:
    (health / "topics.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"topics\.json must hold a list"):
        read_hub(health)


def test_a_vocabulary_without_entries_is_named(health: Path) -> None:
    (health / "themes.json").write_text("[]")
    with pytest.raises(InvalidInput, match=r"themes\.json has no entries"):
        read_hub(health)


def test_a_file_with_a_byte_order_mark_is_read(health: Path) -> None:
    file = health / "topics.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_hub(health).slug == "health"


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    """An edit: set the value at the end of the path."""

    def change(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return change


REFERENCE = [{"topic": "surgery", "paragraphs": []}]


@pytest.mark.parametrize(
    ("file", "change", "sentence"),
    [
        ("hub", put("name", value=" "), "hub.json, entry “name”: a text is needed"),
        ("hub", put("slug", value="a b"), "hub.json, entry “slug”: only letters"),
        ("hub", put("default_locale", value="fr"), "hub.json, entry “locales”: this must be"),
        ("hub", put("locales", value=["pt", "en", "fr"]), "does not describe “fr”"),
        ("hub", put("tagline", value={"pt": None}), "“tagline”: the text in “pt” is missing"),
        ("hub", put("topic_vocabulary", "slug", value=""), "“topic_vocabulary”: the slug"),
        ("hub", put("topic_vocabulary", "labels", "en", value="x"), "a singular and a plural"),
        (
            "hub",
            put("topic_vocabulary", "labels", "pt", "plural", value=None),
            "vocabulary: plural",
        ),
        ("hub", put("theme_vocabulary", "labels", value=None), "“theme_vocabulary”: labels are"),
        ("hub", put("footnotes", value=[{"labels": {}}]), "“footnotes”: every note needs"),
        ("topics", put(1, "code", value=None), "topics.json, entry number 2: a code of letters"),
        ("topics", put(1, value="x"), "topics.json, entry number 2: a code of letters"),
        ("topics", put(1, "code", value="prevention"), "entry “prevention”: this code stands"),
        ("topics", put(1, "labels", value=None), "topics.json, entry “treatment”: labels are"),
        ("topics", put(1, "labels", "xx", value="?"), "“xx” is none of the hub's languages"),
        ("topics", put(1, "labels", "en", value=""), "in “en” must have 1 to 300 characters"),
        ("topics", put(0, "summary", value={"en": "x"}), "entry “prevention: summary”: the text"),
        ("topics", put(0, "parent", value="prevention"), "there is no parent “prevention”"),
        ("topics", put(0, "cross_references", value=REFERENCE), "there is no entry “surgery”"),
        ("topics", put(0, "cross_references", value=["x"]), "there is no entry “x”"),
        ("themes", put(0, "parent", value="north"), "themes.json, entry “equity”: entries of"),
        ("countries", put(0, "parent", value="west"), "“PRT”: there is no parent “west”"),
        ("countries", put(0, "parent", value=None), "“PRT”: the region is missing"),
        ("countries", put(0, "footnote", value="*"), "“PRT”: hub.json has no footnote “*”"),
        ("languages", put(0, "dir", value="up"), "languages.json, entry “pt”: “dir” must be"),
        ("languages", put(0, "autonym", value=""), "entry “pt”: “autonym” is missing"),
        ("review_form", put("gates", value=[]), "review_form.json, entry “gates”: a list"),
        ("review_form", put("scale", value=None), "review_form.json, entry “scale”: a list"),
        ("review_form", put("criteria", 0, "anchors", value={}), "“evidence”: every value"),
        (
            "review_form",
            put("criteria", 0, "anchors", "1", value={"en": "x"}),
            "entry “evidence: 1”: the text in “pt” is missing",
        ),
        (
            "review_form",
            put("recommendations", value=[{"code": "wait", "labels": {"pt": "Esperar"}}]),
            "“recommendations”: at least one recommendation",
        ),
        ("reasons", put("rejection", value=None), "reasons.json, entry “rejection”: a list"),
        ("policy", put("slots", value={"inner": 1}), "policy.json, entry “slots”: a number"),
        ("policy", put("slots", value={"any": -1}), "policy.json, entry “slots”: a number"),
        ("policy", put("slots", value={"internal": 0, "external": 0}), "at least one reviewer"),
        ("policy", put("review_days", value="21"), "entry “review_days”: a number from 0"),
        ("policy", put("review_days", value=True), "entry “review_days”: a number from 0"),
        ("policy", put("estimate_sample", value=4), "entry “estimate_sample”: a number from 5"),
        ("policy", put("estimate_sample", value=True), "entry “estimate_sample”: a number from 5"),
        ("policy", put("distinct_organisations", value=1), "“distinct_organisations”: true or"),
        ("policy", put("anonymity", value=None), "entry “anonymity”: a text is needed"),
        ("policy", put("review_reminders", value=["soon"]), "entry “review_reminders”: a list"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(
    health: Path, edit: Edit, file: str, change: Callable[[Any], None], sentence: str
) -> None:
    edit(file, change)
    with pytest.raises(InvalidInput) as caught:
        read_hub(health)
    assert sentence in str(caught.value)
    assert ".json" in caught.value.field


def test_a_hub_may_state_its_own_criteria_and_terms_for_reviewers(health: Path) -> None:
    assert "roster_form" not in read_hub(health).settings
    file = health / "roster_form.json"
    file.write_text('{"criteria": [{"code": "work", "labels": {"pt": "Anos"}}]}')
    assert read_hub(health).settings["roster_form"]["criteria"][0]["code"] == "work"
    for content, place in (
        ('{"criteria": []}', "criteria"),
        ('{"criteria": [{"code": "work", "labels": {}}]}', "work"),
        ('{"criteria": [{"code": "a", "labels": {"pt": "A"}}], "terms": [1]}', "entry number 1"),
        ('{"marks": []}', "marks"),
    ):
        file.write_text(content)
        with pytest.raises(InvalidInput, match=rf"roster_form\.json, .*{place}"):
            read_hub(health)


def test_somebody_has_to_assess_an_application(health: Path, edit: Edit) -> None:
    edit("policy", lambda policy: policy.update(application_managers=0))
    with pytest.raises(InvalidInput, match=r"application_managers.*from 1"):
        read_hub(health)
