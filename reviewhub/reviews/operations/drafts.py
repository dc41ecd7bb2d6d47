"""The draft of a review: kept every few seconds, and never written over unseen.

A draft has a number, and remembers the open page that saved it last. A page that knows an older
number than the draft has is told so, unless it was that page itself, whose answer got lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews.models import Assignment, Review
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.taxonomy.queries import catalogue

WRITABLE = frozenset({A.ACCEPTED, A.RETURNED, A.SURPLUS})
LONGEST_TAB = 32


@dataclass(frozen=True)
class Seen:
    """What an open page knows: the draft's number when it was loaded or saved last, and itself."""

    version: int
    tab: str


class Overtaken(WrongState):
    """Another page has saved something else meanwhile; nothing was changed."""


def save(assignment: Assignment, *, answers: Mapping[str, Any], seen: Seen | None = None) -> Review:
    """Keep the answers so far as the draft.

    Raises Overtaken where a page that has not `seen` the present draft would write over it, and
    WrongState once nothing can be changed any more.
    """
    review = _locked(assignment)
    if not may_be_written(assignment):
        raise WrongState(_("This review can no longer be changed."))
    if review is None:
        review = Review(assignment=assignment, form_version=catalogue().version)
        db.session.add(review)
        db.session.flush()
    refuse_overtaken(review, answers, seen)
    if review.draft != dict(answers):
        review.draft = dict(answers)
        review.draft_version += 1
    review.draft_tab = seen.tab[:LONGEST_TAB] if seen else ""
    review.saved_at = clock.now()
    return review


def may_be_written(assignment: Assignment) -> bool:
    """Whether the reviewer can still write: not once a review that is not needed was sent."""
    review = assignment.review
    is_sent = review is not None and review.submitted_at is not None
    return assignment.state in WRITABLE and not (assignment.state is A.SURPLUS and is_sent)


def refuse_overtaken(review: Review, answers: Mapping[str, Any], seen: Seen | None) -> None:
    """Raise Overtaken where `seen` is older than the draft, and the answers are others."""
    if seen is None or seen.version == review.draft_version or review.draft == dict(answers):
        return
    if seen.tab and seen.tab == review.draft_tab:
        return
    raise Overtaken(
        _("This review was also written in another tab or on another device. Nothing was lost.")
    )


def _locked(assignment: Assignment) -> Review | None:
    """The review as it is now; nobody else saves it before this transaction ends."""
    db.session.execute(
        sa.select(Assignment.id).where(Assignment.id == assignment.id).with_for_update()
    )
    return db.session.scalar(
        sa.select(Review)
        .where(Review.assignment_id == assignment.id)
        .execution_options(populate_existing=True)
    )
