"""The spine of the hub in a real browser: from a guest's find to the library, in two languages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import write_po
from playwright.sync_api import Browser

from reviewhub.cli import translations
from reviewhub.core import catalogues
from reviewhub.submissions.workflow import State
from tests import databases
from tests.journeys import steps
from tests.journeys.conftest import Asked, Hub
from tests.journeys.people import PASSWORD
from tests.journeys.screen import Screen, Windows, button_of, windows
from tests.journeys.stack import ROOT, Stack
from tests.pages.chromium import chromium

pytestmark = pytest.mark.slow

PROGRAM = ("reviewhub", "worker.py", "pyproject.toml")
MARK = translations.OPEN  # begins every text of a made-up catalogue
HUBS = [("sqlite", "en"), ("sqlite", "ar"), ("postgresql", "en")]
TITLE = "Consular help on small islands"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module."""
    with chromium() as found:
        yield found


@pytest.fixture(params=HUBS, ids="-".join)
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A running hub on a database of this kind, whose people read this language."""
    kind, locale = request.param
    program = ROOT if locale == "en" else _translated(tmp_path / "program", locale)
    with databases.of_kind(kind, tmp_path) as url:
        given = "" if kind == "sqlite" else url
        with Stack(tmp_path, database_url=given, program=program) as stack:
            yield Hub(stack, locale)


def _translated(folder: Path, locale: str) -> Path:
    """A copy of the program with a made-up catalogue of this language."""
    folder.mkdir()
    for name in PROGRAM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copy(ROOT / name, folder / name)
    made = translations.pseudo(translations.template(), locale)
    path = catalogues.path_of(folder / "reviewhub" / "translations", locale)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:  # as a translator leaves it: the program compiles it
        write_po(file, made)
    return folder


def test_a_guests_find_goes_through_a_real_browser_into_the_library(
    hub: Hub, browser: Browser
) -> None:
    with windows(browser, hub.stack.base_url, hub.locale) as opened:
        ref = _suggest(opened, hub)
        _start_review(opened, hub, ref)
        panel = hub.asked(ref, 3)
        for number, who in enumerate(panel):
            _review(opened.open(hub.invitation(who)), by_keyboard=number == 0)
        hub.is_in(ref, State.PUBLISHED)
        _find(opened, panel)


# Policies made by data alone: the hub's folder, as somebody who sets one up would write it.
ANY_TWO = {
    "slots": {"any": 2}, "tie_breakers": 0, "anonymity": "double", "on_include": "ask_editor",
}  # fmt: skip
UNSCREENED = {"screening": "none", "on_approval": "wait_for_editor"}


@pytest.mark.soak
def test_any_two_reviewers_judge_without_a_name_and_an_editor_decides(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        Stack(tmp_path, policy=ANY_TWO) as stack,
        windows(browser, stack.base_url, "en") as opened,
    ):
        hub = Hub(stack)
        ref = _suggest(opened, hub)
        desk = _start_review(opened, hub, ref)
        panel = hub.asked(ref, 2)
        for who in panel:
            screen = opened.open(hub.invitation(who))
            assert "Gwen" not in screen.page.content(), "nobody is told who suggested it"
            _review(screen, by_keyboard=False)
            assert "Gwen" not in screen.page.content()
        hub.is_in(ref, State.REVIEWED)
        _take(desk, ref, "approve")
        hub.is_in(ref, State.PUBLISHED)
        _find(opened, panel)


@pytest.mark.soak
def test_without_screening_reviewers_are_asked_at_once_and_an_editor_publishes(
    browser: Browser, tmp_path: Path
) -> None:
    whole = {name: value for name, value in steps.RECORD.items() if name != "licence"}
    with (
        Stack(tmp_path, policy=UNSCREENED) as stack,
        windows(browser, stack.base_url, "en") as opened,
    ):
        hub = Hub(stack)
        ref = _suggest(opened, hub, State.IN_REVIEW, **whole)
        panel = hub.asked(ref, 3)
        for who in panel:
            _review(opened.open(hub.invitation(who)), by_keyboard=False)
        hub.is_in(ref, State.APPROVED)
        _take(_desk(opened, hub), ref, "publish")
        hub.is_in(ref, State.PUBLISHED)
        _find(opened, panel)


def _take(desk: Screen, ref: str, verb: str) -> None:
    """The editor takes a step from the item's page."""
    desk.open(f"/desk/submissions/{ref}")
    desk.follow(f"/{ref}/{verb}")
    desk.send(f"/{verb}")


