"""Pages about submissions: suggesting, following, questions, and an editor's first look."""

from reviewhub.submissions.views import messages, screening, suggesting, tracking, uploading
from reviewhub.submissions.views.blueprint import bp

__all__ = ["bp", "messages", "screening", "suggesting", "tracking", "uploading"]
