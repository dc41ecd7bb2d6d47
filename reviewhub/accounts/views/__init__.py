"""Pages about oneself: signing in, the account, notices, the language."""

from reviewhub.accounts.views import (
    account,
    addresses,
    mails,
    notices,
    providers,
    registering,
    second_factor,
    signing_in,
)
from reviewhub.accounts.views.blueprint import bp

__all__ = [
    "account", "addresses", "bp", "mails", "notices", "providers", "registering", "second_factor",
    "signing_in",
]  # fmt: skip
