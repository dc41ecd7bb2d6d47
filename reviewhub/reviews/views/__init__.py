"""Pages about reviews: an editor's decisions, and a reviewer's assignment."""

from reviewhub.reviews.views import assignments, decisions
from reviewhub.reviews.views.blueprint import bp

__all__ = ["assignments", "bp", "decisions"]
