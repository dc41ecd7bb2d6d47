"""A reviewer types in a real browser while the web process is killed: the last seconds at most are
lost on the server, and nothing in the browser. Two tabs are told of each other.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from reviewhub.cli.services import is_healthy
from reviewhub.reviews.models import Review
from tests.journeys import steps
from tests.journeys.conftest import Asked, Hub
from tests.journeys.stack import Stack, _descendants
from tests.pages import chromium

pytestmark = pytest.mark.slow

FIRST = "The method is stated in the annex."
SECOND = " The third part rests on two interviews alone."
FIELD = '[name="comment_to_submitter"]'
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module."""
    with chromium.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A running hub, with a suggestion for each test."""
    with Stack(tmp_path_factory.mktemp("hub")) as stack:
        yield Hub(stack)


@pytest.fixture
def who(hub: Hub, request: pytest.FixtureRequest) -> Asked:
    """A reviewer who has accepted."""
    asked = hub.start_review(hub.suggest(f"Consular help: {request.node.name}").ref)[0]
    steps.accept(hub.stack, hub.invitation(asked))
    return asked


@pytest.fixture
def link(hub: Hub, who: Asked) -> str:
    """The reviewer's link."""
    return hub.invitation(who)


def window(browser: Browser, hub: Hub, link: str) -> Page:
    """The reviewer's page in a window with a memory of its own."""
    made = chromium.context(browser, hub.stack.base_url, width=1280, dark=False, locale="en")
    page = made.new_page()
    page.goto(link)
    return page


def is_kept(hub: Hub, who: Asked, text: str) -> None:
    """Wait until the server's draft of this reviewer is this."""
    of_them = sa.select(Review).where(Review.assignment_id == who.assignment_id)
    hub.stack.wait(
        lambda session: text in [_comment(one) for one in session.scalars(of_them)],
        what=f"the draft {text!r} is kept",
        seconds=60,
    )


def _comment(review: Review) -> Any:
    return review.draft.get("comment_to_submitter")


def kill_the_web(stack: Stack) -> None:
    """End the web server at once, master and workers, as a machine that dies does."""
    ours = [pid for pid in _descendants(stack.pid) if b"gunicorn" in _command(pid)]
    assert ours
    for pid in ours:
        os.kill(pid, signal.SIGKILL)


def is_back(stack: Stack) -> None:
    """Wait until the supervisor has started it again."""
    stack.wait(lambda _session: is_healthy(stack.base_url), what="the web is back", seconds=60)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_killed_web_process_costs_nothing_that_was_typed(
    hub: Hub, browser: Browser, who: Asked, link: str
) -> None:
    page = window(browser, hub, link)
    page.locator(FIELD).press_sequentially(FIRST)
    is_kept(hub, who, FIRST)
    page.locator(FIELD).press_sequentially(SECOND)
    kill_the_web(hub.stack)
    elsewhere = browser.new_context().new_page()
    expect(page.locator(FIELD)).to_have_value(FIRST + SECOND)
    is_kept(hub, who, FIRST + SECOND)  # the page tries again until the server is back
    elsewhere.goto(link)
    expect(elsewhere.locator(FIELD)).to_have_value(FIRST + SECOND)


@pytest.mark.soak
def test_a_browser_that_dies_with_the_server_loses_the_last_seconds_at_most(
    hub: Hub, browser: Browser, who: Asked, link: str
) -> None:
    page = window(browser, hub, link)
    page.locator(FIELD).press_sequentially(FIRST)
    is_kept(hub, who, FIRST)
    page.locator(FIELD).press_sequentially(SECOND)
    kill_the_web(hub.stack)
    page.context.close()
    is_back(hub.stack)
    again = window(browser, hub, link)
    assert again.locator(FIELD).input_value().startswith(FIRST)


@pytest.mark.soak
def test_a_page_that_is_left_in_the_middle_of_a_word_is_saved(
    hub: Hub, browser: Browser, who: Asked, link: str
) -> None:
    page = window(browser, hub, link)
    page.locator(FIELD).press_sequentially(FIRST)
    page.goto(hub.stack.base_url)
    is_kept(hub, who, FIRST)


def test_the_older_of_two_tabs_is_told_and_shown_both_texts(
    hub: Hub, browser: Browser, who: Asked, link: str
) -> None:
    older, newer = window(browser, hub, link), window(browser, hub, link)
    newer.locator(FIELD).press_sequentially(FIRST)
    is_kept(hub, who, FIRST)
    older.locator(FIELD).press_sequentially(SECOND)
    expect(older.locator("[data-autosave-status]")).to_contain_text(
        "Written in another tab as well", timeout=PATIENCE_MS
    )
    is_kept(hub, who, FIRST)
    older.get_by_text("Look at both").click()
    expect(older.locator("main")).to_contain_text("What is saved from the other page")
    expect(older.locator("main")).to_contain_text(FIRST)
    expect(older.locator(FIELD)).to_have_value(SECOND.strip())
    older.locator('button[formaction*="/save"]').click()
    is_kept(hub, who, SECOND.strip())
