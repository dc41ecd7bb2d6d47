"""Pages about oneself: signing in, the account, notices, the language."""

from reviewhub.accounts.views import account, notices, registering, second_factor, signing_in
from reviewhub.accounts.views.blueprint import bp

__all__ = ["account", "bp", "notices", "registering", "second_factor", "signing_in"]
