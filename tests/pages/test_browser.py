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
LOCALES = ("en", "ar")


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
    """Opens a window for each language and each person, and keeps it."""

    def __init__(self, site: Site, browser: Browser, base: str) -> None:
        self.site, self.browser, self.base = site, browser, base
        self._open: dict[tuple[str, str | None], Page] = {}
        self.complaints = Complaints()

    def page(self, look: Look, visit: Visit) -> Page:
        """The window's page, in this width and these colours."""
        token = self.site.token(visit)
        key = (look.locale, token)
        if key not in self._open:
            window = chromium.context(
                self.browser, self.base, width=look.width, dark=look.dark, locale=look.locale,
                token=token, cookie=self.site.app.config["SIGN_IN_COOKIE"],
            )  # fmt: skip
            self._open[key] = window.new_page()
            self.complaints.watch(self._open[key])
        chromium.show(self._open[key], width=look.width, dark=look.dark)
        return self._open[key]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_page_on_a_desk_by_day_or_on_a_phone_by_night(name, find, windows):
    look = SAMPLE[sorted(BY_NAME).index(name) % 2]
    found = _faults(find(BY_NAME[name]), look, windows)
    assert not found, f"{look.name}: {chromium.dumped(found)}"


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(BY_NAME))
@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_in_every_width_and_colour(locale, name, site, find, windows):
    first, *others = [Look(locale, *one) for one in product((DESK, PHONE), (False, True))]
    site.speak(locale)
    try:
        found = {first.name: _faults(find(BY_NAME[name]), first, windows)}
        page = windows.page(first, find(BY_NAME[name]))
        for look in others:
            chromium.show(page, width=look.width, dark=look.dark)
            found[look.name] = _seen(page)
    finally:
        site.speak("en")
    assert not any(found.values()), chromium.dumped(found)


def _faults(visit: Visit, look: Look, windows: Windows) -> dict[str, list[str]]:
    page, said = windows.page(look, visit), windows.complaints.texts
    said.clear()
    answer = page.goto(visit.path)
    assert answer is not None
    assert answer.status == visit.page.status, visit.path
    assert page.locator("html").get_attribute("lang") == look.locale
    found = _seen(page)
    return {**found, "said by the browser": list(said)} if said else found


def _seen(page: Page) -> dict[str, list[str]]:
    """What is wrong with the page as it stands."""
    found = {
        "axe": chromium.violations(page),
        "wider than the window": chromium.overflow(page),
        "small": chromium.small_targets(page),
    }
    return {kind: faults for kind, faults in found.items() if faults}
