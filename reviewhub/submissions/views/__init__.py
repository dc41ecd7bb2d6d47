"""Pages about submissions: suggesting, following, and an editor's first look."""

from reviewhub.submissions.views import screening, suggesting, tracking
from reviewhub.submissions.views.blueprint import bp

__all__ = ["bp", "screening", "suggesting", "tracking"]
