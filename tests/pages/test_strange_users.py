"""People who use a page otherwise than its author: by keyboard, enlarged, with their own spacing.

The suite looks at the pages of SAMPLE; the long tests look at every page.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from reviewhub.demo.people import PASSWORD
from tests.journeys.screen import Screen
from tests.pages import chromium
from tests.pages.chromium import Complaints
from tests.pages.conftest import Site
from tests.pages.pages import BY_NAME

DESK, PHONE = (1280, 900), (320, 640)  # 320 is a desk's 1280 enlarged four times
# What a reader may set without losing anything (WCAG 2.2, 1.4.12).
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                word-spacing: 0.16em !important; }
            p { margin-block-end: 2em !important; }"""
LARGE = "html { font-size: 200% !important; }"
# How a page is looked at: the size of the window, and the reader's own style.
WAYS = {
    "twice the size": ((640, 450), ""),
    "twice the text": (DESK, LARGE),
    "four times the size": (PHONE, ""),
    "spaced": (DESK, SPACED),
    "spaced on a phone": (PHONE, SPACED),
}
SAMPLE = (
    "library.front", "library.index-search", "library.resource-reviewed", "submissions.suggest",
    "submissions.show-in_review", "reviews.show-writing", "admin.queue", "admin.item-in_review",
    "roster.apply", "accounts.sign_in",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module."""
    with chromium.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def base(site: Site) -> Iterator[str]:
    """The address of the demo."""
    with chromium.served(site.app) as address:
        yield address


@pytest.fixture
def page_of(site: Site, browser: Browser, base: str) -> Iterator:
    """Opens windows for people, and closes them."""
    opened = []

    def _page_of(token: str | None) -> Page:
        cookie = site.app.config["SIGN_IN_COOKIE"]
        opened.append(
            chromium.context(browser, base, width=1280, dark=False, token=token, cookie=cookie)
        )
        return opened[-1].new_page()

    yield _page_of
    for one in opened:
        one.close()


def losses(page: Page) -> dict[str, list[str]]:
    """What is cut off or stands beside the window, by the way of looking."""
    found = {}
    for way, ((width, height), css) in WAYS.items():
        page.set_viewport_size({"width": width, "height": height})
        chromium.restyle(page, css)
        found[way] = chromium.overflow(page) + chromium.clipped(page)
        chromium.restyle(page, "")
    return {way: faults for way, faults in found.items() if faults}


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_is_lost_when_a_page_is_enlarged_or_spaced(name, site, find, page_of):
    _assert_nothing_is_lost(name, site, find, page_of)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(set(BY_NAME) - set(SAMPLE)))
def test_nothing_is_lost_of_any_page(name, site, find, page_of):
    _assert_nothing_is_lost(name, site, find, page_of)


def _assert_nothing_is_lost(name, site, find, page_of) -> None:
    visit = find(BY_NAME[name])
    page = page_of(site.token(visit))
    page.goto(visit.path)
    found = losses(page)
    assert not found, chromium.dumped(found)


@pytest.mark.slow
def test_an_editor_comes_from_the_front_page_to_an_item_with_the_keyboard_alone(base, page_of):
    said = Complaints()
    screen = Screen(page_of(None), base, "en")
    said.watch(screen.page)
    screen.open("/")
    screen.page.keyboard.press("Tab")
    assert screen.page.evaluate("document.activeElement.hash") == "#main", "first, the way past"
    screen.enter('a[href="/sign-in"]')
    screen.type(email="editor@hub.example", password=PASSWORD)
    screen.enter()
    screen.enter('nav a[href="/desk"]')
    screen.page.keyboard.press("j")
    screen.page.keyboard.press("j")
    screen.page.keyboard.press("k")
    assert screen.has_a_visible_focus()
    screen.enter()
    assert screen.path.startswith("/desk/submissions/")
    assert screen.page.locator("h1").is_visible()
    screen.enter("#your-move a")
    assert screen.path.startswith("/submissions/")
    assert said.texts == []


@pytest.mark.slow
def test_the_way_past_the_navigation_leads_to_the_content(base, page_of):
    screen = Screen(page_of(None), base, "en")
    screen.open("/library")
    screen.page.keyboard.press("Tab")
    screen.page.keyboard.press("Enter")
    assert screen.page.evaluate("document.activeElement.id") == "main"
    screen.page.keyboard.press("Tab")
    assert screen.page.evaluate("document.activeElement.closest('main') !== null")
