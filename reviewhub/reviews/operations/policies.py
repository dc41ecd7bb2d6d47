"""New versions of the review policy: from the hub's data, or changed on the page."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from reviewhub.audit.operations import record
from reviewhub.core.db import db
from reviewhub.reviews.models import ReviewPolicy
from reviewhub.reviews.queries import latest_policy
from reviewhub.reviews.rules import Rules
from reviewhub.taxonomy.operations import set_policy
from reviewhub.taxonomy.policies import check_policy
from reviewhub.taxonomy.queries import catalogue


def adopt_policy(rules: Mapping[str, Any], *, by: int | None = None) -> ReviewPolicy:
    """Make these the rules for items whose review starts from now on; the same ones change nothing.

    Raises InvalidInput when they can't be used.
    """
    Rules.read(rules)
    latest = latest_policy()
    if latest is not None and latest.rules == dict(rules):
        return latest
    number = (db.session.scalar(sa.select(sa.func.max(ReviewPolicy.number))) or 0) + 1
    policy = ReviewPolicy(number=number, rules=dict(rules), created_by_id=by)
    db.session.add(policy)
    db.session.flush()
    record(policy, "adopt_policy", actor_id=by, role="editor" if by else "system", number=number)
    return policy


def check(changes: Mapping[str, Any]) -> None:
    """Raise InvalidInput, naming the rule, if the policy couldn't be used with these changes."""
    rules = {**catalogue().policy, **changes}
    Rules.read(rules)
    check_policy(rules)


def change_policy(changes: Mapping[str, Any], *, by: int) -> ReviewPolicy:
    """Change some rules of the policy in force; open items finish under theirs.

    Raises InvalidInput, naming the rule, when the result can't be used.
    """
    check(changes)
    rules = {**catalogue().policy, **changes}
    set_policy(rules)
    return adopt_policy(rules, by=by)
