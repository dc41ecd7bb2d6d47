"""Every page is whole: strict HTML, one heading at the top, a title, a label for every field."""

import re

import html5lib
import pytest
from lxml import html

from tests.pages.conftest import Site
from tests.pages.pages import BY_NAME, NOT_PAGES, PAGES

pytestmark = pytest.mark.slow

TYPED = "//input[not(@type='hidden') and not(@type='submit')] | //select | //textarea"


@pytest.fixture(params=sorted(BY_NAME))
def page(request, site, find):
    """A page of the list: what it is called, and what came."""
    return request.param, site.get(find(BY_NAME[request.param]))


def test_every_page_is_in_the_list(site: Site):
    readable = {
        rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())
    }
    listed = {page.endpoint for page in PAGES}
    assert readable - listed - set(NOT_PAGES) == set(), "pages that nobody looks at"
    assert listed | set(NOT_PAGES) <= readable, "pages that are no more"
    assert len(BY_NAME) == len(PAGES)


def test_a_page_is_whole(page):
    name, text = page
    strict = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    strict.parse(text)
    errors = [(position, kind, text.splitlines()[position[0] - 1][:160])
              for position, kind, _values in strict.errors]  # fmt: skip
    assert not errors, name
    tree = html.document_fromstring(text)
    ids = tree.xpath("//@id")
    assert sorted(ids) == sorted(set(ids)), name
    assert len(tree.xpath("//h1")) == 1, name
    assert tree.xpath("string(//h1)").strip(), name
    assert tree.findtext(".//title").strip(), name
    assert tree.get("lang") == "en", name
    assert tree.get("dir") == "ltr", name
    assert not _unlabelled(tree), name
    assert not _dangling(tree, set(ids)), name
    assert not re.search(r"%\(|\{\{|lazy_gettext|=\"None\"", text), name


def _unlabelled(tree):
    """Fields that say nothing of themselves to somebody who can't see the page."""
    return [
        field.get("name")
        for field in tree.xpath(TYPED)
        if not field.get("aria-label")
        and not field.get("aria-labelledby")
        and not field.xpath("ancestor::label")
        and not tree.xpath("//label[@for=$id]", id=field.get("id") or "")
    ]


def _dangling(tree, ids):
    """References to parts of the page that are not there."""
    named = {
        name
        for attribute in ("aria-labelledby", "aria-describedby", "aria-controls", "for", "list")
        for value in tree.xpath(f"//@{attribute}")
        for name in value.split()
    }
    named |= {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")} - {""}
    return sorted(named - ids)
