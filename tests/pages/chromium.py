"""A real browser on the demo's pages: Chromium through Playwright, on a server of this process."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

AXE = Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    "--no-sandbox",  # as root there is none
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
]
REQUIRED = os.environ.get("REVIEWHUB_REQUIRE_BROWSER") == "1"


def find_chromium() -> str:
    """The program; skips, visibly, where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    given = os.environ.get("REVIEWHUB_CHROMIUM")
    found = given or next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium found: install one or set REVIEWHUB_CHROMIUM"
        if REQUIRED:
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, started."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


class Silent(WSGIRequestHandler):
    """A server that does not comment on every request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Complaints:
    """What the browser itself has to say against a page."""

    texts: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to the console and to errors; a refused style or script is said there too."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.texts.append(f"error: {error}"))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left while it looked for news
            self.texts.append(f"failed: {request.url}")

    def _console(self, message: Any) -> None:
        # A page that answers 403, 404 or 410 is meant to; the browser says so of the document.
        expected = "the server responded with a status of 4" in message.text
        if message.type in {"error", "warning"} and not expected:
            self.texts.append(f"{message.type}: {message.text}")


def violations(page: Page) -> list[str]:
    """What axe-core has against the page as it stands: rule, element, why."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # injected past the page's policy
    found = page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']}))"
        ".violations.map(v => ({id: v.id, nodes: v.nodes.map(n => [n.target.join(' '),"
        " n.any.concat(n.all, n.none).map(c => c.message).join('; ')])}))",
        RULES,
    )
    return [f"{one['id']}: {target} ({why})" for one in found for target, why in one["nodes"][:3]]


def show(page: Page, *, width: int, dark: bool) -> None:
    """Give the window this width and these colours; the page stays as it is."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light")


def overflow(page: Page) -> list[str]:
    """The elements that make the page wider than its window, outermost first."""
    return list(
        page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.scrollingElement.scrollWidth <= width) return [];
              const wide = [...document.body.querySelectorAll('*')].filter(e => {
                const box = e.getBoundingClientRect();
                return box.width && (box.right > width + 1 || box.left < -1);
              });
              return wide.slice(0, 5).map(e => e.tagName + '.' + e.className + ': '
                + e.textContent.trim().slice(0, 60));
            }"""
        )
    )


def restyle(page: Page, css: str) -> None:
    """Put a reader's own style sheet over the page's; "" takes it away."""
    page.evaluate(
        """css => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets = css ? [sheet] : [];
        }""",
        css,
    )


def clipped(page: Page) -> list[str]:
    """The elements whose own text is cut off, without a way to scroll to it."""
    return list(
        page.evaluate(
            """() => [...document.body.querySelectorAll('*')].filter(e => {
                const style = getComputedStyle(e);
                const cuts = ['hidden', 'clip'];
                const text = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
                if (!text || e.offsetWidth <= 1 || style.visibility === 'hidden') return false;
                return (cuts.includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
                  || (cuts.includes(style.overflowY) && e.scrollHeight > e.clientHeight + 1);
              })
              .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 60))"""
        )
    )


def small_targets(page: Page) -> list[str]:
    """Controls under 24 by 24 pixels that do not stand within a line of text."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll(
                'button, input:not([type=hidden]), select, textarea, summary')]
              .filter(e => e.offsetParent !== null)
              .map(e => {
                const own = e.getBoundingClientRect();
                const label = e.labels && e.labels[0] && e.type !== 'text'
                  ? e.labels[0].getBoundingClientRect() : own;
                const width = Math.max(own.width, label.width);
                const height = Math.max(own.height, label.height);
                return [e.outerHTML.slice(0, 90), width, height];
              })
              .filter(([, width, height]) => width < 24 || height < 24)
              .map(one => one.join(' '))"""
        )
    )


def tab_through(page: Page, *, most: int = 900) -> list[str]:
    """The ids, names or words of what the focus visits from the top, until it comes round."""
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    visited: list[str] = []
    for _step in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "() => { const e = document.activeElement;"
            " const said = e.localName === 'button' ? '' : e.name;"
            " return e === document.body ? null : (e.id || said || e.textContent.trim()); }"
        )
        if at is None:
            break
        visited.append(at)
    return visited


def dumped(values: object) -> str:
    """For a failure's message."""
    return json.dumps(values, ensure_ascii=False, indent=1)


def context(browser: Browser, base: str, *, width: int, dark: bool, locale: str = "en",
            token: str | None = None, cookie: str = "", **more: Any) -> BrowserContext:  # fmt: skip
    """A window of this width and colours, for a reader of `locale`, signed in with `token`."""
    made = browser.new_context(
        base_url=base,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        **more,
    )
    made.add_cookies(cookies(base, locale=locale, token=token, cookie=cookie))
    return made


def cookies(base: str, *, locale: str, token: str | None, cookie: str) -> Any:
    """What a browser carries for a reader of `locale`, signed in with `token`."""
    found = [{"name": "locale", "value": locale, "url": base}]
    if token:
        found.append({"name": cookie, "value": token, "url": base})
    return found
