"""Checks that several verbs share."""

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.core.errors import NotAllowed
from reviewhub.core.i18n import _
from reviewhub.reviews.policy import roles_towards
from reviewhub.submissions.models import Submission


def refuse_compromised(submission: Submission, by: Actor) -> None:
    """Refuse an editor who suggested this item, reviewed it, or has a conflict with it."""
    if by.roles & {Role.SYSTEM, Role.PANEL}:
        return
    if Role.EDITOR in by.roles and Role.EDITOR not in roles_towards(by, submission):
        raise NotAllowed(
            _("You are involved in this item, so somebody else has to take this step.")
        )
