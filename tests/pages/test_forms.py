"""Forms in a real browser: without scripts, with drafts that save themselves, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages import chromium
from tests.pages.conftest import Site
from tests.pages.pages import BY_NAME

pytestmark = pytest.mark.slow

FORMS = ("submissions.suggest-signed-in", "reviews.show-writing")


@pytest.fixture(scope="module")
def browser():
    """One browser for the module."""
    with chromium.chromium() as found:
        yield found


@pytest.fixture
def open_page(site: Site, browser: Browser, find):
    """Opens a page of the list in a window of its own, signed in as the page wants it."""
    windows = []
    with chromium.served(site.app) as base:

        def _open(name: str, **more: bool) -> Page:
            visit = find(BY_NAME[name])
            token = site.token(visit)
            window = chromium.context(
                browser, base, width=1280, dark=False, token=token,
                cookie=site.app.config["SIGN_IN_COOKIE"], **more,
            )  # fmt: skip
            windows.append(window)
            page = window.new_page()
            page.goto(visit.path)
            return page

        yield _open
        for window in windows:
            window.close()


def test_a_suggestion_is_sent_without_scripts(open_page):
    page = open_page("submissions.suggest-signed-in", java_script_enabled=False)
    page.locator("[name=url]").fill("https://press.example/without-scripts")
    page.locator("[name=title]").fill("A guide that was sent without scripts")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".error-summary")).to_be_visible()  # and what was typed is still there
    expect(page.locator("[name=title]")).to_have_value("A guide that was sent without scripts")
    page.locator("[name=language]").select_option("en")
    page.locator("[name=why_useful]").fill("It shows step by step how a small office can do it.")
    page.locator("[name=main_topic]").select_option(index=1)
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Send", exact=True).click()
    assert re.search(r"/submissions/RH-\d{4}-\d+", page.url)
    expect(page.locator("h1")).to_contain_text("A guide that was sent without scripts")


def test_a_draft_saves_itself(open_page):
    page = open_page("submissions.suggest-signed-in")
    page.locator("[name=title]").fill("A guide that is not finished")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved", timeout=10_000)
    action = page.locator("form[data-autosave]").get_attribute("action") or ""
    assert re.search(r"/suggest/RH-\d{4}-\d+", action)
    page.goto(action)
    expect(page.locator("[name=title]")).to_have_value("A guide that is not finished")


@pytest.mark.parametrize("name", FORMS)
def test_the_keyboard_reaches_every_control_in_order_and_then_the_button(open_page, name):
    page = open_page(name)
    page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true; })")
    controls = page.evaluate(
        """() => {
          const seen = new Set();
          return [...document.querySelectorAll(
              'main form[data-autosave] :is(input:not([type=hidden]), select, textarea, button)')]
            .filter(e => e.offsetParent !== null)
            .filter(e => e.type !== 'radio' || (!seen.has(e.name) && seen.add(e.name)))
            .map(e => e.id || (e.localName === 'button' ? '' : e.name) || e.textContent.trim())
            .filter(name => name);
        }"""
    )
    visited = chromium.tab_through(page)
    assert len(controls) > 5
    missed = [control for control in controls if control not in visited]
    assert missed == []
    places = [visited.index(control) for control in controls]
    assert places == sorted(places)
    assert visited.index(controls[-2]) > visited.index(controls[0])
