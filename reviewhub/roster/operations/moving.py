"""Who acts on a membership, and how it moves through its workflow."""

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core.errors import NotAllowed
from reviewhub.core.i18n import _
from reviewhub.core.workflow import Move, Transition
from reviewhub.roster import policy
from reviewhub.roster.models import Membership


def role_in(membership: Membership, by: Actor) -> Role:
    """The one role in which this actor acts. Raises NotAllowed without one."""
    roles = policy.roles_of_member(by, membership)
    if not roles:
        raise NotAllowed(_("Only the member or a roster manager can do this."))
    return min(roles)


def move(transition: Transition, membership: Membership, by: Actor, note: str = "") -> Move:
    """Move the membership by this verb, and write it in the history."""
    moved = transition(membership, policy.roles_of_member(by, membership))
    record(membership, moved, actor_id=by.acting_person_id, note=note)
    return moved
