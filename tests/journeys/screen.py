"""A browser with a screen and a keyboard: Chromium on a running hub, in one language.

Nothing here reads a word of a page: fields are found by their names, buttons and links by where
they lead, so that a journey goes the same way in every language.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Locator, Page, Response

from tests.pages import chromium

MOST_TABS = 400
MOST_ARROWS = 12
BUTTON = "button.button:not([formaction]):not([type=button]):not([name=redraft])"
DRAFT = re.compile(r"/save(\?|$)")  # a page that is left while a draft is saved ends that request


class Complaints(chromium.Complaints):
    """What the browser says, and every answer that is no success."""

    def watch(self, page: Page) -> None:
        """Listen to a page, from before its first address on."""
        super().watch(page)
        page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.texts.append(f"{response.status}: {response.request.method} {response.url}")

    def left(self) -> list[str]:
        """All but drafts whose saving the next page cut short."""
        return [
            text for text in self.texts if not (text.startswith("failed: ") and DRAFT.search(text))
        ]


class Screen:
    """One person's window. `page` is Playwright's own."""

    def __init__(self, page: Page, base_url: str, locale: str) -> None:
        self.page, self.base_url, self.locale = page, base_url, locale

    @property
    def path(self) -> str:
        """Where it is."""
        return urlsplit(self.page.url).path

    def open(self, address: str) -> None:
        """Go to an address, absolute or on this site."""
        answer = self.page.goto(urljoin(self.base_url + "/", address))
        assert answer is not None
        assert answer.ok, f"{answer.status} for {self.page.url}"
        self.look()

    def look(self) -> None:
        """The page is in the language and runs the way that was asked for."""
        root = self.page.locator("html")
        assert root.get_attribute("lang") == self.locale, self.page.url
        assert root.get_attribute("dir") == ("rtl" if self.locale == "ar" else "ltr")

    def follow(self, part: str) -> None:
        """Click the first link whose address has this in it."""
        with self.page.expect_navigation():
            self.page.locator(f'main a[href*="{part}"]').first.click()
        self.look()

    def write(self, **values: Any) -> None:
        """Fill in fields by their names: text, a choice, or whether a box is ticked."""
        for name, value in values.items():
            field = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
            if not field.first.is_visible():
                self._unfold(name)
            if field.first.get_attribute("type") == "radio":
                self.page.check(f'main [name="{name}"][value="{value}"]')
            elif isinstance(value, bool):
                field.set_checked(value)
            elif field.first.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def send(self, action: str) -> None:
        """Press the button of the form that is sent to an address with `action` in it."""
        with self.page.expect_navigation():
            self._button(action).click()
        self.look()

    # -- with the keyboard alone --

    def tab_to(self, selector: str) -> None:
        """Press Tab until this has the focus. Raises AssertionError when it never gets it."""
        for _step in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        shown = self.page.locator("main").inner_text()[:1500]
        raise AssertionError(f"{selector} is not reached with Tab at {self.page.url}: {shown}")

    def type(self, **values: str) -> None:
        """Tab to each text field and type."""
        for name, text in values.items():
            self.tab_to(f'main [name="{name}"]')
            self.page.keyboard.type(text)

    def choose(self, name: str, value: str) -> None:
        """Tab to a group of choices, and go through it with the arrow until `value` is chosen."""
        self.tab_to(f'main [name="{name}"]')
        self.page.keyboard.press("Space")
        chosen = f'main [name="{name}"]:checked'
        for _step in range(MOST_ARROWS):
            if self.page.locator(chosen).get_attribute("value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} offers no {value} at {self.page.url}")

    def enter(self, selector: str = "") -> None:
        """Tab to a link or button, unless it has the focus already, and press Enter."""
        if selector:
            self.tab_to(selector)
        assert self.has_a_visible_focus(), self.page.url
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def has_a_visible_focus(self) -> bool:
        """Whether what has the focus is drawn with an outline, and stands within the window."""
        return bool(
            self.page.evaluate(
                """() => {
                  const e = document.activeElement, box = e.getBoundingClientRect();
                  const outlined = getComputedStyle(e).outlineStyle !== 'none';
                  return outlined && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
                }"""
            )
        )

    def _button(self, action: str) -> Locator:
        found = self.page.locator(button_of(action, self.path))
        assert found.count() == 1, (self.page.url, action, found.count())
        return found

    def _unfold(self, name: str) -> None:
        self.page.locator(f'details:not([open]):has([name="{name}"]) > summary').click()


def button_of(action: str, path: str) -> str:
    """The selector of a form's main button; a form without an address is sent to its own page."""
    own = f", main form:not([action]) {BUTTON}" if action in path else ""
    return f'main form[action*="{action}"] {BUTTON}{own}'


@contextmanager
def windows(browser: Browser, base_url: str, locale: str) -> Iterator["Windows"]:
    """Windows for one journey; at its end the browser must have had nothing to say."""
    opened = Windows(browser, base_url, locale)
    try:
        yield opened
    finally:
        opened.close()
    assert opened.complaints.left() == []


class Windows:
    """Opens a window of its own, with cookies of its own, for each person."""

    def __init__(self, browser: Browser, base_url: str, locale: str) -> None:
        self.browser, self.base_url, self.locale = browser, base_url, locale
        self.complaints = Complaints()
        self._open: list[Any] = []

    def open(self, address: str = "/", *, width: int = 1280) -> Screen:
        """A window at an address."""
        made = chromium.context(
            self.browser, self.base_url, width=width, dark=False, locale=self.locale
        )
        self._open.append(made)
        page = made.new_page()
        self.complaints.watch(page)
        screen = Screen(page, self.base_url, self.locale)
        screen.open(address)
        return screen

    def close(self) -> None:
        """Close all of them."""
        for one in self._open:
            one.close()
