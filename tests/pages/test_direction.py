"""Right to left: no style sheet says left or right, and foreign words are set apart."""

import re
from pathlib import Path

import pytest
from lxml import html

from reviewhub.cli.translations import PACKAGE
from tests.pages.pages import BY_NAME

SHEETS = sorted((PACKAGE / "static" / "css").glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Whatever names a side of the screen stays where it is when the page is mirrored.
PHYSICAL = re.compile(
    r"(?:^|[;{\s])(?:"
    r"(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)(?:-[a-z]+)?\s*:|"
    r"(?:left|right)\s*:|"
    r"(?:text-align|float|clear)\s*:\s*(?:left|right)\b|"
    r"border-(?:top|bottom)-(?:left|right)-radius\s*:)"
)
LISTS = ("library.index", "library.front", "admin.queue", "submissions.index", "reviews.index",
         "roster.members", "roster.applications")  # fmt: skip


def test_there_are_style_sheets_to_look_at():
    assert len(SHEETS) > 5
    assert PHYSICAL.search("a { margin-left: 0; }")
    assert not PHYSICAL.search("a { margin-inline-start: 0; text-align: start; }")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_names_no_side_of_the_screen(sheet: Path):
    text = COMMENT.sub(" ", sheet.read_text(encoding="utf-8"))
    assert not [found.group().strip() for found in PHYSICAL.finditer(text)]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_page_in_arabic_runs_from_right_to_left(name, site, find):
    visit = find(BY_NAME[name])
    site.speak("ar")
    tree = html.document_fromstring(site.get(visit, locale="ar"))
    site.speak("en")
    assert tree.get("lang") == "ar"
    assert tree.get("dir") == "rtl"


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_titles_and_names_in_lists_are_set_apart(name, site, find, titles):
    site.speak("ar")
    tree = html.document_fromstring(site.get(find(BY_NAME[name]), locale="ar"))
    site.speak("en")
    found = [node for node in tree.xpath("//main//text()") if node.strip() in titles]
    assert found, "the page lists nothing"
    bare = [
        str(node).strip()
        for node in found
        if not node.getparent().xpath(
            "ancestor-or-self::*[self::bdi or self::option or @dir='auto' or @lang]"
            "[not(self::html)]"
        )
    ]
    assert bare == []
