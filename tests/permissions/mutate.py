"""Makes the policies wrong, one answer at a time: each time a test of this folder has to notice.

A mutant that survives is a rule that no test knows. Run by hand, since it takes many minutes:
`pytest tests/permissions/mutate.py`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from reviewhub.accounts.access import PUBLIC
from reviewhub.accounts.roles import Role
from reviewhub.admin import sight
from reviewhub.library import policy as library
from reviewhub.reviews import policy as reviews
from reviewhub.roster import policy as roster
from reviewhub.submissions import policy as submissions
from reviewhub.submissions.workflow import State
from tests.permissions import expected
from tests.permissions.asking import Asker
from tests.permissions.expected import IN_EVERY_STATE, IN_ONE_STATE, ON_THE_SHELF, TABLE
from tests.permissions.principals import House
from tests.permissions.test_canary import Canary
from tests.permissions.test_matrix import differences


def always(value: Any) -> Callable[..., Any]:
    """A policy that gives everybody the same answer."""
    return lambda *_args, **_kwargs: value


EVERYTHING = sa.literal(True)
MUTANTS: tuple[tuple[Any, str, Any], ...] = (
    (submissions, "is_submitter", True),
    (submissions, "is_submitter", False),
    (submissions, "may_see", True),
    (submissions, "may_see", False),
    (submissions, "may_refile", True),
    (submissions, "may_refile", False),
    (submissions, "roles_towards", frozenset({Role.EDITOR})),
    (submissions, "roles_towards", frozenset({Role.SUBMITTER})),
    (submissions, "roles_towards", frozenset()),
    (reviews, "is_compromised", True),
    (reviews, "may_see_review_process", True),
    (reviews, "is_reviewer", True),
    (reviews, "is_reviewer", False),
    (reviews, "may_read_item", True),
    (reviews, "may_read_item", False),
    (reviews, "may_see_others", True),
    (reviews, "_is_conflicted", False),
    (roster, "is_applicant", True),
    (roster, "is_applicant", False),
    (roster, "may_see", True),
    (roster, "may_see", False),
    (roster, "may_see_member", True),
    (roster, "is_member", True),
    (roster, "is_member", False),
    (roster, "roles_towards", frozenset({Role.ROSTER_MANAGER})),
    (roster, "roles_of_member", frozenset({Role.ROSTER_MANAGER})),
    (library, "may_change", True),
    (library, "roles_towards", frozenset({Role.EDITOR})),
    (sight, "items_of", frozenset()),
    (sight, "shown_events", EVERYTHING),
    (sight, "shown_messages", EVERYTHING),
)


@contextmanager
def mutated(module: Any, name: str, value: Any) -> Iterator[None]:
    """The function answers `value` wherever it was imported to."""
    original, wrong = getattr(module, name), always(value)
    places = [
        (place, key)
        for place in list(sys.modules.values())
        if getattr(place, "__name__", "").startswith("reviewhub")
        for key, held in vars(place).items()
        if held is original
    ]
    for place, key in places:
        setattr(place, key, wrong)
    try:
        yield
    finally:
        for place, key in places:
            setattr(place, key, original)


def noticed(app: Flask, db: Any, make: Any, sign_in: Any, endpoints: Any = None) -> str:
    """The first difference to the table or the first leak; nothing where there is none."""
    plan = (
        (State.IN_REVIEW, IN_ONE_STATE), (State.IN_REVIEW, IN_EVERY_STATE),
        (State.DRAFT, IN_EVERY_STATE), (State.PUBLISHED, ON_THE_SHELF),
        (State.SUBMITTED, IN_EVERY_STATE),
    )  # fmt: skip
    for state, known in plan:
        asked = [name for name in known if endpoints is None or name in endpoints]
        for found in _differences(app, db, make, sign_in, state, asked):
            return found
    if endpoints is not None:
        return ""
    with undone(db, make):
        canary = Canary(app, db, make, sign_in, expected.IN_REVIEW)
        curious = ["reviewing_editor", "conflicted_editor", "submitting_editor", "sent", "accepted"]
        leaked, _shown = canary.crawl(curious)
        return leaked[0] if leaked else ""


def _differences(
    app: Flask, db: Any, make: Any, sign_in: Any, state: State, asked: list[str]
) -> Iterator[str]:
    with undone(db, make):
        asker = Asker(app, db, House(make, state), sign_in)
        first = next(differences(asker, dict.fromkeys(asked), sampled=False), None)
    return iter([first] if first else [])


@contextmanager
def undone(db: Any, make: Any) -> Iterator[None]:
    """What the block writes is taken back."""
    db.rollback()
    point = db.get_bind().begin_nested()
    try:
        yield
    finally:
        db.rollback()
        point.rollback()
        db.expunge_all()
        make.numbers = type(make.numbers)(1)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    MUTANTS,
    ids=[f"{m.__name__.split('.')[1]}.{name}={value}" for m, name, value in MUTANTS],
)
def test_a_policy_that_is_wrong_is_noticed(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any, module: Any, name: str, value: Any
) -> None:
    with mutated(module, name, value):
        assert noticed(app, db, make, sign_in), "no test of this folder notices"


GUARDED = sorted(name for name, rule in TABLE.items() if rule is not expected.everybody)


@pytest.mark.parametrize("endpoint", GUARDED)
def test_a_route_that_lets_everybody_in_is_noticed(
    app: Flask, db: Any, clock: Any, make: Any, sign_in: Any, monkeypatch: Any, endpoint: str
) -> None:
    view = app.view_functions[endpoint]
    if PUBLIC in view.allowed:  # type: ignore[attr-defined]  # set by allow()
        pytest.skip("open to everybody; what it is about is looked at inside")
    if not view.allowed - {"by_object"}:  # type: ignore[attr-defined]
        pytest.skip("the policy is what guards it")
    monkeypatch.setattr(view, "allowed", frozenset({PUBLIC}))
    try:
        found = noticed(app, db, make, sign_in, {endpoint})
    except AssertionError:  # the view counts on an account
        return
    assert found, "no test of this folder notices"
