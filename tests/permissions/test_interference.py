"""Two hubs that differ only in what is hidden answer anonymous readers and submitters alike.

The second world holds other reviewers, other words in their reviews, other notes; what the
decision rests on is the same. Whatever differs in an answer is a way to learn what is hidden.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from reviewhub.submissions.workflow import State
from tests.permissions.asking import Asker
from tests.permissions.crawling import Crawler, normal
from tests.permissions.principals import House, plain
from tests.permissions.readers import IN_THE_LIST

BLIND = ("anonymous", "registered", "submitter", "submitter_by_link")
# What these four may know; everything else differs between the two worlds.
KNOWN = (
    "submitter",
    "registered",
    "title",
    "publisher",
    "why useful",
    "changes wanted",
    "released comment",
    "question",
    "answer",
    "description",
    "response note",
    "file name",
    "upload name",
    "in the invitation",  # it is for the one who is registered
    *IN_THE_LIST,
)


# What counts these very requests, and what opens to whoever was handed its code.
APART = ("/metrics", "/receipts/")


def other(kind: str) -> str:
    """The words of the second world: longer, and others, wherever they are hidden."""
    if kind.startswith("text of the decision") or kind.endswith(KNOWN):
        return plain(kind)
    if any(kind.removesuffix(" of the twin") == known for known in KNOWN):
        return plain(kind)
    return f"unlike{plain(kind)}altogether"


@pytest.mark.skipif(
    os.environ.get("REVIEWHUB_TEST_DATABASE") == "postgresql",
    reason="its sequences do not go back, so the second world has other ids",
)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "anonymity"),
    [
        (State.IN_REVIEW, "single"),
        (State.PUBLISHED, "single"),
        pytest.param(State.REJECTED, "double", marks=pytest.mark.soak),
    ],
)
def test_what_is_hidden_changes_no_byte(
    app: Flask,
    db: scoped_session[Session],
    clock: Any,
    make: Any,
    sign_in: Any,
    state: State,
    anonymity: str,
) -> None:
    worlds = []
    for words in (plain, other):
        point = db.get_bind().begin_nested()
        house = House(make, state, words, anonymity=anonymity)
        worlds.append(_answers(app, db, house, sign_in, words))
        db.rollback()
        point.rollback()
        db.expunge_all()
        make.numbers = type(make.numbers)(1)
    one, two = worlds
    assert one.keys() == two.keys()
    different = [where for where in one if one[where] != two[where]]
    assert not different, f"{different[0]}: {_first_difference(one, two, different[0])}"


def _answers(
    app: Flask,
    db: scoped_session[Session],
    house: House,
    sign_in: Any,
    words: Callable[[str], str],
) -> dict[tuple[str, str], str]:
    crawler = Crawler(Asker(app, db, house, sign_in))
    desk = sign_in(house.person["admin"]).get(f"/desk/submissions/{house.item.submission.ref}")
    assert (words is other) == ("altogether" in desk.text)  # there is something to interfere
    return {
        (principal, address): normal(text)
        for principal in BLIND
        for address, text in crawler.pages(principal).items()
        if not address.startswith(APART)
    }


def _first_difference(
    one: dict[tuple[str, str], str], two: dict[tuple[str, str], str], where: tuple[str, str]
) -> tuple[str, str]:
    pairs = zip(one[where].splitlines(), two[where].splitlines(), strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1]), ("one is", "longer"))
