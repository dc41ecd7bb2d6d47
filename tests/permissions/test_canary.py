"""A random token stands in every hidden field, and on no page of anybody who has no right to it."""

from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from reviewhub.submissions.workflow import State
from tests.permissions import expected as who
from tests.permissions.asking import Asker
from tests.permissions.crawling import Crawler, leaks
from tests.permissions.principals import PRINCIPALS, STAFF, House

TWIN = " of the twin"
# Shown nowhere at present, to nobody.
NEVER = ("decline note", "reason of the conflict")
SENT = {"sent", "sent_by_link", "reviewing_editor"}
SEATED = {name + how for name in who.SEATS for how in ("", "_by_link")}
OPENED = {"accepted", "accepted_by_link"} | SENT
# Whoever reads the panel of the item: staff who are no part of it.
PANEL = who.FREE_EDITORS | who.ONLOOKERS | {"submitting_editor"}
PANEL_OF_TWIN = who.FREE_EDITORS | who.ONLOOKERS | who.INVOLVED
PUBLIC = set(PRINCIPALS)


def readers(kind: str, state: str) -> set[str]:
    """Who may read the hidden field, by its name; written apart from the code."""
    bare, is_twin = kind.removesuffix(TWIN), kind.endswith(TWIN)
    panel = PANEL_OF_TWIN if is_twin else PANEL
    submitters = {"submitting_editor"} if is_twin else {"submitter", "submitter_by_link"}
    if bare in NEVER:
        return set()
    if bare.startswith(("name of ", "email of ", "organisation of ")):
        return _readers_of_person(bare, is_twin, panel)
    if bare.startswith("comment to "):
        return _readers_of_comment(bare, is_twin, panel)
    if bare in {"internal note", "why closed early"}:
        return panel
    if bare in {"text of the decision", "changes wanted"}:
        return submitters | who.DESK
    if bare in {"title", "publisher", "why useful"}:
        reviewers = set() if is_twin else SEATED if bare == "title" else OPENED
        is_out = state == who.PUBLISHED and bare != "why useful"
        return PUBLIC if is_out else submitters | who.DESK | reviewers
    return _readers_on_roster(bare)


def _readers_of_person(bare: str, is_twin: bool, panel: set[str]) -> set[str]:
    kind, _, name = bare.partition(" of ")
    own = set() if is_twin else {name, f"{name}_by_link"}
    if name in STAFF and not is_twin:
        return own | set(STAFF)  # colleagues know one another
    if name == "submitter":
        return own | (panel if kind == "email" else who.DESK)
    if name == "applicant":
        return own | who.ROSTER_DESK
    if name == "idle_member":  # whom an editor is proposed for the panel of another item
        return own | who.ROSTER_DESK | who.EDITORS
    if name in {"registered", "suspended"}:
        return own
    return own | panel


def _readers_of_comment(bare: str, is_twin: bool, panel: set[str]) -> set[str]:
    name = bare.rpartition(" by ")[2]
    own = set() if is_twin else {name, f"{name}_by_link"}
    if name == "accepted":  # a draft is its writer's alone
        return own
    others = SENT if bare.startswith("comment to the submitter") and not is_twin else set()
    return own | panel | others


def _readers_on_roster(bare: str) -> set[str]:
    of_member = bare.endswith("of the member")
    return who.ROSTER_DESK | (who.MEMBERS if of_member else who.APPLICANTS)


class Canary:
    """One house full of tokens."""

    def __init__(self, app: Flask, db: Any, make: Any, sign_in: Any, state: str) -> None:
        self.tokens: dict[str, str] = {}
        self.state = state
        house = House(make, State(state), self._token)
        self.crawler = Crawler(Asker(app, db, house, sign_in))

    def _token(self, kind: str) -> str:
        return self.tokens.setdefault(kind, f"zz{token_hex(6)}")

    def crawl(self, principals: Any) -> tuple[list[str], set[str]]:
        """What leaked, and which kinds somebody was shown."""
        found, shown = [], set()
        for principal in principals:
            pages = self.crawler.pages(principal)
            text = "\n".join(pages.values()).casefold()
            shown |= {kind for kind, token in self.tokens.items() if token in text}
            leaked = leaks(
                pages, self.tokens, lambda kind, p=principal: p in readers(kind, self.state)
            )
            found += [f"to {principal}: {one}" for one in leaked]
        return found, shown


@pytest.mark.slow
def test_whoever_is_most_curious_finds_no_token(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    canary = Canary(app, db, make, sign_in, who.REJECTED)
    curious = ["handling_editor", "anonymous", "submitter_by_link", "sent_by_link"]
    found, shown = canary.crawl(curious)
    assert "internal note" in shown, "there is nothing to leak"
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(who.IN_REVIEW, marks=pytest.mark.slow),
        *(
            pytest.param(state, marks=pytest.mark.soak)
            for state in (who.CHANGES, who.APPROVED, who.REJECTED, who.PUBLISHED)
        ),
    ],
)
def test_no_token_is_shown_without_a_right(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any, state: str
) -> None:
    canary = Canary(app, db, make, sign_in, state)
    found, shown = canary.crawl(PRINCIPALS)
    hidden = set(canary.tokens) - shown - {kind + twin for kind in NEVER for twin in ("", TWIN)}
    assert {kind for kind in hidden if readers(kind, state) and not _is_idle(kind, state)} == set()
    assert not found, "\n".join(found)


def _is_idle(kind: str, state: str) -> bool:
    """What only its owner could read, and the pages have no place for in this state."""
    if kind.startswith("name of reserve"):  # who is next in line is shown while one may be needed
        return state != who.IN_REVIEW
    return kind.startswith(("organisation of ", "email of ", "name of suspended"))
