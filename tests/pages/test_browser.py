"""Every page in a real browser: accessible, no wider than a phone, without a complaint.

The suite looks at each page once, in English, at every second one on a phone by night and at the
others on a desk by day; the long tests look at it in every combination, in Arabic too.
"""

from dataclasses import dataclass
from itertools import product

import pytest
from playwright.sync_api import Browser, Page

from tests.pages import chromium
from tests.pages.chromium import Complaints
from tests.pages.conftest import Site
from tests.pages.pages import BY_NAME, Visit

PHONE, DESK = 360, 1280


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    locale: str
    width: int
    dark: bool

    @property
    def name(self) -> str:
        """What a test calls it."""
        return f"{self.locale}-{self.width}-{'dark' if self.dark else 'light'}"


SAMPLE = [Look("en", DESK, dark=False), Look("en", PHONE, dark=True)]
ALL = [Look(*one) for one in product(("en", "ar"), (PHONE, DESK), (False, True))]


@pytest.fixture(scope="module")
def browser():
    """One browser for the module."""
    with chromium.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def windows(site, browser):
    """Windows on the served demo, by look and account; each opened once."""
    with chromium.served(site.app) as base:
        yield Windows(site, browser, base)


class Windows:
    """Opens a window for each look and each person, and keeps it."""

    def __init__(self, site: Site, browser: Browser, base: str) -> None:
        self.site, self.browser, self.base = site, browser, base
        self._open: dict[tuple[Look, str | None], Page] = {}
        self.complaints = Complaints()

    def page(self, look: Look, visit: Visit) -> Page:
        """The window's page."""
        token = self.site.token(visit)
        key = (look, token)
        if key not in self._open:
            window = chromium.context(
                self.browser, self.base, width=look.width, dark=look.dark, locale=look.locale,
                token=token, cookie=self.site.app.config["SIGN_IN_COOKIE"],
            )  # fmt: skip
            self._open[key] = window.new_page()
            self.complaints.watch(self._open[key])
        return self._open[key]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_page_on_a_desk_by_day_or_on_a_phone_by_night(name, find, windows):
    look = SAMPLE[sorted(BY_NAME).index(name) % 2]
    found = _faults(find(BY_NAME[name]), look, windows)
    assert not found, f"{look.name}: {chromium.dumped(found)}"


@pytest.mark.looks
@pytest.mark.parametrize("look", ALL, ids=lambda look: look.name)
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_page_in_every_language_width_and_colour(look, name, site, find, windows):
    site.speak(look.locale)
    found = _faults(find(BY_NAME[name]), look, windows)
    site.speak("en")
    assert not found, chromium.dumped(found)


def _faults(visit: Visit, look: Look, windows: Windows) -> dict[str, list[str]]:
    page, said = windows.page(look, visit), windows.complaints.texts
    said.clear()
    answer = page.goto(visit.path)
    assert answer is not None
    assert answer.status == visit.page.status, visit.path
    assert page.locator("html").get_attribute("lang") == look.locale
    found = {
        "said by the browser": list(said),
        "axe": chromium.violations(page),
        "wider than the window": chromium.overflow(page),
        "small": chromium.small_targets(page),
    }
    return {kind: faults for kind, faults in found.items() if faults}