def _suggest(opened: Windows, hub: Hub, then: State = State.SUBMITTED, **more: str) -> str:
    """A guest suggests, some of it with the keyboard, and confirms by the link in the mail."""
    email = "gwen@islands.example"
    screen = opened.open("/suggest")
    screen.type(url="https://islands.example/handbook", title=TITLE)
    screen.write(language="en", main_topic="14", email=email, name="Gwen")
    screen.write(why_useful="It tells a single officer what to do, step by step.")
    screen.enter('main button[name="then"][value="detail"]')
    assert screen.page.locator('[name="title"]').input_value() == TITLE
    screen.write(organisation="The Islands Office", country="KEN", publisher="Example Press")
    screen.write(**more, consent=True)
    screen.send("/suggest")
    assert screen.path.endswith("/sent"), screen.page.content()[:3000]
    screen.open(hub.stack.link(email, "submissions/confirm"))
    screen.enter(button_of("/confirm", screen.path))
    _is_translated(screen)
    return hub.sent_by(email, then)


def _desk(opened: Windows, hub: Hub) -> Screen:
    """An editor signs in with the keyboard."""
    screen = opened.open("/sign-in")
    screen.type(email=hub.team.editor.email, password=PASSWORD)
    screen.enter()
    screen.open("/desk")
    return screen


def _start_review(opened: Windows, hub: Hub, ref: str) -> Screen:
    """An editor signs in, completes the record and starts the review."""
    screen = _desk(opened, hub)
    screen.follow(f"/desk/submissions/{ref}")
    screen.follow(f"/{ref}/refile")
    screen.write(**steps.RECORD)
    screen.send("/refile")
    screen.open(f"/desk/submissions/{ref}")
    screen.follow(f"/{ref}/start_review")
    _is_translated(screen)
    screen.send("/start_review")
    return screen


def _review(screen: Screen, *, by_keyboard: bool) -> None:
    """A reviewer takes the review on and sends it, with nothing but the link in the mail."""
    choose = screen.choose if by_keyboard else lambda name, value: screen.write(**{name: value})
    write = screen.type if by_keyboard else screen.write
    if by_keyboard:
        screen.enter(button_of("/accept", screen.path))
    else:
        screen.send("/accept")
    groups = 'main [name^="gate_"], main [name^="score_"]'
    shown = screen.page.locator(groups).filter(visible=True)
    names = dict.fromkeys(shown.evaluate_all("all => all.map(one => one.name)"))
    assert len(names) > 4
    for name in names:
        choose(name, "yes" if name.startswith("gate_") else "2")
    choose("recommendation", "include")
    write(comment_to_submitter=steps.COMMENT)
    if by_keyboard:
        screen.enter(button_of("/submit", screen.path))
    else:
        screen.send("/submit")
    _is_translated(screen)
    assert screen.page.locator('main [name="recommendation"]').count() == 0


def _find(opened: Windows, panel: list[Asked]) -> None:
    """A reader searches from the front page, and is told how it was reviewed, not by whom."""
    screen = opened.open("/", width=360)
    screen.tab_to("main input[type=search]")
    screen.page.keyboard.type("small islands")
    screen.enter()
    assert screen.path == "/library"
    screen.follow("/resources/")
    assert screen.page.locator("h1", has_text=TITLE).is_visible()
    assert screen.page.locator(".trail").count() > 0
    _is_translated(screen)
    assert not [who.name for who in panel if who.name in screen.page.content()]


def _is_translated(screen: Screen) -> None:
    """Whether the texts come from the catalogue, where there is one."""
    text = screen.page.locator("main").inner_text()
    assert (MARK in text) == (screen.locale != "en"), screen.page.url
