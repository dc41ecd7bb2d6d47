"""Pages about reviews: an editor's decisions, a reviewer's assignment, the policy."""

import reviewhub.reviews.histories  # noqa: F401 -- it tells the submitter's page the way of an item
from reviewhub.reviews.views import (
    assignments,
    choosing,
    decisions,
    load_book,
    panels,
    policies,
    questions,
    reaching,
    recording,
    records,
    signing,
    writing,
)
from reviewhub.reviews.views.blueprint import bp

__all__ = [
    "assignments",
    "bp",
    "choosing",
    "decisions",
    "load_book",
    "panels",
    "policies",
    "questions",
    "reaching",
    "recording",
    "records",
    "signing",
    "writing",
]
