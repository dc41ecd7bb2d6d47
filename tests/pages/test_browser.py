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
def window(site, browser):
    """A window on the served demo; the browser asks for each style sheet and script once."""
    site.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    with chromium.served(site.app) as base:
        yield Window(site, browser, base)


class Window:
    """One window, handed from person to person: an own one for each took longer than its pages."""

    def __init__(self, site: Site, browser: Browser, base: str) -> None:
        self.site, self.base = site, base
        self._context = chromium.context(browser, base, width=DESK, dark=False)
        self._context.add_init_script(path=chromium.AXE)
        self._page = self._context.new_page()
        self.complaints = Complaints()
        self.complaints.watch(self._page)

    def page(self, look: Look, visit: Visit) -> Page:
        """The window's page, in this width and these colours, for whoever looks at it now."""
        if self._page.url.startswith(self.base):  # a new window would remember nothing
            self._page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self._context.clear_cookies()
        self._context.add_cookies(
            chromium.cookies(
                self.base, locale=look.locale,
                token=self.site.token(visit), cookie=self.site.app.config["SIGN_IN_COOKIE"],
            )
        )  # fmt: skip
        chromium.show(self._page, width=look.width, dark=look.dark)
        return self._page


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_page_on_a_desk_by_day_or_on_a_phone_by_night(name, find, window):
    look = SAMPLE[sorted(BY_NAME).index(name) % 2]
    found = _faults(find(BY_NAME[name]), look, window)
    assert not found, f"{look.name}: {chromium.dumped(found)}"


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(BY_NAME))
@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_in_every_width_and_colour(locale, name, site, find, window):
    first, *others = [Look(locale, *one) for one in product((DESK, PHONE), (False, True))]
    site.speak(locale)
    try:
        found = {first.name: _faults(find(BY_NAME[name]), first, window)}
        page = window.page(first, find(BY_NAME[name]))
        for look in others:
            chromium.show(page, width=look.width, dark=look.dark)
            found[look.name] = _seen(page)
    finally:
        site.speak("en")
    assert not any(found.values()), chromium.dumped(found)


def _faults(visit: Visit, look: Look, window: Window) -> dict[str, list[str]]:
    page, said = window.page(look, visit), window.complaints.texts
    said.clear()
    answer = page.goto(visit.path)
    assert answer is not None
    assert answer.status == visit.page.status, visit.path
    assert page.evaluate("document.documentElement.lang") == look.locale
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
