"""What the hub has already that an item to be screened may be the same as: for the editor's eye.

By the same address wherever it is, and by a similar title among what was suggested lately: an older
double by title is found by searching.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from reviewhub.core.db import db
from reviewhub.core.text import fold
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.duplicates import SIMILAR
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State

LATELY = 2_000  # suggestions
MOST_CANDIDATES = 200
MOST_SHOWN = 5
_ASIDE = (State.DRAFT, State.WITHDRAWN)


@dataclass(frozen=True)
class Likeness:
    """Another item or, with a `slug`, a resource of the library; `same_address` or so named."""

    title: str
    same_address: bool
    ref: str = ""
    state: str = ""
    slug: str = ""


def alike(submission: Submission) -> list[Likeness]:
    """What may be the same, the surest first; its own resource is left out."""
    year = (submission.published_on or "")[:4]
    given = {
        "id": submission.id, "after": submission.id - LATELY, "url_key": submission.url_key,
        "title": submission.title, "publisher": submission.publisher, "year": year + "%",
    }  # fmt: skip
    found = [_read(submission, row) for row in db.session.execute(_ALIKE, given)]
    same = {one.slug or one.ref: one for one in found if one.same_address}
    rest = [one for one in found if one.ref not in same and not one.same_address]
    best = process.extract(
        fold(submission.title), [fold(one.title) for one in rest],
        scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR, limit=MOST_SHOWN,
    )  # fmt: skip
    return [*same.values(), *(rest[index] for _text, _score, index in best)]


def _read(submission: Submission, row: Any) -> Likeness:
    ref, title, state, slug, url_key = row
    return Likeness(title, bool(url_key) and url_key == submission.url_key, ref, state, slug)


def _by_address() -> sa.Select[Any]:
    found = _others().where(Submission.url_key == _given("url_key"), Submission.url_key != "")
    return _at_most(MOST_SHOWN, found.order_by(Submission.url_key, Submission.id))


def _lately() -> sa.Select[Any]:
    """Of the same publisher or year, or by the very same title; all of them would be too many."""
    close = sa.or_(
        sa.func.lower(Submission.title) == sa.func.lower(_given("title")),
        sa.and_(Submission.publisher == _given("publisher"), Submission.publisher != ""),
        sa.and_(Submission.published_on.like(_given("year")), Submission.published_on != ""),
    )
    found = _others().where(Submission.id > sa.bindparam("after", type_=sa.Integer), close)
    return _at_most(MOST_CANDIDATES, found.order_by(Submission.id.desc()))


def _in_library() -> sa.Select[Any]:
    """Under the same address; what came from a suggestion is found as that."""
    # Not "is null": SQLite would go through all that came from no suggestion.
    nothing = sa.literal("")
    found = sa.select(
        nothing.label("ref"), Resource.title, nothing.label("state"), Resource.slug,
        Resource.url_key,
    ).where(
        Resource.url_key == _given("url_key"), Resource.url_key != "",
        Resource.state != ResourceState.REMOVED, sa.func.coalesce(Resource.submission_id, 0) == 0,
    )  # fmt: skip
    return _at_most(MOST_SHOWN, found.order_by(Resource.url_key, Resource.id))


def _given(name: str) -> sa.BindParameter[str]:
    return sa.bindparam(name, type_=sa.String)


def _others() -> Any:
    state = sa.cast(Submission.state, sa.String).label("state")
    return sa.select(
        Submission.ref, Submission.title, state, sa.literal("").label("slug"), Submission.url_key
    ).where(Submission.id != sa.bindparam("id", type_=sa.Integer), Submission.state.not_in(_ASIDE))


def _at_most(number: int, query: Any) -> sa.Select[Any]:
    """As a query of its own, so that each part of the union has its limit."""
    return sa.select(query.limit(number).subquery())


# Written out once: to build it took longer than to send it.
_ALIKE = sa.union_all(_by_address(), _lately(), _in_library())
