"""A random token stands in every hidden field, and on no page of anybody who has no right to it."""

from typing import Any

import pytest
from flask import Flask

from reviewhub.submissions.workflow import State
from tests.permissions import expected as who
from tests.permissions.asking import Asker
from tests.permissions.crawling import Crawler, leaks
from tests.permissions.principals import PRINCIPALS, House
from tests.permissions.readers import NEVER, TWIN, Tokens, readers


class Canary:
    """One house full of tokens."""

    def __init__(
        self, app: Flask, db: Any, make: Any, sign_in: Any, state: str, anonymity: str = "single"
    ) -> None:
        self.tokens = Tokens()
        self.state, self.anonymity = state, anonymity
        house = House(make, State(state), self.tokens, anonymity=anonymity)
        self.crawler = Crawler(Asker(app, db, house, sign_in))

    def crawl(self, principals: Any) -> tuple[list[str], set[str]]:
        """What leaked, and which kinds somebody was shown."""
        found, shown = [], set()
        for principal in principals:
            pages = self.crawler.pages(principal)
            text = "\n".join(pages.values()).casefold()
            shown |= {kind for kind, token in self.tokens.items() if token in text}
            leaked = leaks(
                pages,
                self.tokens,
                lambda kind, p=principal: p in readers(kind, self.state, self.anonymity),
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
        pytest.param(who.IN_REVIEW, marks=[pytest.mark.soak, pytest.mark.cells]),
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


@pytest.mark.slow
def test_where_identities_are_visible_each_side_learns_the_other_and_nobody_else_does(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    canary = Canary(app, db, make, sign_in, who.REJECTED, anonymity="visible")
    sides = ["submitter_by_link", "sent_by_link"]
    found, shown = canary.crawl([*sides, "anonymous", "applicant_by_link", "declined_by_link"])
    assert not found, "\n".join(found)
    assert {"name of sent", "name of reviewing_editor"} <= shown
    hidden = {"comment to the editor by reviewing_editor", "name of invited", "name of recused"}
    assert not hidden & shown


@pytest.mark.slow
def test_where_identities_are_visible_a_reviewer_learns_who_suggested_it_after_declaring(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    canary = Canary(app, db, make, sign_in, who.IN_REVIEW, anonymity="visible")
    found, shown = canary.crawl(["invited_by_link", "submitter_by_link"])
    assert not found, "\n".join(found)
    assert "name of sent" not in shown, "the submitter learns it with the decision"
    found, shown = canary.crawl(["accepted_by_link"])
    assert not found, "\n".join(found)
    assert "name of submitter" in shown


def _is_idle(kind: str, state: str) -> bool:
    """What only its owner could read, and the pages have no place for in this state."""
    if kind.startswith("upload name"):  # what is on its way stands in a form that is still open
        return state != who.CHANGES
    # Who is next in line, and what reviewers ask, stands on the page of an open panel.
    asked = ("question of a reviewer", "question that was answered", "reply to the panel")
    if kind.startswith(("name of reserve", *asked)):
        return state != who.IN_REVIEW
    return kind.startswith(
        ("organisation of ", "email of ", "name of suspended", "name of half_way")
    )
