"""Pages of the roster: applying and deciding, and the membership that follows."""

from reviewhub.roster.views import applications, decisions, imports, members, profiles
from reviewhub.roster.views.blueprint import bp

__all__ = ["applications", "bp", "decisions", "imports", "members", "profiles"]
